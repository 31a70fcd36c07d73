/**
 * @module kernels/assembly/gemm
 *
 * C = start + A·B (NN) and C = start + Aᵀ·B (TN). k is cut into partial sums of KC = 256, each summed in order in
 * registers and then added to C, which also keeps the float32 rounding error at that of 256 terms. The cut depends
 * on k alone and every tile sums alike, so a row of C has the same bits whatever m is.
 *
 * Small operands are read in place (A in packed groups of four rows where n pays for it); large ones are packed,
 * since rows that are a power of two apart share a few cache sets.
 */
import { KC, MC, V, lanes, scratchA, scratchB, scratchEdge, scratchTile } from './vec';
import { packColumns, packRows, putStart, putTile } from './gemm-pack';
import { cols4x2, row1x1, row1x4, rows4x1, rows4x2 } from './gemm-tiles';

/** Above this many bytes of B (or of A, transposed) in one partial sum, operands are packed. */
const LARGE: usize = 32768;

/** Row-major A [m, k], B [k, n], C [m, n]; leading dimensions in elements; `bias` [n] or 0; `add` keeps C. */
export function gemmNN<T>(
  c: usize, a: usize, b: usize, m: usize, n: usize, k: usize,
  ldc: usize, lda: usize, ldb: usize, bias: usize, add: usize,
): void {
  product<T>(m, n, k, a, lda * sizeof<T>(), sizeof<T>(), b, ldb * sizeof<T>(), c, ldc * sizeof<T>(), bias, add);
}

/** Row-major A [k, m], B [k, n], C [m, n]. */
export function gemmTN<T>(
  c: usize, a: usize, b: usize, m: usize, n: usize, k: usize,
  ldc: usize, lda: usize, ldb: usize, bias: usize, add: usize,
): void {
  product<T>(m, n, k, a, sizeof<T>(), lda * sizeof<T>(), b, ldb * sizeof<T>(), c, ldc * sizeof<T>(), bias, add);
}

/** Adds the row `bias` to each row of C. */
export function addBias<T>(c: usize, cs: usize, m: usize, n: usize, bias: usize): void {
  for (; m > 0; m--) {
    for (let j: usize = 0, end = n * sizeof<T>(); j < end; j += sizeof<T>()) {
      store<T>(c + j, <T>(load<T>(c + j) + load<T>(bias + j)));
    }
    c += cs;
  }
}

function product<T>(
  m: usize, n: usize, k: usize, a: usize, rs: usize, ks: usize, b: usize, bs: usize,
  c: usize, cs: usize, bias: usize, add: usize,
): void {
  if (m == 0 || n == 0) return;
  if (add && bias) addBias<T>(c, cs, m, n, bias);
  let s = add ? c : bias;
  let ss = add ? cs : 0;
  if (k == 0) return putStart<T>(m, n, c, cs, s, ss);
  const kb = min(k, KC);
  const transposed = rs == sizeof<T>() && m > 1;
  const large = m >= 16 && (kb * n * sizeof<T>() > LARGE || (transposed && n >= 16 && kb * m * sizeof<T>() > 2 * LARGE));
  for (let k0: usize = 0; k0 < k; k0 += KC) {
    const step = min(KC, k - k0);
    if (large) packed<T>(m, n, step, a, rs, ks, b, bs, c, cs, s, ss);
    else inPlace<T>(m, n, step, a, rs, ks, b, bs, c, cs, s, ss);
    a += step * ks;
    b += step * bs;
    s = c;
    ss = cs;
  }
}

function inPlace<T>(
  m: usize, n: usize, k: usize, a: usize, rs: usize, ks: usize, b: usize, bs: usize,
  c: usize, cs: usize, s: usize, ss: usize,
): void {
  const L = lanes<T>();
  const n1 = n & ~(L - 1);
  const edge = scratchEdge();
  if (n1 < n) packColumns<T>(edge, b + n1 * sizeof<T>(), bs, n - n1, k);
  const pack = rs != sizeof<T>() && n >= L * 8;
  let i: usize = 0;
  for (; i + 4 <= m; i += 4) {
    if (pack) {
      packRows<T>(scratchA(), a, rs, ks, 4, k);
      block4<T>(n, k, scratchA(), sizeof<T>(), 4 * sizeof<T>(), b, bs, c, cs, s, ss);
    } else {
      block4<T>(n, k, a, rs, ks, b, bs, c, cs, s, ss);
    }
    a += 4 * rs;
    c += 4 * cs;
    s += 4 * ss;
  }
  for (; i < m; i++) {
    row<T>(n, k, a, ks, b, bs, c, s);
    a += rs;
    c += cs;
    s += ss;
  }
}

