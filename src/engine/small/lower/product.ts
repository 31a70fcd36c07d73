/**
 * @module engine/small/lower/product
 *
 * Walks through a stack of matrix products. Where the stack and the rows of A and C are walked through in one go and B is the
 * same for all, the whole stack is one product; otherwise there is one for each position of what is left of the stack.
 */
import type { Dim } from '../../../graph/dims.js';
import { atLeast, type Axes, coalesce, split, stretch } from '../axes.js';
import type { Place, Site } from './types.js';

/** How a product is walked through: the stack, then the rows; operands C, A, B. */
export interface Product {
  /** The stack, without axes that are rows. */
  readonly stack: Axes;
  readonly m: Dim;
  readonly n: Dim;
  readonly k: Dim;
  /** Strides along rows and columns. */
  readonly a: readonly [Dim, Dim];
  readonly b: readonly [Dim, Dim];
}

export function productOf({ y, xs }: Site): Product {
  const [a, b] = xs;
  const last = (p: Place, from: number) => p.strides[p.strides.length - from];
  const stackOf = (p: Place) => stretch(p.shape.slice(0, -2), p.strides.slice(0, -2), y.shape.slice(0, -2));
  const joined = coalesce({
    dims: y.shape.slice(0, -1),
    strides: [y.strides.slice(0, -1), [...stackOf(a), last(a, 2)], [...stackOf(b), 0]],
  });
  // The innermost axis is one of rows if B stands still along it; where the product has one row it may be a stack axis.
  const [, , bs] = joined.strides;
  const hasRows = joined.dims.length > 0 && bs[bs.length - 1] === 0;
  const [outer, inner] = split(atLeast(1, joined), hasRows || joined.dims.length === 0 ? 1 : 0);
  return {
    stack: outer,
    m: hasRows ? inner.dims[0] : 1,
    n: y.shape[y.shape.length - 1],
    k: a.shape[a.shape.length - 1],
    a: [hasRows ? inner.strides[1][0] : last(a, 2), last(a, 1)],
    b: [last(b, 2), last(b, 1)],
  };
}
