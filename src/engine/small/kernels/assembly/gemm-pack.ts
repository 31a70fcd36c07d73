/**
 * @module kernels/assembly/gemm-pack
 *
 * Copies of operands into the order in which a tile reads them: A in panels of four rows, element (r, k) at 4k + r;
 * B in panels one or two vectors wide, rows side by side. Missing rows and columns become 0. Strides in bytes.
 */
import { V, lanes, loadPart, storePart, zero } from './vec';

/** Packs `rows` ≤ 4 rows × k of A (element (r, i) at a + r·rs + i·ks) into a panel. */
export function packRows<T>(dst: usize, a: usize, rs: usize, ks: usize, rows: usize, k: usize): void {
  if (rows == 4) {
    if (rs == sizeof<T>()) return packSideBySide<T>(dst, a, ks, k);
    if (sizeof<T>() == 4 && ks == 4) {
      const whole = k & ~3;
      transpose4(dst, a, rs, whole);
      dst += whole * V;
      a += whole * ks;
      k -= whole;
    }
  }
  const a1 = rows > 1 ? a + rs : 0;
  const a2 = rows > 2 ? a + 2 * rs : 0;
  const a3 = rows > 3 ? a + 3 * rs : 0;
  for (let i: usize = 0, end = k * ks; i < end; i += ks) {
    store<T>(dst, load<T>(a + i));
    store<T>(dst, a1 ? load<T>(a1 + i) : 0, sizeof<T>());
    store<T>(dst, a2 ? load<T>(a2 + i) : 0, 2 * sizeof<T>());
    store<T>(dst, a3 ? load<T>(a3 + i) : 0, 3 * sizeof<T>());
    dst += 4 * sizeof<T>();
  }
}

/** The four elements already lie side by side. */
function packSideBySide<T>(dst: usize, a: usize, ks: usize, k: usize): void {
  for (; k > 0; k--) {
    v128.store(dst, v128.load(a));
    if (sizeof<T>() == 8) v128.store(dst, v128.load(a, V), V);
    dst += 4 * sizeof<T>();
    a += ks;
  }
}

/** Four float32 rows of k (a multiple of 4) contiguous elements, transposed in 4 × 4 blocks. */
function transpose4(dst: usize, a: usize, rs: usize, k: usize): void {
  let a1 = a + rs, a2 = a1 + rs, a3 = a2 + rs;
  for (; k > 0; k -= 4) {
    const x0 = v128.load(a), x1 = v128.load(a1), x2 = v128.load(a2), x3 = v128.load(a3);
    const l0 = i32x4.shuffle(x0, x1, 0, 4, 1, 5), h0 = i32x4.shuffle(x0, x1, 2, 6, 3, 7);
    const l1 = i32x4.shuffle(x2, x3, 0, 4, 1, 5), h1 = i32x4.shuffle(x2, x3, 2, 6, 3, 7);
    v128.store(dst, i64x2.shuffle(l0, l1, 0, 2));
    v128.store(dst, i64x2.shuffle(l0, l1, 1, 3), V);
    v128.store(dst, i64x2.shuffle(h0, h1, 0, 2), 2 * V);
    v128.store(dst, i64x2.shuffle(h0, h1, 1, 3), 3 * V);
    a += V;
    a1 += V;
    a2 += V;
    a3 += V;
    dst += 4 * V;
  }
}

/** Packs k rows of B, `w` columns wide, into a panel of one vector (w ≤ lanes) or two. */
export function packColumns<T>(dst: usize, b: usize, bs: usize, w: usize, k: usize): void {
  const L = lanes<T>();
  if (w == L * 2) {
    for (; k > 0; k--) {
      v128.store(dst, v128.load(b));
      v128.store(dst, v128.load(b, V), V);
      dst += 2 * V;
      b += bs;
    }
  } else if (w > L) {
    for (; k > 0; k--) {
      v128.store(dst, v128.load(b));
      v128.store(dst, loadPart<T>(b + V, w - L), V);
      dst += 2 * V;
      b += bs;
    }
  } else if (w == L) {
    for (; k > 0; k--) {
      v128.store(dst, v128.load(b));
      dst += V;
      b += bs;
    }
  } else {
    for (; k > 0; k--) {
      v128.store(dst, loadPart<T>(b, w));
      dst += V;
      b += bs;
    }
  }
}

/** Writes start + tile for the `rows` × `w` corner of a tile whose rows are `ts` bytes apart. */
export function putTile<T>(
  tile: usize, ts: usize, rows: usize, w: usize, c: usize, cs: usize, s: usize, ss: usize,
): void {
  const L = lanes<T>();
  for (; rows > 0; rows--) {
    let left = w;
    for (let o: usize = 0; left > 0; o += V) {
      const v = v128.load(tile + o);
      if (left >= L) {
        v128.store(c + o, s ? v128.add<T>(v128.load(s + o), v) : v);
        left -= L;
      } else {
        storePart<T>(c + o, s ? v128.add<T>(loadPart<T>(s + o, left), v) : v, left);
        left = 0;
      }
    }
    tile += ts;
    c += cs;
    s += ss;
  }
}

/** Start values alone (k = 0): C = start, or 0. */
export function putStart<T>(m: usize, n: usize, c: usize, cs: usize, s: usize, ss: usize): void {
  if (s == c) return;
  const L = lanes<T>();
  const nv = n & ~(L - 1);
  for (; m > 0; m--) {
    for (let j: usize = 0; j < nv; j += L) {
      const o = j * sizeof<T>();
      v128.store(c + o, s ? v128.load(s + o) : zero());
    }
    if (nv < n) {
      const o = nv * sizeof<T>();
      storePart<T>(c + o, s ? loadPart<T>(s + o, n - nv) : zero(), n - nv);
    }
    c += cs;
    s += ss;
  }
}
