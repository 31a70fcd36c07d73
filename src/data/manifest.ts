/**
 * @module data/manifest
 *
 * The manifest of a result file, which says how it was made: likelihood, σ², estimator, n, K, scale, population, seed, hashes.
 * Here it is JSON and nothing more; the floors above decide its fields.
 */
import { FimError } from '../core/errors.js';
import { parseJson } from '../core/json.js';

/** Plain data in a result file: how its numbers were made. */
export type Manifest = Readonly<Record<string, unknown>>;

/** Reads a manifest. Throws `manifest/json` unless the text is one JSON object. */
export function parseManifest(text: string, where: string): Manifest {
  let value: unknown;
  try {
    value = parseJson(text);
  } catch {
    value = undefined;
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Manifest;
  throw new FimError({
    code: 'manifest/json',
    where,
    rule: 'the manifest must be a JSON object',
    got: JSON.stringify(text.slice(0, 80)),
    cause: 'another program changed it',
    next: 'run the command that wrote the file again',
  });
}
