/**
 * @module engine/small/lower/matmul
 *
 * Matrix products over stacks. Where the stack and the rows of A and C are walked through in one go and B is the same for all, the
 * whole stack is one product; otherwise one call a matrix. A third operand, where there is one, is a bias added to every row.
 */
import type { Dim } from '../../../graph/dims.js';
import { at, atLeast, coalesce, Odometer, split, stretch } from '../axes.js';
import { matmul as loop } from '../loops/matmul.js';
import { type Lowering, type Place, reader, type Site, start } from './types.js';

/** How a product is walked through: the stack, then the rows; operands C, A, B. */
export interface Product {
  readonly walk: Odometer;
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
    walk: new Odometer(outer),
    m: hasRows ? inner.dims[0] : 1,
    n: y.shape[y.shape.length - 1],
    k: a.shape[a.shape.length - 1],
    a: [hasRows ? inner.strides[1][0] : last(a, 2), last(a, 1)],
    b: [last(b, 2), last(b, 1)],
  };
}

export const matmul: Lowering = (site) => {
  const { heap, y, xs } = site;
  const p = productOf(site);
  const bias = xs.length > 2 ? xs[2] : null;
  const data = reader(heap, y.dtype);
  const [co, ao, bo, so] = [start(y), start(xs[0]), start(xs[1]), bias ? start(bias) : 0];
  const { walk } = p;
  return (n) => {
    walk.reset(n);
    const d = data();
    const { offset } = walk;
    for (let t = walk.total; t > 0; t--, walk.next()) {
      loop(
        at(p.m, n),
        at(p.n, n),
        at(p.k, n),
        d,
        co + offset[0],
        d,
        ao + offset[1],
        at(p.a[0], n),
        at(p.a[1], n),
        d,
        bo + offset[2],
        at(p.b[0], n),
        at(p.b[1], n),
        bias ? d : null,
        so,
      );
    }
  };
};
