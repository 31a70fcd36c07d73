/**
 * @module disk/version
 *
 * The version of the package that runs, from the package.json above its files, wherever they were built to.
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { invariant } from '../core/errors.js';

let known: string | null = null;

/** `0.1.0`. */
export function packageVersion(): string {
  known ??= versionAbove(dirname(fileURLToPath(import.meta.url)));
  return known;
}

function versionAbove(folder: string): string {
  const said = packageAt(folder);
  if (said?.name === 'fim' && typeof said.version === 'string') return said.version;
  invariant(dirname(folder) !== folder, 'the package', 'has a package.json above its files');
  return versionAbove(dirname(folder));
}

function packageAt(folder: string): { readonly name?: unknown; readonly version?: unknown } | null {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { name?: unknown };
  } catch {
    return null;
  }
}
