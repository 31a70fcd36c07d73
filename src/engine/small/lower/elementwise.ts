/**
 * @module engine/small/lower/elementwise
 *
 * The axes of an elementwise function with broadcasting.
 */
import { type Axes, coalesce, stretch } from '../axes.js';
import type { Place } from './types.js';

/** Strides of y first, then of the operands. */
export function elementwiseAxes(y: Place, xs: readonly Place[]): Axes {
  return coalesce({
    dims: y.shape,
    strides: [y.strides, ...xs.map((x) => stretch(x.shape, x.strides, y.shape))],
  });
}
