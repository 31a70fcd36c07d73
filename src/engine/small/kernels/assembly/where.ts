/**
 * @module kernels/assembly/where
 *
 * y = c ? a : b with broadcasting, y contiguous; c are bytes, true where not 0. Strides as in `binary`.
 */
import { V, lanes, zero } from './vec';

/** One row of n elements. */
export function whereLine<T>(
  y: usize, c: usize, a: usize, b: usize, n: usize, cs: usize, as: usize, bs: usize,
): void {
  const L = lanes<T>();
  if (cs == 1 && (as | bs) <= 1) {
    const sa = as * V, sb = bs * V;
    for (; n >= L; n -= L) {
      // Bytes widened to lanes.
      let m = sizeof<T>() == 8 ? v128.load16_splat(c) : v128.load32_zero(c);
      m = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(m));
      if (sizeof<T>() == 8) m = i64x2.extend_low_i32x4_u(m);
      m = sizeof<T>() == 8 ? i64x2.eq(m, zero()) : i32x4.eq(m, zero());
      const p = as ? v128.load(a) : v128.load_splat<T>(a);
      const q = bs ? v128.load(b) : v128.load_splat<T>(b);
      v128.store(y, v128.bitselect(q, p, m));
      y += V;
      c += L;
      a += sa;
      b += sb;
    }
  }
  for (; n > 0; n--) {
    store<T>(y, load<u8>(c) ? load<T>(a) : load<T>(b));
    y += sizeof<T>();
    c += cs;
    a += as * sizeof<T>();
    b += bs * sizeof<T>();
  }
}

/** y [rows, cols]. */
export function whereBlock<T>(
  y: usize, c: usize, a: usize, b: usize, rows: usize, cols: usize,
  cr: usize, cc: usize, ar: usize, ac: usize, br: usize, bc: usize,
): void {
  for (; rows > 0; rows--) {
    whereLine<T>(y, c, a, b, cols, cc, ac, bc);
    y += cols * sizeof<T>();
    c += cr;
    a += ar * sizeof<T>();
    b += br * sizeof<T>();
  }
}

/** Six axes: `d` points at 24 32-bit integers, lengths, then strides of c, a and b. */
export function whereStrided<T>(y: usize, c: usize, a: usize, b: usize, d: usize): void {
  walk<T>(y, c, a, b, d, 0);
}

function walk<T>(y: usize, c: usize, a: usize, b: usize, d: usize, axis: usize): usize {
  const n = load<usize>(d);
  const cs = load<usize>(d, 24), as = load<usize>(d, 48), bs = load<usize>(d, 72);
  if (axis == 5) {
    whereLine<T>(y, c, a, b, n, cs, as, bs);
    return y + n * sizeof<T>();
  }
  for (let i: usize = 0; i < n; i++) {
    y = walk<T>(y, c, a, b, d + 4, axis + 1);
    c += cs;
    a += as * sizeof<T>();
    b += bs * sizeof<T>();
  }
  return y;
}
