/**
 * @module core/shell
 *
 * Words as a shell reads them back: quoted where they have to be, control characters in the form `$'…'` that bash, zsh and ksh know, so that a name
 * out of a file is a name in a pasted line and no command.
 */
import { visible } from './visible.js';

/** One word of a line of a shell. */
export function quote(word: string): string {
  if (visible(word) !== word) return `$'${coded(word)}'`;
  return /^[A-Za-z0-9_@%+=:,./σ²-]+$/u.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

const coded = (word: string): string =>
  visible(word.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n'));

/** `python3 -c` and a program in which names of files and columns stand as strings. */
export function python(code: readonly string[], ...names: readonly string[]): string {
  const filled = (literal: (name: string) => string): string =>
    code.map((part, i) => (i < names.length ? part + literal(names[i]) : part)).join('');
  if (names.every((name) => quote(name) === name)) return `python3 -c "${filled((name) => `'${name}'`)}"`;
  return `python3 -c ${quote(filled((name) => JSON.stringify(name)))}`;
}
