/**
 * @module core/suggest
 *
 * "Did you mean": the nearest of the allowed names by edit distance.
 */

/** Levenshtein distance. */
export function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[b.length];
}

/** The nearest name if it is near enough to be a slip. */
export function nearest(word: string, names: readonly string[]): string | null {
  let best: string | null = null;
  let distance = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const name of names) {
    const d = editDistance(word.toLowerCase(), name.toLowerCase());
    if (d < distance) [best, distance] = [name, d];
  }
  return best;
}

/** `{ next }` of a complaint, or nothing where no name is near. */
export function didYouMean(word: string, names: readonly string[]): { next?: string } {
  const name = nearest(word, names);
  return name === null ? {} : { next: `did you mean "${name}"?` };
}
