/**
 * @module engine/small/lower/wasm/matmul
 *
 * Matrix products by kernels: operands as they lie or transposed, one product, a row of them, or a stack of any shape. Two transposed
 * operands, and an operand without a contiguous axis, are left to the plain loops.
 */
import { bytesOf } from '../../../../core/tensor.js';
import type { Dim } from '../../../../graph/dims.js';
import { at, linear, Odometer } from '../../axes.js';
import { productOf } from '../product.js';
import { type KernelLowering, kernelsOf } from '../types.js';

/** How a rows × cols operand lies: rows, or columns, contiguous, and the elements from one to the next. */
function orientation(rows: Dim, cols: Dim, [r, c]: readonly [Dim, Dim]) {
  if (c === 1 || cols === 1) return { transposed: false, step: rows === 1 ? cols : r };
  if (r === 1 || rows === 1) return { transposed: true, step: c };
  return null;
}

export const matmul: KernelLowering = (site) => {
  const kernels = kernelsOf(site, site.y.dtype);
  if (!kernels) return null;
  const { y, xs } = site;
  const p = productOf(site);
  const a = orientation(p.m, p.k, p.a);
  const b = orientation(p.k, p.n, p.b);
  if (!a || !b || (a.transposed && b.transposed)) return null;
  const form = a.transposed ? 'TN' : b.transposed ? 'NT' : 'NN';
  const gemm = kernels[`gemm${form}`];
  const [c, ap, bp] = [y.ptr, xs[0].ptr, xs[1].ptr];
  const bias = xs.length > 2 ? xs[2].ptr : 0;
  const [m0, m1] = linear(p.m);
  const [k0, k1] = linear(p.k);
  const [n0, n1] = linear(p.n);
  const [a0, a1] = linear(a.step);
  const [b0, b1] = linear(b.step);
  const { dims, strides } = p.stack;
  if (dims.length === 0) {
    return (n) => {
      const cols = n0 + n1 * n;
      gemm(c, ap, bp, m0 + m1 * n, cols, k0 + k1 * n, cols, a0 + a1 * n, b0 + b1 * n, bias, 0);
    };
  }
  if (dims.length === 1 && bias === 0) {
    const batched = kernels[`batched${form}`];
    const [count, sc, sa, sb] = [dims[0], strides[0][0], strides[1][0], strides[2][0]];
    return (n) => {
      const cols = n0 + n1 * n;
      batched(
        c,
        ap,
        bp,
        at(count, n),
        at(sc, n),
        at(sa, n),
        at(sb, n),
        m0 + m1 * n,
        cols,
        k0 + k1 * n,
        cols,
        a0 + a1 * n,
        b0 + b1 * n,
        0,
      );
    };
  }
  const walk = new Odometer(p.stack);
  const { offset } = walk;
  const width = bytesOf(y.dtype);
  return (n) => {
    walk.reset(n);
    const [m, cols, k, lda, ldb] = [m0 + m1 * n, n0 + n1 * n, k0 + k1 * n, a0 + a1 * n, b0 + b1 * n];
    for (let t = walk.total; t > 0; t--, walk.next()) {
      const [co, ao, bo] = [c + offset[0] * width, ap + offset[1] * width, bp + offset[2] * width];
      gemm(co, ao, bo, m, cols, k, cols, lda, ldb, bias, 0);
    }
  };
};
