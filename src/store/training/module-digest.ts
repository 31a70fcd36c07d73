/**
 * @module store/training/module-digest
 *
 * Digest of a module of the user's: SHA-256 of its text and of every file that it leads to by a relative path, as far as its text says so.
 * Followed are `import … from './x'`, `export … from './x'`, `import('./x')`, `require('./x')` and `new URL('./x', import.meta.url)`;
 * packages and paths that are computed are not.
 */
import { dirname, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readBytes, sha256 } from '../../disk/files.js';
import { exists, isFolder } from '../../disk/paths.js';
import type { ModuleIdentity } from '../../rl/registration.js';

/** A relative path, or a file's address, in the places where a module names another file. */
const LEADS = [
  /\b(?:import|export)\b[^'"`;]*?\bfrom\s*(['"])(\.{1,2}\/[^'"]+|\/[^'"]+|file:[^'"]+)\1/g,
  /\bimport\s*(['"])(\.{1,2}\/[^'"]+|\/[^'"]+|file:[^'"]+)\1/g,
  /\b(?:import|require)\s*\(\s*(['"`])(\.{1,2}\/[^'"`$]+|\/[^'"`$]+|file:[^'"`$]+)\1/g,
  /\bnew\s+URL\s*\(\s*(['"`])([^'"`$:]+)\1\s*,\s*import\.meta\.url\s*\)/g,
];
/** What may be left out at the end of a required path. */
const ENDINGS = ['', '.js', '.cjs', '.mjs', '.json', '.ts', '/index.js'];

/** Throws `file/…` for a module that is not there. */
export function moduleIdentity(path: string): ModuleIdentity {
  const root = resolve(path);
  const bytes = readBytes(root);
  const imports = new Map<string, string>();
  follow(root, bytes, dirname(root), imports);
  imports.delete(slashed(relative(dirname(root), root)));
  return {
    path: slashed(relative(process.cwd(), root)),
    sha256: sha256(bytes),
    ...(imports.size === 0
      ? {}
      : { imports: Object.fromEntries([...imports].sort(([a], [b]) => (a < b ? -1 : 1))) }),
  };
}

/** Adds the files that `bytes`, the text of `file`, leads to, by their paths from `from`. */
function follow(file: string, bytes: Uint8Array, from: string, found: Map<string, string>): void {
  const name = slashed(relative(from, file));
  if (found.has(name)) return;
  found.set(name, sha256(bytes));
  if (!/\.[cm]?[jt]sx?$/.test(file)) return;
  const text = new TextDecoder().decode(bytes);
  for (const pattern of LEADS) {
    for (const [, , target] of text.matchAll(pattern)) {
      const at = target.startsWith('file:')
        ? fileURLToPath(target)
        : resolve(dirname(file), target.replace(/[?#].*$/, ''));
      const there = ENDINGS.map((ending) => `${at}${ending}`).find((f) => exists(f) && !isFolder(f));
      if (there !== undefined) follow(there, readBytes(there), from, found);
    }
  }
}

const slashed = (path: string): string => path.split(sep).join('/');
