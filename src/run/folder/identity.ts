/**
 * @module run/folder/identity
 *
 * Which run a folder or a checkpoint belongs to: environment, algorithm and all settings. A run goes on as itself or not at all.
 */
import { FimError } from '../../core/errors.js';
import type { Json } from '../points.js';
import { differences, hashOf, plain } from './plain.js';

/** Differences that a message names. */
const NAMED = 4;

export interface RunIdentity {
  readonly environment: string;
  readonly algorithm: string;
  /** All that the run's numbers depend on, as plain JSON. */
  readonly settings: Json;
  /** SHA-256 of the three above. */
  readonly configHash: string;
}

/** Throws `run/not-plain` for settings that JSON would change. */
export function identify(environment: string, algorithm: string, settings: object): RunIdentity {
  const values = { algorithm, environment, settings: plain(settings, 'settings') };
  return { ...values, configHash: hashOf(values) };
}

/** Throws `run/of-another`, which says what differs, unless `stored` is the run that is asked for. */
export function requireSame(stored: RunIdentity, asked: Partial<RunIdentity>, where: string): void {
  const keys = (['environment', 'algorithm', 'settings'] as const).filter((key) => asked[key] !== undefined);
  const pick = (from: Partial<RunIdentity>) => Object.fromEntries(keys.map((key) => [key, from[key]]));
  const found = differences(pick(stored), pick(asked));
  const { configHash } = asked;
  if (found.length === 0 && (configHash === undefined || configHash === stored.configHash)) return;
  const hashes = `configHash: ${stored.configHash} where ${configHash ?? 'none'} is asked`;
  const shown = found.slice(0, NAMED).join('; ') || hashes;
  throw new FimError({
    code: 'run/of-another',
    kind: 'usage',
    where,
    rule: 'it belongs to a run of another environment, algorithm or configuration; nothing in it was changed',
    got: found.length > NAMED ? `${shown}; and ${found.length - NAMED} more` : shown,
    next: 'name another --out folder, or ask for the same again',
  });
}
