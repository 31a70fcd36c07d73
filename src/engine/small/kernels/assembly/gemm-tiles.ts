/**
 * @module kernels/assembly/gemm-tiles
 *
 * Register tiles of C += A·B. A tile holds its sums in registers, walks k once in order, and then writes start + sum,
 * where `s` (row stride `ss`) points at the start values, or is 0 for none. Each element is a plain sum over k, so
 * every tile shape gives the same bits. Four rows by two vectors was the best of 30 shapes; unrolling over k
 * makes V8 11.3 spill registers. All strides are in bytes, k ≥ 1.
 */
import { V, madd, zero } from './vec';

/** 4 rows × 2 vectors, rows of A `rs` apart. */
export function rows4x2<T>(
  a: usize, rs: usize, ks: usize, b: usize, bs: usize, k: usize, c: usize, cs: usize, s: usize, ss: usize,
): void {
  let c00 = zero(), c01 = zero(), c10 = zero(), c11 = zero();
  let c20 = zero(), c21 = zero(), c30 = zero(), c31 = zero();
  let a1 = a + rs, a2 = a1 + rs, a3 = a2 + rs;
  const end = b + k * bs;
  do {
    const b0 = v128.load(b), b1 = v128.load(b, V);
    const x0 = v128.load_splat<T>(a);
    c00 = madd<T>(c00, x0, b0);
    c01 = madd<T>(c01, x0, b1);
    const x1 = v128.load_splat<T>(a1);
    c10 = madd<T>(c10, x1, b0);
    c11 = madd<T>(c11, x1, b1);
    const x2 = v128.load_splat<T>(a2);
    c20 = madd<T>(c20, x2, b0);
    c21 = madd<T>(c21, x2, b1);
    const x3 = v128.load_splat<T>(a3);
    c30 = madd<T>(c30, x3, b0);
    c31 = madd<T>(c31, x3, b1);
    a += ks;
    a1 += ks;
    a2 += ks;
    a3 += ks;
    b += bs;
  } while (b != end);
  put8<T>(c, cs, s, ss, c00, c01, c10, c11, c20, c21, c30, c31);
}

/** 4 rows × 2 vectors, the four elements of A side by side (A transposed, or packed): one pointer instead of four. */
export function cols4x2<T>(
  a: usize, ks: usize, b: usize, bs: usize, k: usize, c: usize, cs: usize, s: usize, ss: usize,
): void {
  let c00 = zero(), c01 = zero(), c10 = zero(), c11 = zero();
  let c20 = zero(), c21 = zero(), c30 = zero(), c31 = zero();
  const end = b + k * bs;
  do {
    const b0 = v128.load(b), b1 = v128.load(b, V);
    const x0 = v128.load_splat<T>(a);
    c00 = madd<T>(c00, x0, b0);
    c01 = madd<T>(c01, x0, b1);
    const x1 = v128.load_splat<T>(a, sizeof<T>());
    c10 = madd<T>(c10, x1, b0);
    c11 = madd<T>(c11, x1, b1);
    const x2 = v128.load_splat<T>(a, 2 * sizeof<T>());
    c20 = madd<T>(c20, x2, b0);
    c21 = madd<T>(c21, x2, b1);
    const x3 = v128.load_splat<T>(a, 3 * sizeof<T>());
    c30 = madd<T>(c30, x3, b0);
    c31 = madd<T>(c31, x3, b1);
    a += ks;
    b += bs;
  } while (b != end);
  put8<T>(c, cs, s, ss, c00, c01, c10, c11, c20, c21, c30, c31);
}

/** 4 rows × 1 vector, for the last columns. */
export function rows4x1<T>(
  a: usize, rs: usize, ks: usize, b: usize, bs: usize, k: usize, c: usize, cs: usize, s: usize, ss: usize,
): void {
  let c0 = zero(), c1 = zero(), c2 = zero(), c3 = zero();
  let a1 = a + rs, a2 = a1 + rs, a3 = a2 + rs;
  const end = b + k * bs;
  do {
    const b0 = v128.load(b);
    c0 = madd<T>(c0, v128.load_splat<T>(a), b0);
    c1 = madd<T>(c1, v128.load_splat<T>(a1), b0);
    c2 = madd<T>(c2, v128.load_splat<T>(a2), b0);
    c3 = madd<T>(c3, v128.load_splat<T>(a3), b0);
    a += ks;
    a1 += ks;
    a2 += ks;
    a3 += ks;
    b += bs;
  } while (b != end);
  if (s) {
    c0 = v128.add<T>(v128.load(s), c0);
    c1 = v128.add<T>(v128.load(s + ss), c1);
    c2 = v128.add<T>(v128.load(s + 2 * ss), c2);
    c3 = v128.add<T>(v128.load(s + 3 * ss), c3);
  }
  v128.store(c, c0);
  v128.store(c + cs, c1);
  v128.store(c + 2 * cs, c2);
  v128.store(c + 3 * cs, c3);
}

/** 1 row × 4 vectors. */
export function row1x4<T>(a: usize, ks: usize, b: usize, bs: usize, k: usize, c: usize, s: usize): void {
  let c0 = zero(), c1 = zero(), c2 = zero(), c3 = zero();
  const end = b + k * bs;
  do {
    const x = v128.load_splat<T>(a);
    c0 = madd<T>(c0, x, v128.load(b));
    c1 = madd<T>(c1, x, v128.load(b, V));
    c2 = madd<T>(c2, x, v128.load(b, 2 * V));
    c3 = madd<T>(c3, x, v128.load(b, 3 * V));
    a += ks;
    b += bs;
  } while (b != end);
  if (s) {
    c0 = v128.add<T>(v128.load(s), c0);
    c1 = v128.add<T>(v128.load(s, V), c1);
    c2 = v128.add<T>(v128.load(s, 2 * V), c2);
    c3 = v128.add<T>(v128.load(s, 3 * V), c3);
  }
  v128.store(c, c0);
  v128.store(c, c1, V);
  v128.store(c, c2, 2 * V);
  v128.store(c, c3, 3 * V);
}

/** 1 row × 1 vector. */
export function row1x1<T>(a: usize, ks: usize, b: usize, bs: usize, k: usize, c: usize, s: usize): void {
  let c0 = zero();
  const end = b + k * bs;
  do {
    c0 = madd<T>(c0, v128.load_splat<T>(a), v128.load(b));
    a += ks;
    b += bs;
  } while (b != end);
  if (s) c0 = v128.add<T>(v128.load(s), c0);
  v128.store(c, c0);
}

@inline
function put8<T>(
  c: usize, cs: usize, s: usize, ss: usize,
  c00: v128, c01: v128, c10: v128, c11: v128, c20: v128, c21: v128, c30: v128, c31: v128,
): void {
  if (s) {
    c00 = v128.add<T>(v128.load(s), c00);
    c01 = v128.add<T>(v128.load(s, V), c01);
    s += ss;
    c10 = v128.add<T>(v128.load(s), c10);
    c11 = v128.add<T>(v128.load(s, V), c11);
    s += ss;
    c20 = v128.add<T>(v128.load(s), c20);
    c21 = v128.add<T>(v128.load(s, V), c21);
    s += ss;
    c30 = v128.add<T>(v128.load(s), c30);
    c31 = v128.add<T>(v128.load(s, V), c31);
  }
  v128.store(c, c00);
  v128.store(c, c01, V);
  c += cs;
  v128.store(c, c10);
  v128.store(c, c11, V);
  c += cs;
  v128.store(c, c20);
  v128.store(c, c21, V);
  c += cs;
  v128.store(c, c30);
  v128.store(c, c31, V);
}
