/**
 * @module engine/small/lower/matmul
 *
 * Matrix products over stacks. Where the stack and the rows of A and C are walked through in one go and B is the same for all, the
 * whole stack is one product; otherwise one call a matrix. A third operand, where there is one, is a bias added to every row.
 */
import { bytesOf } from '../../../core/tensor.js';
import type { Dim } from '../../../graph/dims.js';
import { at, atLeast, coalesce, linear, Odometer, split, stretch } from '../axes.js';
import { matmul as loop } from '../loops/matmul.js';
import { kernelsOf, type Lowering, type Place, reader, type Site, start, type Step } from './types.js';

/** How a product is walked through: the stack, then the rows; operands C, A, B. */
export interface Product {
  readonly walk: Odometer;
  /** One matrix only. */
  readonly single: boolean;
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
    single: outer.dims.length === 0,
    m: hasRows ? inner.dims[0] : 1,
    n: y.shape[y.shape.length - 1],
    k: a.shape[a.shape.length - 1],
    a: [hasRows ? inner.strides[1][0] : last(a, 2), last(a, 1)],
    b: [last(b, 2), last(b, 1)],
  };
}

/** By plain loops. */
const loops: Lowering = (site) => {
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

/** By a kernel; null where an operand has no contiguous axis. */
function kernel(site: Site): Step | null {
  const kernels = kernelsOf(site, site.y.dtype);
  if (!kernels) return null;
  const { y, xs } = site;
  const p = productOf(site);
  const a = orientation(p.m, p.k, p.a);
  const b = orientation(p.k, p.n, p.b);
  if (!a || !b || (a.transposed && b.transposed)) return null;
  const gemm = a.transposed ? kernels.gemmTN : b.transposed ? kernels.gemmNT : kernels.gemmNN;
  const width = bytesOf(y.dtype);
  const [c, ap, bp] = [y.ptr, xs[0].ptr, xs[1].ptr];
  const bias = xs.length > 2 ? xs[2].ptr : 0;
  const [m0, m1] = linear(p.m);
  const [n0, n1] = linear(p.n);
  const [k0, k1] = linear(p.k);
  const [lda0, lda1] = linear(a.step);
  const [ldb0, ldb1] = linear(b.step);
  const { walk } = p;
  if (p.single) {
    return (n) =>
      gemm(
        c,
        ap,
        bp,
        m0 + m1 * n,
        n0 + n1 * n,
        k0 + k1 * n,
        n0 + n1 * n,
        lda0 + lda1 * n,
        ldb0 + ldb1 * n,
        bias,
        0,
      );
  }
  return (n) => {
    walk.reset(n);
    const { offset } = walk;
    const [m, cols, k, lda, ldb] = [m0 + m1 * n, n0 + n1 * n, k0 + k1 * n, lda0 + lda1 * n, ldb0 + ldb1 * n];
    for (let t = walk.total; t > 0; t--, walk.next())
      gemm(
        c + offset[0] * width,
        ap + offset[1] * width,
        bp + offset[2] * width,
        m,
        cols,
        k,
        cols,
        lda,
        ldb,
        bias,
        0,
      );
  };
}

/** How a rows × cols operand lies: rows, or columns, contiguous, and the elements from one to the next. */
function orientation(
  rows: Dim,
  cols: Dim,
  [r, c]: readonly [Dim, Dim],
): { transposed: boolean; step: Dim } | null {
  if (c === 1 || cols === 1) return { transposed: false, step: rows === 1 ? cols : r };
  if (r === 1 || rows === 1) return { transposed: true, step: c };
  return null;
}

export const matmul: Lowering = (site) => kernel(site) ?? loops(site);