/** Four rows of C. */
function block4<T>(
  n: usize, k: usize, a: usize, rs: usize, ks: usize, b: usize, bs: usize,
  c: usize, cs: usize, s: usize, ss: usize,
): void {
  const L = lanes<T>();
  let left = n;
  for (; left >= L * 2; left -= L * 2) {
    if (rs == sizeof<T>()) cols4x2<T>(a, ks, b, bs, k, c, cs, s, ss);
    else rows4x2<T>(a, rs, ks, b, bs, k, c, cs, s, ss);
    b += 2 * V;
    c += 2 * V;
    if (s) s += 2 * V;
  }
  if (left >= L) {
    rows4x1<T>(a, rs, ks, b, bs, k, c, cs, s, ss);
    left -= L;
    c += V;
    if (s) s += V;
  }
  if (left) {
    rows4x1<T>(a, rs, ks, scratchEdge(), V, k, scratchTile(), V, 0, 0);
    putTile<T>(scratchTile(), V, 4, left, c, cs, s, ss);
  }
}

/** One row of C. */
function row<T>(n: usize, k: usize, a: usize, ks: usize, b: usize, bs: usize, c: usize, s: usize): void {
  const L = lanes<T>();
  let left = n;
  for (; left >= L * 4; left -= L * 4) {
    row1x4<T>(a, ks, b, bs, k, c, s);
    b += 4 * V;
    c += 4 * V;
    if (s) s += 4 * V;
  }
  for (; left >= L; left -= L) {
    row1x1<T>(a, ks, b, bs, k, c, s);
    b += V;
    c += V;
    if (s) s += V;
  }
  if (left) {
    row1x1<T>(a, ks, scratchEdge(), V, k, scratchTile(), 0);
    putTile<T>(scratchTile(), V, 1, left, c, 0, s, 0);
  }
}

/** Panels of A stay packed for all of B; each panel of B is packed once for MC rows. */
function packed<T>(
  m: usize, n: usize, k: usize, a: usize, rs: usize, ks: usize, b: usize, bs: usize,
  c: usize, cs: usize, s: usize, ss: usize,
): void {
  const L = lanes<T>();
  const most = MC * 4 / sizeof<T>();
  const pa = scratchA(), pb = scratchB(), tile = scratchTile();
  const panel = k * 4 * sizeof<T>();
  for (let i0: usize = 0; i0 < m; i0 += most) {
    const mb = min(most, m - i0);
    for (let i: usize = 0; i < mb; i += 4) {
      packRows<T>(pa + (i >> 2) * panel, a + (i0 + i) * rs, rs, ks, min<usize>(4, mb - i), k);
    }
    for (let j: usize = 0; j < n; j += L * 2) {
      const w = min(L * 2, n - j);
      const o = j * sizeof<T>();
      packColumns<T>(pb, b + o, bs, w, k);
      for (let i: usize = 0; i < mb; i += 4) {
        const p = pa + (i >> 2) * panel;
        const r = i0 + i;
        const cc = c + r * cs + o;
        const st = s ? s + r * ss + o : 0;
        const rows = min<usize>(4, mb - i);
        if (rows == 4 && w == L * 2) {
          cols4x2<T>(p, 4 * sizeof<T>(), pb, 2 * V, k, cc, cs, st, ss);
        } else if (w > L) {
          cols4x2<T>(p, 4 * sizeof<T>(), pb, 2 * V, k, tile, 2 * V, 0, 0);
          putTile<T>(tile, 2 * V, rows, w, cc, cs, st, ss);
        } else {
          rows4x1<T>(p, sizeof<T>(), 4 * sizeof<T>(), pb, V, k, tile, V, 0, 0);
          putTile<T>(tile, V, rows, w, cc, cs, st, ss);
        }
      }
    }
  }
}
