/**
 * @module cli/suggest
 *
 * The word that was probably meant: the nearest by edit distance, else the only one that begins with what was typed.
 */
import { nearest } from '../core/suggest.js';

/** One of `candidates`, or undefined where none is near. */
export function suggest(word: string, candidates: readonly string[]): string | undefined {
  const begun = candidates.filter(
    (candidate) => word.length >= 4 && candidate.startsWith(word.toLowerCase()),
  );
  return nearest(word, candidates) ?? (begun.length === 1 ? begun[0] : undefined);
}
