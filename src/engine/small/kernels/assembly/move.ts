/**
 * @module kernels/assembly/move
 *
 * Copies of elements of 1, 4 or 8 bytes (T: u8, u32 or u64; or the floats of those sizes) between strided places:
 * transposition, slicing, concatenation, padding and expansion are all one. Strides in elements, negative allowed.
 */
import { V } from './vec';

/** n contiguous elements; the places do not overlap (or are the same). */
export function copy<T>(y: usize, x: usize, n: usize): void {
  let bytes = n * sizeof<T>();
  if (bytes >= 512) {
    memory.copy(y, x, bytes);
    return;
  }
  for (; bytes >= V; bytes -= V) {
    v128.store(y, v128.load(x));
    y += V;
    x += V;
  }
  for (; bytes > 0; bytes -= sizeof<T>()) {
    store<T>(y, load<T>(x));
    y += sizeof<T>();
    x += sizeof<T>();
  }
}

/** The one element at x, n times. */
export function fill<T>(y: usize, x: usize, n: usize): void {
  const e = load<T>(x);
  const v = sizeof<T>() == 1 ? v128.load8_splat(x) : sizeof<T>() == 4 ? v128.load32_splat(x) : v128.load64_splat(x);
  const whole = n & ~(V / sizeof<T>() - 1);
  const end = y + whole * sizeof<T>();
  for (; y != end; y += V) v128.store(y, v);
  for (n -= whole; n > 0; n--) {
    store<T>(y, e);
    y += sizeof<T>();
  }
}

function line<T>(y: usize, x: usize, n: usize, ys: usize, xs: usize): void {
  if (n == 0) return;
  if (ys == 1 && xs == 1) return copy<T>(y, x, n);
  if (ys == 1 && xs == 0) return fill<T>(y, x, n);
  ys *= sizeof<T>();
  xs *= sizeof<T>();
  for (; n > 0; n--) {
    store<T>(y, load<T>(x));
    y += ys;
    x += xs;
  }
}

/** y[r·yr + c·yc] = x[r·xr + c·xc]. */
export function block<T>(
  y: usize, x: usize, rows: usize, cols: usize, yr: usize, yc: usize, xr: usize, xc: usize,
): void {
  // Columns that are rows of x, or rows of x that are columns of y: turn tiles over.
  if (yc == 1 && xr == 1 && xc != 1) return turn<T>(y, x, rows, cols, yr, xc);
  if (yr == 1 && xc == 1 && yc != 1) return turn<T>(y, x, cols, rows, yc, xr);
  for (; rows > 0; rows--) {
    line<T>(y, x, cols, yc, xc);
    y += yr * sizeof<T>();
    x += xr * sizeof<T>();
  }
}

/** y [cols, rows] = x [rows, cols] transposed. */
export function transpose<T>(y: usize, x: usize, rows: usize, cols: usize): void {
  turn<T>(y, x, cols, rows, rows, cols);
}

/** y[r·ys + c] = x[r + c·xs], in square tiles of 16 elements a side so that both sides stay in few cache lines. */
function turn<T>(y: usize, x: usize, rows: usize, cols: usize, ys: usize, xs: usize): void {
  ys *= sizeof<T>();
  xs *= sizeof<T>();
  for (let r0: usize = 0; r0 < rows; r0 += 16) {
    const r1 = min(r0 + 16, rows);
    for (let c0: usize = 0; c0 < cols; c0 += 16) {
      tile<T>(y + r0 * ys + c0 * sizeof<T>(), x + r0 * sizeof<T>() + c0 * xs, r1 - r0, min(c0 + 16, cols) - c0, ys, xs);
    }
  }
}

function tile<T>(y: usize, x: usize, rows: usize, cols: usize, ys: usize, xs: usize): void {
  let c: usize = 0;
  if (sizeof<T>() == 4) {
    for (; c + 4 <= cols; c += 4) {
      let from = x + c * xs, to = y + c * 4;
      let r: usize = 0;
      for (; r + 4 <= rows; r += 4) {
        const x0 = v128.load(from), x1 = v128.load(from + xs);
        const x2 = v128.load(from + 2 * xs), x3 = v128.load(from + 3 * xs);
        const l0 = i32x4.shuffle(x0, x1, 0, 4, 1, 5), h0 = i32x4.shuffle(x0, x1, 2, 6, 3, 7);
        const l1 = i32x4.shuffle(x2, x3, 0, 4, 1, 5), h1 = i32x4.shuffle(x2, x3, 2, 6, 3, 7);
        v128.store(to, i64x2.shuffle(l0, l1, 0, 2));
        v128.store(to + ys, i64x2.shuffle(l0, l1, 1, 3));
        v128.store(to + 2 * ys, i64x2.shuffle(h0, h1, 0, 2));
        v128.store(to + 3 * ys, i64x2.shuffle(h0, h1, 1, 3));
        from += V;
        to += 4 * ys;
      }
      for (; r < rows; r++) {
        store<u32>(to, load<u32>(from));
        store<u32>(to, load<u32>(from + xs), 4);
        store<u32>(to, load<u32>(from + 2 * xs), 8);
        store<u32>(to, load<u32>(from + 3 * xs), 12);
        from += 4;
        to += ys;
      }
    }
  }
  for (let r: usize = 0; r < rows; r++) {
    let from = x + r * sizeof<T>() + c * xs, to = y + r * ys + c * sizeof<T>();
    for (let i = c; i < cols; i++) {
      store<T>(to, load<T>(from));
      from += xs;
      to += sizeof<T>();
    }
  }
}

/** Six axes: `d` points at 18 32-bit integers, lengths, then strides of y, then strides of x. */
export function strided<T>(y: usize, x: usize, d: usize): void {
  walk<T>(y, x, d, 0);
}

function walk<T>(y: usize, x: usize, d: usize, axis: usize): void {
  const n = load<usize>(d);
  const ys = load<usize>(d, 24), xs = load<usize>(d, 48);
  if (axis == 4) return block<T>(y, x, n, load<usize>(d, 4), ys, load<usize>(d, 28), xs, load<usize>(d, 52));
  for (let i: usize = 0; i < n; i++) {
    walk<T>(y, x, d + 4, axis + 1);
    y += ys * sizeof<T>();
    x += xs * sizeof<T>();
  }
}
