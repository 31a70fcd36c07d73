/**
 * @module kernels/assembly/softmax
 *
 * softmax and log-softmax of the rows of x [m, n], shifted by the row's maximum; y may be x. A row's bits depend on the
 * row alone. float32: results below 1.2e-38 are 0; a row whose maximum is not finite is NaN.
 */
import { V, lanes, loadPart, maxLanes, storePart, sumLanes, zero } from './vec';
import { expFlush32 } from './exp32';
import { log32 } from './log32';

@inline
function exponential<T>(x: v128): v128 {
  if (sizeof<T>() == 4) return expFlush32(x);
  const v = f64x2.splat(NativeMath.exp(f64x2.extract_lane(x, 0)));
  return f64x2.replace_lane(v, 1, NativeMath.exp(f64x2.extract_lane(x, 1)));
}

/** Greatest element of a row. */
function top<T>(x: usize, n: usize): v128 {
  const L = lanes<T>();
  let m = v128.splat<T>(<T>(-Infinity));
  for (; n >= L; n -= L) {
    m = v128.max<T>(m, v128.load(x));
    x += V;
  }
  for (; n > 0; n--) {
    m = v128.max<T>(m, v128.load_splat<T>(x));
    x += sizeof<T>();
  }
  return v128.splat<T>(maxLanes<T>(m));
}

export function softmax<T>(y: usize, x: usize, m: usize, n: usize): void {
  const r = n & (lanes<T>() - 1);
  const whole = (n - r) * sizeof<T>();
  for (; m > 0; m--) {
    const max = top<T>(x, n);
    let sum = zero();
    for (let o: usize = 0; o < whole; o += V) {
      const e = exponential<T>(v128.sub<T>(v128.load(x + o), max));
      v128.store(y + o, e);
      sum = v128.add<T>(sum, e);
    }
    let last = zero();
    if (r) {
      last = exponential<T>(v128.sub<T>(loadPart<T>(x + whole, r), max));
      sum = v128.add<T>(sum, keep<T>(last, r));
    }
    const s = v128.splat<T>(sumLanes<T>(sum));
    for (let o: usize = 0; o < whole; o += V) v128.store(y + o, v128.div<T>(v128.load(y + o), s));
    if (r) storePart<T>(y + whole, v128.div<T>(last, s), r);
    x += n * sizeof<T>();
    y += n * sizeof<T>();
  }
}

export function logSoftmax<T>(y: usize, x: usize, m: usize, n: usize): void {
  const r = n & (lanes<T>() - 1);
  const whole = (n - r) * sizeof<T>();
  for (; m > 0; m--) {
    const max = top<T>(x, n);
    let sum = zero();
    for (let o: usize = 0; o < whole; o += V) {
      sum = v128.add<T>(sum, exponential<T>(v128.sub<T>(v128.load(x + o), max)));
    }
    if (r) sum = v128.add<T>(sum, keep<T>(exponential<T>(v128.sub<T>(loadPart<T>(x + whole, r), max)), r));
    const s = sumLanes<T>(sum);
    let log: v128;
    if (sizeof<T>() == 4) log = log32(f32x4.splat(<f32>s));
    else log = f64x2.splat(NativeMath.log(s));
    for (let o: usize = 0; o < whole; o += V) {
      v128.store(y + o, v128.sub<T>(v128.sub<T>(v128.load(x + o), max), log));
    }
    if (r) storePart<T>(y + whole, v128.sub<T>(v128.sub<T>(loadPart<T>(x + whole, r), max), log), r);
    x += n * sizeof<T>();
    y += n * sizeof<T>();
  }
}

/** The first r lanes, the others 0. */
@inline
function keep<T>(v: v128, r: usize): v128 {
  if (sizeof<T>() == 8) return i64x2.shuffle(v, zero(), 0, 2);
  if (r == 1) return i32x4.shuffle(v, zero(), 0, 4, 4, 4);
  return r == 2 ? i32x4.shuffle(v, zero(), 0, 1, 4, 4) : i32x4.shuffle(v, zero(), 0, 1, 2, 4);
}
