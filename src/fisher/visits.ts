/**
 * @module fisher/visits
 *
 * Visits with unequal probabilities, as an estimate takes them (theory (16.2), (16.5); data/weighted-visits makes the list): u_x = 1/(Nπ_x)
 * of every example that may be drawn, and which are taken once for certain. Cotangents carry √u, so that every statistic of an example
 * comes as that of its term y = uf by the same graphs; what a distribution's error takes besides, Σ uf² and Σ u𝒱, is the sum of the
 * statistics of y times 1/u.
 */
import type { FloatArray } from '../core/tensor.js';
import type { ColumnSource } from './columns.js';
import { scaleRows } from './example-weights.js';

/** The design of weighted visits, by the index of an example in the data set. */
export interface VisitDesign {
  /** N, the examples that could be visited. */
  readonly population: number;
  /** u_x of those that may be drawn, 1 of those taken; 0 of those that cannot be visited [indices]. */
  readonly weights: Float64Array;
  /** Whether an example is taken once [indices]. */
  readonly taken: Uint8Array;
}

/** Strata whose sums are kept apart. */
export const STRATA = { count: 2, taken: 0, drawn: 1 } as const;

/** T, how many are taken once. */
export const takenCount = ({ taken }: VisitDesign): number => taken.reduce((sum, x) => sum + x, 0);

/** The stratum of an example. */
export const stratumOf =
  ({ taken }: VisitDesign) =>
  (index: number): number =>
    taken[index] ? STRATA.taken : STRATA.drawn;

/** u of the examples of a batch [n]. */
export function visitWeights({ weights }: VisitDesign, indices: ArrayLike<number>, n: number): Float64Array {
  return Float64Array.from({ length: n }, (_, e) => weights[indices[e]]);
}

/** The same columns times √u; `weights` writes 1/u. */
export function visitColumns(source: ColumnSource, { weights }: VisitDesign): ColumnSource {
  return {
    ...source,
    fill(batch, span, ct, w) {
      source.fill(batch, span, ct, w);
      scaleRows(ct, batch.h.n, span.count * batch.h.T, (e) => Math.sqrt(weights[batch.indices[e]]));
    },
    weights(batch, o: FloatArray) {
      for (let e = 0; e < batch.h.n; e++) o[e] = 1 / weights[batch.indices[e]];
    },
  };
}
