/**
 * @module kernels/assembly/gemm-dot
 *
 * C = start + A·Bᵀ for row-major A [m, k], B [n, k]: both operands run along k, so each element of C is a dot product
 * held as one vector of partial sums, and nothing is packed. A tile of 2 × 4 dot products needs as many loads per
 * multiplication as the tiles of NN. Order of an element's sum: lane-wise over a stretch of k ≤ DEPTH, lanes
 * (0 + 2) + (1 + 3), stretches in order; a ragged end of k is one more step with zeros in the missing lanes.
 */
import { V, lanes, loadPart, madd, sumLanes, zero } from './vec';
import { addBias } from './gemm';
import { putStart } from './gemm-pack';

/** Stretch of k summed in registers. */
const DEPTH: usize = 512;

/** Elements of B that stay in the first-level cache for all of A. */
const BLOCK: usize = 8192;

/** Leading dimensions in elements; `bias` [n] or 0; `add` keeps C. */
export function gemmNT<T>(
  c: usize, a: usize, b: usize, m: usize, n: usize, k: usize,
  ldc: usize, lda: usize, ldb: usize, bias: usize, add: usize,
): void {
  if (m == 0 || n == 0) return;
  const cs = ldc * sizeof<T>(), as = lda * sizeof<T>(), bs = ldb * sizeof<T>();
  if (add && bias) addBias<T>(c, cs, m, n, bias);
  let s = add ? c : bias;
  let ss = add ? cs : 0;
  if (k == 0) return putStart<T>(m, n, c, cs, s, ss);
  const block = (BLOCK / min(k, DEPTH)) & ~3;
  for (let k0: usize = 0; k0 < k; k0 += DEPTH) {
    const step = min(DEPTH, k - k0);
    for (let j: usize = 0; j < n; j += block) {
      const w = min(block, n - j);
      const o = j * sizeof<T>();
      stripe<T>(m, w, step, a, as, b + j * bs, bs, c + o, cs, s ? s + o : 0, ss);
    }
    a += step * sizeof<T>();
    b += step * sizeof<T>();
    s = c;
    ss = cs;
  }
}

function stripe<T>(
  m: usize, n: usize, k: usize, a: usize, as: usize, b: usize, bs: usize, c: usize, cs: usize, s: usize, ss: usize,
): void {
  const n4 = n & ~3;
  const ragged = (k & (lanes<T>() - 1)) != 0;
  let i: usize = 0;
  for (; i + 2 <= m; i += 2) {
    let bj = b, o: usize = 0;
    for (let j: usize = 0; j < n4; j += 4) {
      if (ragged) ragged2x4<T>(a, as, bj, bs, k, c + o, cs, s ? s + o : 0, ss);
      else dots2x4<T>(a, as, bj, bs, k, c + o, cs, s ? s + o : 0, ss);
      bj += 4 * bs;
      o += 4 * sizeof<T>();
    }
    for (let j = n4; j < n; j++) {
      dots2x1<T>(a, as, bj, k, c + o, cs, s ? s + o : 0, ss);
      bj += bs;
      o += sizeof<T>();
    }
    a += 2 * as;
    c += 2 * cs;
    if (s) s += 2 * ss;
  }
  if (i < m) {
    let bj = b, o: usize = 0;
    for (let j: usize = 0; j < n4; j += 4) {
      dots1x4<T>(a, bj, bs, k, c + o, s ? s + o : 0);
      bj += 4 * bs;
      o += 4 * sizeof<T>();
    }
    for (let j = n4; j < n; j++) {
      dots1x1<T>(a, bj, k, c + o, s ? s + o : 0);
      bj += bs;
      o += sizeof<T>();
    }
  }
}

@inline
function tile2x4<T>(
  a: usize, as: usize, b: usize, bs: usize, k: usize, c: usize, cs: usize, s: usize, ss: usize, ragged: bool,
): void {
  let c00 = zero(), c01 = zero(), c02 = zero(), c03 = zero();
  let c10 = zero(), c11 = zero(), c12 = zero(), c13 = zero();
  let a1 = a + as, b1 = b + bs, b2 = b1 + bs, b3 = b2 + bs;
  const end = a + (k & ~(lanes<T>() - 1)) * sizeof<T>();
  while (a != end) {
    const x0 = v128.load(a), x1 = v128.load(a1);
    const y0 = v128.load(b);
    c00 = madd<T>(c00, x0, y0);
    c10 = madd<T>(c10, x1, y0);
    const y1 = v128.load(b1);
    c01 = madd<T>(c01, x0, y1);
    c11 = madd<T>(c11, x1, y1);
    const y2 = v128.load(b2);
    c02 = madd<T>(c02, x0, y2);
    c12 = madd<T>(c12, x1, y2);
    const y3 = v128.load(b3);
    c03 = madd<T>(c03, x0, y3);
    c13 = madd<T>(c13, x1, y3);
    a += V;
    a1 += V;
    b += V;
    b1 += V;
    b2 += V;
    b3 += V;
  }
  if (ragged) {
    const r = k & (lanes<T>() - 1);
    const x0 = loadPart<T>(a, r), x1 = loadPart<T>(a1, r);
    const y0 = loadPart<T>(b, r), y1 = loadPart<T>(b1, r), y2 = loadPart<T>(b2, r), y3 = loadPart<T>(b3, r);
    c00 = madd<T>(c00, x0, y0);
    c10 = madd<T>(c10, x1, y0);
    c01 = madd<T>(c01, x0, y1);
    c11 = madd<T>(c11, x1, y1);
    c02 = madd<T>(c02, x0, y2);
    c12 = madd<T>(c12, x1, y2);
    c03 = madd<T>(c03, x0, y3);
    c13 = madd<T>(c13, x1, y3);
  }
  putDots4<T>(c, s, c00, c01, c02, c03);
  putDots4<T>(c + cs, s ? s + ss : 0, c10, c11, c12, c13);
}

