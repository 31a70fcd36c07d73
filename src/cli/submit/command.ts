/**
 * @module cli/submit/command
 *
 * The words that start this very fim in another process, by absolute paths.
 */
import { fileURLToPath } from 'node:url';
import { quote } from '../../core/shell.js';

/** Program and entry; from the sources, the repository's build. */
export function ownCommand(): string[] {
  const entry = import.meta.url.endsWith('.ts') ? '../../../dist/cli/main.js' : '../main.js';
  return [process.execPath, fileURLToPath(new URL(entry, import.meta.url))];
}

/** For a shell. */
export const ownLine = (...words: readonly string[]): string =>
  [...ownCommand(), ...words].map(quote).join(' ');
