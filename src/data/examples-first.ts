/**
 * @module data/examples-first
 *
 * An array with its examples moved to the first axis, where a network reads them along another: arrays may be as the network takes them,
 * [T, N, E], or examples first, as everywhere here. It asks where their lengths do not tell.
 */
import { FimError } from '../core/errors.js';
import { setting } from '../core/settings/reference.js';
import { allocate, sizeOf, type Tensor } from '../core/tensor.js';
import { shapeText } from './array-file.js';
import type { InputSpec } from './input-spec.js';

/** The array, examples first. Throws `data/two-readings`. */
export function examplesFirst(array: Tensor, spec: InputSpec, where: string): Tensor {
  const { axis = 0, shape, name } = spec;
  if (axis === 0 || shape === null) return array;
  const fits = (own: readonly number[]): boolean =>
    own.length === shape.length && shape.every((d, i) => d === null || d === own[i]);
  const asTaken = array.shape.length > axis && fits(array.shape.filter((_, i) => i !== axis));
  if (!asTaken) return array;
  if (fits(array.shape.slice(1)) && spec.said !== true) {
    throw new FimError({
      code: 'data/two-readings',
      kind: 'usage',
      where,
      rule: `has its examples along axis ${axis}, as the network's input ${name}, or along axis 0, and its lengths do not tell`,
      got: `${array.dtype} ${shapeText(array.shape)}`,
      next: `${setting('batchAxis', { [name]: axis })} if it is as the network takes it; else save np.moveaxis(a, 0, ${axis}) and say the same`,
    });
  }
  return moved(array, axis);
}

/** [p…, n, q…] → [n, p…, q…]. */
function moved(t: Tensor, axis: number): Tensor {
  const n = t.shape[axis];
  const outer = sizeOf(t.shape.slice(0, axis));
  const inner = sizeOf(t.shape.slice(axis + 1));
  const from = t.data as Float64Array;
  const data = allocate(t.dtype, from.length) as Float64Array;
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < n; i++) {
      const at = (o * n + i) * inner;
      data.set(from.subarray(at, at + inner), (i * outer + o) * inner);
    }
  }
  const shape = [n, ...t.shape.filter((_, i) => i !== axis)];
  return { dtype: t.dtype, shape, data };
}
