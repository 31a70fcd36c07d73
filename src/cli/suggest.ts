/**
 * @module cli/suggest
 *
 * The word that was probably meant: smallest Damerau–Levenshtein distance (insertion, deletion, substitution, swap of
 * neighbours; the restricted form, where no substring is edited twice), if that is at most a third of the word's length.
 * Cost: product of the lengths.
 */

/** Edits that turn `a` into `b`. */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, beforeLast[j - 2] + 1);
      row.push(best);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length];
}

/** The nearest of `candidates`, or undefined where none is near. A word that begins one of them counts as near. */
export function suggest(word: string, candidates: readonly string[]): string | undefined {
  const lower = word.toLowerCase();
  let best: string | undefined;
  let bestDistance = Infinity;
  for (const candidate of candidates) {
    const d = editDistance(lower, candidate.toLowerCase());
    if (d < bestDistance) [best, bestDistance] = [candidate, d];
  }
  if (best !== undefined && bestDistance <= Math.max(1, Math.floor(Math.max(word.length, best.length) / 3)))
    return best;
  const begun = candidates.filter((candidate) => word.length >= 3 && candidate.startsWith(lower));
  return begun.length === 1 ? begun[0] : undefined;
}
