/**
 * @module engine/small/lower/reduction
 *
 * The axes of a reduction: those that stay, with strides of y and x, and those that go, with the stride of x.
 */
import { type Axes, coalesce, contiguous } from '../axes.js';
import type { Site } from './types.js';

export interface Reduction {
  readonly kept: Axes;
  readonly reduced: Axes;
}

export function reductionOf({ xs: [x], attrs }: Site): Reduction {
  const axes = new Set(attrs.axes as readonly number[]);
  const all = x.shape.map((_, i) => i);
  const [keep, drop] = [all.filter((i) => !axes.has(i)), all.filter((i) => axes.has(i))];
  const dims = keep.map((i) => x.shape[i]);
  return {
    kept: coalesce({ dims, strides: [contiguous(dims), keep.map((i) => x.strides[i])] }),
    reduced: coalesce({ dims: drop.map((i) => x.shape[i]), strides: [drop.map((i) => x.strides[i])] }),
  };
}

/** The axes beside the one that a softmax runs along, with the stride of x (and of y, which lies alike). */
export function besideAxis({ xs: [x], attrs }: Site): Axes {
  const others = x.shape.map((_, i) => i).filter((i) => i !== attrs.axis);
  return coalesce({ dims: others.map((i) => x.shape[i]), strides: [others.map((i) => x.strides[i])] });
}
