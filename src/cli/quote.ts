/**
 * @module cli/quote
 *
 * A word as a shell reads it back: quoted where it has to be.
 */

export function quote(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./σ²-]+$/u.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
