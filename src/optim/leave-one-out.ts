/**
 * @module optim/leave-one-out
 *
 * The λ of least leave-one-out error of the ridge regression Â on scores, by one eigendecomposition of K; see optim/damping-rules. λ is
 * looked for over seven decades about tr 𝓘̂/N, which is R² = ½: on a grid, then by golden section. O(N³), and O(N²) for each λ tried.
 */
import { symmetricEigen } from '../linalg/index.js';
import { type ChosenDamping, type DampingData, dampingError, traceOf } from './damping.js';

/** Largest N: an eigendecomposition takes about ten times a Cholesky factor. */
export const LEAVE_ONE_OUT_LIMIT = 512;

/** By leaving one out, of standardised advantages y. Throws `optim/damping`. */
export function byLeavingOneOut({ K, n }: DampingData, y: Float64Array): ChosenDamping {
  if (n > LEAVE_ONE_OUT_LIMIT) {
    throw dampingError(
      `leave-one-out takes an eigendecomposition: at most ${LEAVE_ONE_OUT_LIMIT} examples`,
      `${n} examples`,
      "{ rule: 'moments' }, as good and without it",
    );
  }
  const trace = n * traceOf(K, n);
  if (!(trace > 0) || !Number.isFinite(trace)) return { damping: 0, R2: 0 };
  const { values, vectors } = symmetricEigen(K, n);
  const projections = new Float64Array(n);
  for (let i = 0; i < n; i++) for (let k = 0; k < n; k++) projections[k] += vectors[i * n + k] * y[i];
  const weights = new Float64Array(n);
  const error = (log: number): number => {
    const shift = n * Math.exp(log);
    for (let k = 0; k < n; k++) weights[k] = 1 / (Math.max(0, values[k]) + shift);
    let sum = 0;
    for (let i = 0; i < n; i++) {
      let [solution, diagonal] = [0, 0];
      for (let k = 0; k < n; k++) {
        const v = vectors[i * n + k];
        solution += v * projections[k] * weights[k];
        diagonal += v * v * weights[k];
      }
      sum += (solution / diagonal) ** 2;
    }
    return sum / n;
  };
  const middle = Math.log(trace / n ** 2);
  const log = leastOf(error, middle - 4 * Math.LN10, middle + 3 * Math.LN10);
  return { damping: Math.exp(log), R2: 1 - error(log) };
}

/** Where f is least on [from, to]: the best of a grid, then golden section between its neighbours. */
function leastOf(f: (x: number) => number, from: number, to: number): number {
  const POINTS = 29;
  const step = (to - from) / (POINTS - 1);
  let best = from;
  let least = Infinity;
  for (let i = 0; i < POINTS; i++) {
    const value = f(from + i * step);
    if (value < least) [best, least] = [from + i * step, value];
  }
  const RATIO = (Math.sqrt(5) - 1) / 2;
  let [a, b] = [Math.max(from, best - step), Math.min(to, best + step)];
  let [c, d] = [b - RATIO * (b - a), a + RATIO * (b - a)];
  let [fc, fd] = [f(c), f(d)];
  while (b - a > 1e-3) {
    if (fc < fd) {
      [b, d, fd] = [d, c, fc];
      c = b - RATIO * (b - a);
      fc = f(c);
    } else {
      [a, c, fc] = [c, d, fd];
      d = a + RATIO * (b - a);
      fd = f(d);
    }
  }
  return (a + b) / 2;
}
