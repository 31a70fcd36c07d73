/**
 * @module jobs/watched
 *
 * Source of examples that tells how far it was gone through: work that takes its examples from one needs no progress of its own.
 */
import type { ExampleSource } from '../fisher/index.js';

/** The same examples; `onShare` hears the share of `examples` that was taken when the next are asked for, from 0 for each time through. */
export function watched(
  source: ExampleSource,
  examples: number,
  onShare: (share: number) => void,
): ExampleSource {
  return function* (batch, dtype) {
    let taken = 0;
    for (const visited of source(batch, dtype)) {
      yield visited;
      taken += visited.n;
      onShare(Math.min(1, taken / examples));
    }
  };
}
