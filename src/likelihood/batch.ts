/**
 * @module likelihood/batch
 *
 * Small makers of the batch types, and the one check of their sizes.
 */
import { FimError, invariant } from '../core/errors.js';
import { UniformStream } from '../core/random.js';
import type { FloatArray } from '../core/tensor.js';
import type { Draws, Labels, Likelihood, Outputs, Span } from './types.js';

/** Wraps h [n, T]. Throws `likelihood/not-finite`, naming the row. */
export function outputs(data: FloatArray, n: number, T: number): Outputs {
  invariant(data.length >= n * T, 'outputs', `h [${n}, ${T}] needs ${n * T} elements, not ${data.length}`);
  for (let i = 0; i < n * T; i++) {
    if (Number.isFinite(data[i])) continue;
    throw new FimError({
      code: 'likelihood/not-finite',
      where: `network output ${i % T} of row ${Math.floor(i / T)} in a batch of ${n}`,
      rule: 'the outputs of a network are finite numbers',
      got: String(data[i]),
      cause: 'NaN or huge weights or inputs, or an overflow in this precision',
      next: "`dtype: 'float64'`, and look at the scale of the inputs",
    });
  }
  return { data, n, T };
}

/** Room for `count` labels per row. */
export function makeLabels(
  likelihood: Pick<Likelihood, 'labelWidth'>,
  n: number,
  T: number,
  count: number,
): Labels {
  const width = likelihood.labelWidth(T);
  return { data: new Float64Array(n * count * width), count, width };
}

/** The labels of the rows `indices`, in that order. */
export function takeLabels(labels: Labels, indices: ArrayLike<number>): Labels {
  const size = labels.count * labels.width;
  const data = new Float64Array(indices.length * size);
  for (let i = 0; i < indices.length; i++) {
    for (let j = 0; j < size; j++) data[i * size + j] = labels.data[indices[i] * size + j];
  }
  return { ...labels, data };
}

/**
 * Draws `from`…`from`+count−1 of the given examples.
 * @throws FimError with `random/seed`
 */
export function draws(
  seed: number,
  stream: string,
  examples: ArrayLike<number>,
  occurrences: ArrayLike<number> | null,
  count: number,
  from = 0,
): Draws {
  return { stream: new UniformStream(seed, stream), examples, occurrences, from, count };
}

/** The whole span of K columns. */
export function wholeSpan(K: number): Span {
  return { from: 0, count: K };
}

/** Checks that an output array holds `needed` elements. */
export function room(out: { readonly length: number }, needed: number, where: string): void {
  invariant(out.length >= needed, where, `writes ${needed} elements, the array has ${out.length}`);
}
