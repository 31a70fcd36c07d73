/**
 * @module kernels/assembly/binary
 *
 * y = f(a, b) with broadcasting, y contiguous. `line` is one row of n elements, each operand with a stride (in elements):
 * 1 contiguous, 0 the same number throughout, anything else is gathered element by element. `block` is rows of
 * lines, `strided` six axes of them. An element's bits depend on its operands alone.
 */
import { V, lanes, loadPart, storePart } from './vec';
import { Square, Reciprocal, map } from './map';
import { Cube, Power, Root } from './operators';
import { copy } from './move';

/** Lines of an arithmetic function F. `size` is the bytes of an element of y, `operand` those of a and b. */
@final
export class Arithmetic<T, F> {
  @inline
  size(): usize {
    return sizeof<T>();
  }

  @inline
  operand(): usize {
    return sizeof<T>();
  }

  @inline
  line(y: usize, a: usize, b: usize, n: usize, as: usize, bs: usize): void {
    arithmeticLine<T, F>(y, a, b, n, as, bs);
  }
}

function arithmeticLine<T, F>(y: usize, a: usize, b: usize, n: usize, as: usize, bs: usize): void {
  const f = changetype<F>(0);
  if ((as | bs) > 1) {
    for (; n > 0; n--) {
      v128.store_lane<T>(y, f.of(v128.load_splat<T>(a), v128.load_splat<T>(b)), 0);
      y += sizeof<T>();
      a += as * sizeof<T>();
      b += bs * sizeof<T>();
    }
    return;
  }
  const r = n & (lanes<T>() - 1);
  const end = y + (n - r) * sizeof<T>();
  if (as & bs) {
    while (y != end) {
      v128.store(y, f.of(v128.load(a), v128.load(b)));
      y += V;
      a += V;
      b += V;
    }
  } else if (as) {
    const s = v128.load_splat<T>(b);
    while (y != end) {
      v128.store(y, f.of(v128.load(a), s));
      y += V;
      a += V;
    }
  } else if (bs) {
    const s = v128.load_splat<T>(a);
    while (y != end) {
      v128.store(y, f.of(s, v128.load(b)));
      y += V;
      b += V;
    }
  } else if (n) {
    const v = f.of(v128.load_splat<T>(a), v128.load_splat<T>(b));
    for (; y != end; y += V) v128.store(y, v);
  }
  if (r) {
    const p = as ? loadPart<T>(a, r) : v128.load_splat<T>(a);
    const q = bs ? loadPart<T>(b, r) : v128.load_splat<T>(b);
    storePart<T>(y, f.of(p, q), r);
  }
}

/** Lines of a^b; one exponent for a whole line is looked at first. */
@final
export class Powers<T> {
  @inline
  size(): usize {
    return sizeof<T>();
  }

  @inline
  operand(): usize {
    return sizeof<T>();
  }

  @inline
  line(y: usize, a: usize, b: usize, n: usize, as: usize, bs: usize): void {
    powerLine<T>(y, a, b, n, as, bs);
  }
}

function powerLine<T>(y: usize, a: usize, b: usize, n: usize, as: usize, bs: usize): void {
  if (bs == 0 && as == 1) {
    const e = load<T>(b);
    if (e == 2) return map<T, Square<T>>(y, a, n);
    if (e == 0.5) return map<T, Root<T>>(y, a, n);
    if (e == 3) return map<T, Cube<T>>(y, a, n);
    if (e == -1) return map<T, Reciprocal<T>>(y, a, n);
    if (e == 1) return copy<T>(y, a, n);
  }
  arithmeticLine<T, Power<T>>(y, a, b, n, as, bs);
}

/** Lines of a comparison F: bytes 0 and 1. */
@final
export class Comparison<T, F> {
  @inline
  size(): usize {
    return 1;
  }

  @inline
  operand(): usize {
    return sizeof<T>();
  }

  @inline
  line(y: usize, a: usize, b: usize, n: usize, as: usize, bs: usize): void {
    comparisonLine<T, F>(y, a, b, n, as, bs);
  }
}

function comparisonLine<T, F>(y: usize, a: usize, b: usize, n: usize, as: usize, bs: usize): void {
  const f = changetype<F>(0);
  const L = lanes<T>();
  if ((as | bs) <= 1) {
    const sa = as * V, sb = bs * V;
    for (; n >= L; n -= L) {
      const p = as ? v128.load(a) : v128.load_splat<T>(a);
      const q = bs ? v128.load(b) : v128.load_splat<T>(b);
      let m = f.of(p, q);
      if (sizeof<T>() == 8) m = i32x4.shuffle(m, m, 0, 2, 0, 2);
      m = i16x8.narrow_i32x4_s(m, m);
      m = v128.and(i8x16.narrow_i16x8_s(m, m), i8x16.splat(1));
      if (sizeof<T>() == 8) v128.store16_lane(y, m, 0);
      else v128.store32_lane(y, m, 0);
      y += L;
      a += sa;
      b += sb;
    }
  }
  for (; n > 0; n--) {
    store<u8>(y++, i8x16.extract_lane_u(f.of(v128.load_splat<T>(a), v128.load_splat<T>(b)), 0) & 1);
    a += as * sizeof<T>();
    b += bs * sizeof<T>();
  }
}

export function line<K>(y: usize, a: usize, b: usize, n: usize, as: usize, bs: usize): void {
  changetype<K>(0).line(y, a, b, n, as, bs);
}

/** y [rows, cols]; element (r, c) of an operand is r·row stride + c·column stride elements on. */
export function block<K>(
  y: usize, a: usize, b: usize, rows: usize, cols: usize, ar: usize, ac: usize, br: usize, bc: usize,
): void {
  const k = changetype<K>(0);
  const size = cols * k.size();
  ar *= k.operand();
  br *= k.operand();
  for (; rows > 0; rows--) {
    k.line(y, a, b, cols, ac, bc);
    y += size;
    a += ar;
    b += br;
  }
}

/** Six axes: `d` points at 18 32-bit integers, lengths, then strides of a, then strides of b. */
export function strided<K>(y: usize, a: usize, b: usize, d: usize): void {
  walk<K>(y, a, b, d, 0);
}

function walk<K>(y: usize, a: usize, b: usize, d: usize, axis: usize): usize {
  const n = load<usize>(d);
  const as = load<usize>(d, 24), bs = load<usize>(d, 48);
  const k = changetype<K>(0);
  if (axis == 5) {
    k.line(y, a, b, n, as, bs);
    return y + n * k.size();
  }
  for (let i: usize = 0; i < n; i++) {
    y = walk<K>(y, a, b, d + 4, axis + 1);
    a += as * k.operand();
    b += bs * k.operand();
  }
  return y;
}
