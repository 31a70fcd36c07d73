/**
 * @module kernels/assembly/reduce
 *
 * Sums and maxima, y contiguous, of nothing more than x, or of x and what y holds where `add` is set (so that several
 * axes go one after the other). `rows` runs along contiguous elements, 4 vectors at once, in stretches of 1024;
 * `columns` takes the elements of each result one by one in stretches of 256. Stretches are summed in order and then
 * added up, so the rounding error stays that of one stretch. The order depends on which of the two is called and on
 * k alone: a result has the same bits however many there are beside it.
 */
import { V, lanes, loadPart, maxLanes, storePart, sumLanes, zero } from './vec';

const STRETCH: usize = 256;

@final
export class Sum<T> {
  @inline
  none(): v128 {
    return zero();
  }

  @inline
  of(a: v128, b: v128): v128 {
    return v128.add<T>(a, b);
  }

  @inline
  all(v: v128): T {
    return sumLanes<T>(v);
  }

  /** A partial vector of x, with the neutral element in the missing lanes. */
  @inline
  part(p: usize, r: usize): v128 {
    return loadPart<T>(p, r);
  }
}

/** NaN wherever an operand is NaN; −∞ of nothing. */
@final
export class Greatest<T> {
  @inline
  none(): v128 {
    return v128.splat<T>(<T>(-Infinity));
  }

  @inline
  of(a: v128, b: v128): v128 {
    return v128.max<T>(a, b);
  }

  @inline
  all(v: v128): T {
    return maxLanes<T>(v);
  }

  /** The missing lanes repeat the first. */
  @inline
  part(p: usize, r: usize): v128 {
    const v = loadPart<T>(p, r);
    if (sizeof<T>() == 8) return i64x2.shuffle(v, v, 0, 0);
    if (r == 1) return i32x4.shuffle(v, v, 0, 0, 0, 0);
    return r == 2 ? i32x4.shuffle(v, v, 0, 1, 0, 1) : i32x4.shuffle(v, v, 0, 1, 2, 0);
  }
}

/** y [m] of rows of k contiguous elements, `xm` apart. */
export function rows<T, F>(y: usize, x: usize, m: usize, k: usize, xm: usize, add: usize): void {
  const f = changetype<F>(0);
  for (; m > 0; m--) {
    let v = v128.splat<T>(along<T, F>(x, k));
    if (add) v = f.of(v128.load_splat<T>(y), v);
    v128.store_lane<T>(y, v, 0);
    y += sizeof<T>();
    x += xm * sizeof<T>();
  }
}

/** y [m, n] of x [m, k, n] with any strides; any of them may be the only one, with n = 1 or m = 1. */
export function columns<T, F>(
  y: usize, x: usize, m: usize, k: usize, n: usize, xm: usize, xk: usize, xn: usize, add: usize,
): void {
  for (; m > 0; m--) {
    if (xn == 1) {
      across<T, F>(y, x, k, n, xk * sizeof<T>(), add);
    } else {
      const step = xn * sizeof<T>();
      let p = x;
      for (let o: usize = 0, end = n * sizeof<T>(); o < end; o += sizeof<T>()) {
        one<T, F>(y + o, p, k, xk * sizeof<T>(), add);
        p += step;
      }
    }
    y += n * sizeof<T>();
    x += xm * sizeof<T>();
  }
}

/** Over k contiguous elements. */
function along<T, F>(x: usize, k: usize): T {
  const f = changetype<F>(0);
  const L = lanes<T>();
  let total = f.none();
  while (k > 0) {
    const stretch = min(k, STRETCH * 4);
    k -= stretch;
    let left = stretch;
    let s0 = f.none(), s1 = s0, s2 = s0, s3 = s0;
    for (; left >= L * 4; left -= L * 4) {
      s0 = f.of(s0, v128.load(x));
      s1 = f.of(s1, v128.load(x, V));
      s2 = f.of(s2, v128.load(x, 2 * V));
      s3 = f.of(s3, v128.load(x, 3 * V));
      x += 4 * V;
    }
    for (; left >= L; left -= L) {
      s0 = f.of(s0, v128.load(x));
      x += V;
    }
    if (left) {
      s1 = f.of(s1, f.part(x, left));
      x += left * sizeof<T>();
    }
    total = f.of(total, f.of(f.of(s0, s1), f.of(s2, s3)));
  }
  return f.all(total);
}

/** n contiguous columns over k rows that are `xk` bytes apart. */
function across<T, F>(y: usize, x: usize, k: usize, n: usize, xk: usize, add: usize): void {
  const f = changetype<F>(0);
  const L = lanes<T>();
  for (; n >= L * 4; n -= L * 4) {
    let t0 = f.none(), t1 = t0, t2 = t0, t3 = t0;
    if (add) {
      t0 = v128.load(y);
      t1 = v128.load(y, V);
      t2 = v128.load(y, 2 * V);
      t3 = v128.load(y, 3 * V);
    }
    let p = x;
    for (let l: usize = 0; l < k; l += STRETCH) {
      let s0 = f.none(), s1 = s0, s2 = s0, s3 = s0;
      for (let i = min(STRETCH, k - l); i > 0; i--) {
        s0 = f.of(s0, v128.load(p));
        s1 = f.of(s1, v128.load(p, V));
        s2 = f.of(s2, v128.load(p, 2 * V));
        s3 = f.of(s3, v128.load(p, 3 * V));
        p += xk;
      }
      t0 = f.of(t0, s0);
      t1 = f.of(t1, s1);
      t2 = f.of(t2, s2);
      t3 = f.of(t3, s3);
    }
    v128.store(y, t0);
    v128.store(y, t1, V);
    v128.store(y, t2, 2 * V);
    v128.store(y, t3, 3 * V);
    x += 4 * V;
    y += 4 * V;
  }
  for (; n > 0; ) {
    const w = min(n, L);
    let t = f.none();
    if (add) t = w == L ? v128.load(y) : loadPart<T>(y, w);
    let p = x;
    for (let l: usize = 0; l < k; l += STRETCH) {
      let s = f.none();
      if (w == L) {
        for (let i = min(STRETCH, k - l); i > 0; i--) {
          s = f.of(s, v128.load(p));
          p += xk;
        }
      } else {
        for (let i = min(STRETCH, k - l); i > 0; i--) {
          s = f.of(s, loadPart<T>(p, w));
          p += xk;
        }
      }
      t = f.of(t, s);
    }
    if (w == L) v128.store(y, t);
    else storePart<T>(y, t, w);
    x += V;
    y += V;
    n -= w;
  }
}

/** One element over k that are `xk` bytes apart. */
function one<T, F>(y: usize, x: usize, k: usize, xk: usize, add: usize): void {
  const f = changetype<F>(0);
  let t = add ? v128.load_splat<T>(y) : f.none();
  for (let l: usize = 0; l < k; l += STRETCH) {
    let s = f.none();
    for (let i = min(STRETCH, k - l); i > 0; i--) {
      s = f.of(s, v128.load_splat<T>(x));
      x += xk;
    }
    t = f.of(t, s);
  }
  v128.store_lane<T>(y, t, 0);
}
