/**
 * @module fisher/example-weights
 *
 * Weights of examples, ω ≥ 0 and known: the Fisher is Σ ωf / Σ ω, its error that of a ratio (stats/weighted-moments), label part
 * Σ ω²𝒱/K / (Σ ω)². A statistic of an example is homogeneous in its scores, so cotangents times √ω give ωf, ω²f², ω²𝒱, ω³μ3 by the
 * same graphs; only Σ ω·ωf is one sum more. Weights are divided by their mean, which changes nothing but keeps them near 1.
 */
import { FimError } from '../core/errors.js';
import type { FloatArray } from '../core/tensor.js';
import type { WeightSums } from '../stats/weighted-moments.js';
import type { ColumnSource } from './columns.js';

/** Weights by the index of an example in the data set [N], of mean 1 over those above 0. */
export type ExampleWeights = Float64Array;

/** What raw weights say: which examples count, and with what weight. */
export interface ReadWeights {
  /** null: those that count weigh the same. */
  readonly weights: ExampleWeights | null;
  /** Examples of weight above 0, by index [n]; null: all. */
  readonly among: Uint32Array | null;
}

/**
 * Checks the weights of N examples. Throws `data/example-weights` for a wrong length, a weight that is negative or not finite, and for
 * weights that are all 0.
 */
export function readExampleWeights(raw: ArrayLike<number>, N: number, where: string): ReadWeights {
  const refuse = (got: string, rule: string, cause?: string): FimError =>
    new FimError({
      code: 'data/example-weights',
      where,
      rule,
      got,
      ...(cause === undefined ? {} : { cause }),
      next: 'save one finite number of at least 0 for each example: np.savez(…, w=w)',
    });
  if (raw.length !== N)
    throw refuse(`${raw.length} weights`, `there is one weight for each of the ${N} examples`);
  let positive = 0;
  let largest = 0;
  let equal = true;
  let first = 0;
  for (let i = 0; i < N; i++) {
    const w = raw[i];
    if (!(w >= 0 && w < Infinity)) {
      throw refuse(`${w} for example ${i} (counting from 0)`, 'a weight is a finite number of at least 0');
    }
    if (w === 0) continue;
    if (positive === 0) first = w;
    equal &&= w === first;
    positive++;
    largest = Math.max(largest, w);
  }
  if (positive === 0) throw refuse('only zeros', 'some weight is above 0', 'all examples would be left out');
  const among = positive === N ? null : indicesOf(raw, positive);
  if (equal) return { weights: null, among };
  // By the largest first, so that neither their sum nor a quotient leaves the range.
  let mean = 0;
  for (let i = 0; i < N; i++) mean += raw[i] / largest / positive;
  return { weights: Float64Array.from(raw, (w) => w / largest / mean), among };
}

function indicesOf(raw: ArrayLike<number>, count: number): Uint32Array {
  const among = new Uint32Array(count);
  let at = 0;
  for (let i = 0; i < raw.length; i++) if (raw[i] > 0) among[at++] = i;
  return among;
}

/** The weights of a batch [n], with their sums. */
export interface BatchWeights extends WeightSums {
  readonly data: Float64Array;
}

export function batchWeights(weights: ExampleWeights, indices: ArrayLike<number>, n: number): BatchWeights {
  const data = new Float64Array(n);
  let count = 0;
  let sum = 0;
  let squares = 0;
  for (let e = 0; e < n; e++) {
    const w = weights[indices[e]];
    data[e] = w;
    if (w > 0) count++;
    sum += w;
    squares += w * w;
  }
  return { data, count, sum, squares };
}

/** The same columns, each example's cotangents times the root of its weight. */
export function weightedColumns(source: ColumnSource, weights: ExampleWeights): ColumnSource {
  return {
    ...source,
    fill(batch, span, ct, w) {
      source.fill(batch, span, ct, w);
      scaleRows(ct, batch.h.n, span.count * batch.h.T, (e) => Math.sqrt(weights[batch.indices[e]]));
    },
    weights(batch, o) {
      for (let e = 0; e < batch.h.n; e++) o[e] = weights[batch.indices[e]];
    },
  };
}

/** Row e of [n, size] times factor(e). */
export function scaleRows(x: FloatArray, n: number, size: number, factor: (e: number) => number): void {
  for (let e = 0; e < n; e++) {
    const f = factor(e);
    for (let i = e * size; i < (e + 1) * size; i++) x[i] *= f;
  }
}