/** k is a multiple of the lanes. */
function dots2x4<T>(
  a: usize, as: usize, b: usize, bs: usize, k: usize, c: usize, cs: usize, s: usize, ss: usize,
): void {
  tile2x4<T>(a, as, b, bs, k, c, cs, s, ss, false);
}

/** k is not: a function of its own, since the code for the last lanes costs the loop a sixth of its speed. */
function ragged2x4<T>(
  a: usize, as: usize, b: usize, bs: usize, k: usize, c: usize, cs: usize, s: usize, ss: usize,
): void {
  tile2x4<T>(a, as, b, bs, k, c, cs, s, ss, true);
}

function dots1x4<T>(a: usize, b: usize, bs: usize, k: usize, c: usize, s: usize): void {
  let c0 = zero(), c1 = zero(), c2 = zero(), c3 = zero();
  let b1 = b + bs, b2 = b1 + bs, b3 = b2 + bs;
  const end = a + (k & ~(lanes<T>() - 1)) * sizeof<T>();
  while (a != end) {
    const x = v128.load(a);
    c0 = madd<T>(c0, x, v128.load(b));
    c1 = madd<T>(c1, x, v128.load(b1));
    c2 = madd<T>(c2, x, v128.load(b2));
    c3 = madd<T>(c3, x, v128.load(b3));
    a += V;
    b += V;
    b1 += V;
    b2 += V;
    b3 += V;
  }
  const r = k & (lanes<T>() - 1);
  if (r) {
    const x = loadPart<T>(a, r);
    c0 = madd<T>(c0, x, loadPart<T>(b, r));
    c1 = madd<T>(c1, x, loadPart<T>(b1, r));
    c2 = madd<T>(c2, x, loadPart<T>(b2, r));
    c3 = madd<T>(c3, x, loadPart<T>(b3, r));
  }
  putDots4<T>(c, s, c0, c1, c2, c3);
}

function dots2x1<T>(a: usize, as: usize, b: usize, k: usize, c: usize, cs: usize, s: usize, ss: usize): void {
  let c0 = zero(), c1 = zero();
  let a1 = a + as;
  const end = a + (k & ~(lanes<T>() - 1)) * sizeof<T>();
  while (a != end) {
    const y = v128.load(b);
    c0 = madd<T>(c0, v128.load(a), y);
    c1 = madd<T>(c1, v128.load(a1), y);
    a += V;
    a1 += V;
    b += V;
  }
  const r = k & (lanes<T>() - 1);
  if (r) {
    const y = loadPart<T>(b, r);
    c0 = madd<T>(c0, loadPart<T>(a, r), y);
    c1 = madd<T>(c1, loadPart<T>(a1, r), y);
  }
  putDot<T>(c, s, c0);
  putDot<T>(c + cs, s ? s + ss : 0, c1);
}

function dots1x1<T>(a: usize, b: usize, k: usize, c: usize, s: usize): void {
  let c0 = zero();
  const end = a + (k & ~(lanes<T>() - 1)) * sizeof<T>();
  while (a != end) {
    c0 = madd<T>(c0, v128.load(a), v128.load(b));
    a += V;
    b += V;
  }
  const r = k & (lanes<T>() - 1);
  if (r) c0 = madd<T>(c0, loadPart<T>(a, r), loadPart<T>(b, r));
  putDot<T>(c, s, c0);
}

/** Lane sums of four vectors, side by side, in the order of `sumLanes`. */
@inline
function putDots4<T>(c: usize, s: usize, x: v128, y: v128, z: v128, w: v128): void {
  if (sizeof<T>() == 8) {
    let u = f64x2.add(i64x2.shuffle(x, y, 0, 2), i64x2.shuffle(x, y, 1, 3));
    let v = f64x2.add(i64x2.shuffle(z, w, 0, 2), i64x2.shuffle(z, w, 1, 3));
    if (s) {
      u = f64x2.add(v128.load(s), u);
      v = f64x2.add(v128.load(s, V), v);
    }
    v128.store(c, u);
    v128.store(c, v, V);
  } else {
    // [x0+x2, y0+y2, x1+x3, y1+y3], likewise z and w, then the two halves of each.
    const u = f32x4.add(i32x4.shuffle(x, y, 0, 4, 1, 5), i32x4.shuffle(x, y, 2, 6, 3, 7));
    const v = f32x4.add(i32x4.shuffle(z, w, 0, 4, 1, 5), i32x4.shuffle(z, w, 2, 6, 3, 7));
    let t = f32x4.add(i64x2.shuffle(u, v, 0, 2), i64x2.shuffle(u, v, 1, 3));
    if (s) t = f32x4.add(v128.load(s), t);
    v128.store(c, t);
  }
}

@inline
function putDot<T>(c: usize, s: usize, x: v128): void {
  const d = sumLanes<T>(x);
  store<T>(c, s ? <T>(load<T>(s) + d) : d);
}
