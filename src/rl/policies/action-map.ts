/**
 * @module rl/policies/action-map
 *
 * The affine map of −1 … 1 onto a Box, for policies that begin at mean 0 with σ about 1 whatever the units of an action are:
 *
 *   a_i = c_i + s_i u_i,   c = (low + high)/2,   s = (high − low)/2        where both bounds are finite; else c_i = 0, s_i = 1
 *
 * u is what is drawn, kept and scored; a, clipped to the Box, is what the environment gets. For means and log σ of u the distribution of
 * a has c + s·mean and log σ + log s, so a network over a carries the map in its last operations.
 */
import { type FloatType, tensor } from '../../core/tensor.js';
import { constant, ops as b, type Value } from '../../graph/index.js';
import type { BoxSpace } from '../types.js';

export interface ActionMap {
  readonly centre: Float64Array;
  readonly scale: Float64Array;
}

export function actionMap({ size, low, high }: BoxSpace): ActionMap {
  const centre = new Float64Array(size);
  const scale = new Float64Array(size).fill(1);
  for (let i = 0; i < size; i++) {
    const half = high[i] / 2 - low[i] / 2;
    if (!Number.isFinite(half) || half === 0) continue;
    centre[i] = low[i] / 2 + high[i] / 2;
    scale[i] = half;
  }
  return { centre, scale };
}

/** Maps `rows` drawn actions, u → a. */
export function applyMap({ centre, scale }: ActionMap, from: ArrayLike<number>, to: Float64Array): void {
  const size = centre.length;
  for (let at = 0; at < from.length; at++) to[at] = centre[at % size] + scale[at % size] * from[at];
}

/** h [N, 2m] of u (means, log σ) as that of a; an m-wide h is of means alone. */
export function mapOutputs({ centre, scale }: ActionMap, h: Value): Value {
  const dtype = h.dtype as FloatType;
  const m = centre.length;
  const scaled = h.shape[1] === 2 * m;
  const row = (means: Float64Array, scales: (i: number) => number): Value => {
    const data = [...means, ...(scaled ? Array.from({ length: m }, (_, i) => scales(i)) : [])];
    return constant(tensor(dtype, [data.length], data));
  };
  return b.add(
    b.mul(
      h,
      row(scale, () => 1),
    ),
    row(centre, (i) => Math.log(scale[i])),
  );
}
