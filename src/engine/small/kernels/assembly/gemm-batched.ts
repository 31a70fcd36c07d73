/**
 * @module kernels/assembly/gemm-batched
 *
 * `count` products one after the other, operands `sc`, `sa`, `sb` elements apart (0: the same one each time).
 */
import { gemmNN, gemmTN } from './gemm';
import { gemmNT } from './gemm-dot';

export function batchedNN<T>(
  c: usize, a: usize, b: usize, count: usize, sc: usize, sa: usize, sb: usize,
  m: usize, n: usize, k: usize, ldc: usize, lda: usize, ldb: usize, add: usize,
): void {
  for (; count > 0; count--) {
    gemmNN<T>(c, a, b, m, n, k, ldc, lda, ldb, 0, add);
    c += sc * sizeof<T>();
    a += sa * sizeof<T>();
    b += sb * sizeof<T>();
  }
}

export function batchedTN<T>(
  c: usize, a: usize, b: usize, count: usize, sc: usize, sa: usize, sb: usize,
  m: usize, n: usize, k: usize, ldc: usize, lda: usize, ldb: usize, add: usize,
): void {
  for (; count > 0; count--) {
    gemmTN<T>(c, a, b, m, n, k, ldc, lda, ldb, 0, add);
    c += sc * sizeof<T>();
    a += sa * sizeof<T>();
    b += sb * sizeof<T>();
  }
}

export function batchedNT<T>(
  c: usize, a: usize, b: usize, count: usize, sc: usize, sa: usize, sb: usize,
  m: usize, n: usize, k: usize, ldc: usize, lda: usize, ldb: usize, add: usize,
): void {
  for (; count > 0; count--) {
    gemmNT<T>(c, a, b, m, n, k, ldc, lda, ldb, 0, add);
    c += sc * sizeof<T>();
    a += sa * sizeof<T>();
    b += sb * sizeof<T>();
  }
}
