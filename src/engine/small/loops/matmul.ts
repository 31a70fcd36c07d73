/**
 * @module engine/small/loops/matmul
 *
 * C = start + A·B for one matrix of a stack, operands with a stride along rows and one along columns. Every element is a plain sum
 * over k in order, in double, so it does not depend on how many rows there are.
 */
import type { Numbers } from './types.js';

let row = new Float64Array(256);

export function matmul(
  m: number,
  n: number,
  k: number,
  c: Numbers,
  co: number,
  a: Numbers,
  ao: number,
  ar: number,
  ac: number,
  b: Numbers,
  bo: number,
  br: number,
  bc: number,
  /** Start values, one a column; null: zeros. */
  start: Numbers | null,
  so: number,
): void {
  if (row.length < n) row = new Float64Array(n);
  const sum = row;
  for (let i = 0; i < m; i++, ao += ar, co += n) {
    if (bc === 1) {
      for (let j = 0; j < n; j++) sum[j] = 0;
      for (let l = 0, p = ao, q = bo; l < k; l++, p += ac, q += br) {
        const x = a[p];
        for (let j = 0; j < n; j++) sum[j] += x * b[q + j];
      }
    } else {
      for (let j = 0, q = bo; j < n; j++, q += bc) {
        let s = 0;
        for (let l = 0, p = ao, r = q; l < k; l++, p += ac, r += br) s += a[p] * b[r];
        sum[j] = s;
      }
    }
    if (start) for (let j = 0; j < n; j++) c[co + j] = start[so + j] + sum[j];
    else for (let j = 0; j < n; j++) c[co + j] = sum[j];
  }
}
