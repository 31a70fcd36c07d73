/**
 * @module linalg/secular
 *
 * Eigenpairs of D + ρzzᵀ, D = diag(d) with d rising and no two the same, ρ > 0, ‖z‖ = 1, no z_i zero: the roots of
 *
 *   1/ρ + Σ_i z_i²/(d_i − λ) = 0,  one behind each d_i
 *
 * each found as its distance μ from the nearer pole, so that d_i − λ = (d_i − pole) − μ keeps its digits (J. R. Bunch, C. P. Nielsen and
 * D. C. Sorensen, Numer. Math. 31, 1978), by fitting both poles and halving where that leaves the bracket. Vectors belong to the z that has
 * the roots found exactly (M. Gu and S. C. Eisenstat, SIAM J. Matrix Anal. Appl. 15, 1994): orthogonal to rounding however close roots are.
 */

import { between, type Halves, twoPoleStep } from './two-poles.js';

/** Steps for one root; five are usual. */
const MOST_STEPS = 100;

/** What is solved. */
export interface RankOne {
  /** Rising [k]. */
  readonly d: Float64Array;
  readonly z: Float64Array;
  readonly rho: number;
}

/** The sum, the two parts of its derivative (poles up to a root, and behind it), and the sum of sizes. */
interface Sum extends Halves {
  value: number;
  before: number;
  behind: number;
  size: number;
}

/**
 * Roots λ [k], rising, and into `distances`, of which row j is [k] at j·ld, the numbers d_i − λ_j. `at`: index of the first.
 */
export function secularRoots(
  problem: RankOne,
  distances: Float64Array,
  at: number,
  ld: number,
): Float64Array {
  const k = problem.d.length;
  const values = new Float64Array(k);
  const squares = problem.z.map((v) => v * v);
  for (let j = 0; j < k; j++)
    values[j] = root(problem, squares, j, distances.subarray(at + j * ld, at + j * ld + k));
  return values;
}

/** The root behind d_j; `t` [k] ← d − λ. */
function root({ d, rho }: RankOne, squares: Float64Array, j: number, t: Float64Array): number {
  const k = d.length;
  const last = j === k - 1;
  const gap = last ? rho : d[j + 1] - d[j];
  const sum: Sum = { value: 0, before: 0, behind: 0, size: 0 };
  const half = gap / 2;
  for (let i = 0; i < k; i++) t[i] = d[i] - d[j];
  evaluate(squares, t, j, half, rho, sum);
  // Rising from −∞ to what is above 0: its sign in the middle says which half the root is in.
  const near = last || sum.value >= 0;
  const pole = near ? d[j] : d[j + 1];
  if (!near) for (let i = 0; i < k; i++) t[i] = d[i] - pole;
  let [low, high] = near ? [0, sum.value >= 0 ? half : gap] : [-half, 0];
  if (last && sum.value < 0) low = half;
  const other = last ? j - 1 : j + 1;
  const middle = near ? half : half - gap;
  let mu =
    other < 0 ? NaN : middle + twoPoleStep(sum, t[last ? other : j] - middle, t[last ? j : other] - middle);
  if (!(mu > low && mu < high)) mu = between(low, high);
  for (let i = 0; i < MOST_STEPS; i++) {
    // The last root has its own pole behind the others, as any root has the next.
    evaluate(squares, t, last ? j - 1 : j, mu, rho, sum);
    if (Math.abs(sum.value) <= 2 ** -53 * k * sum.size) break;
    if (sum.value < 0) low = mu;
    else high = mu;
    const next = other < 0 ? NaN : mu + twoPoleStep(sum, t[last ? other : j] - mu, t[last ? j : other] - mu);
    const inside = next > low && next < high ? next : between(low, high);
    if (inside === mu || !(inside > low && inside < high)) break;
    mu = inside;
  }
  for (let i = 0; i < k; i++) t[i] -= mu;
  return pole + mu;
}

/** Of the function at μ behind the pole that t is counted from; poles 0 … split are before the root. */
function evaluate(
  squares: Float64Array,
  t: Float64Array,
  split: number,
  mu: number,
  rho: number,
  out: Sum,
): void {
  const k = t.length;
  let value = 0;
  let before = 0;
  let size = 0;
  for (let i = 0; i <= split; i++) {
    const r = 1 / (t[i] - mu);
    const term = squares[i] * r;
    value += term;
    before += term * r;
  }
  size -= value;
  let behindValue = 0;
  let behind = 0;
  for (let i = split + 1; i < k; i++) {
    const r = 1 / (t[i] - mu);
    const term = squares[i] * r;
    behindValue += term;
    behind += term * r;
  }
  out.value = 1 / rho + value + behindValue;
  out.before = before;
  out.behind = behind;
  out.size = 1 / rho + Math.abs(size) + Math.abs(behindValue);
}

/**
 * `distances` ← the vectors, that of root j in row j: ẑ_i/(d_i − λ_j) over its length, with
 * ẑ_i² = Π_j (λ_j − d_i)/Π_{j≠i} (d_j − d_i). `place` [k]: where in its row component i goes.
 */
export function secularVectors(
  { d, z }: RankOne,
  distances: Float64Array,
  at: number,
  ld: number,
  place: ArrayLike<number>,
): void {
  const k = d.length;
  const own = new Float64Array(k).fill(1);
  for (let j = 0; j < k; j++) {
    const row = at + j * ld;
    const dj = d[j];
    for (let i = 0; i < j; i++) own[i] *= distances[row + i] / (d[i] - dj);
    own[j] *= -distances[row + j];
    for (let i = j + 1; i < k; i++) own[i] *= distances[row + i] / (d[i] - dj);
  }
  for (let i = 0; i < k; i++) own[i] = Math.sign(z[i]) * Math.sqrt(Math.max(0, own[i]));
  const vector = new Float64Array(k);
  for (let j = 0; j < k; j++) {
    const row = at + j * ld;
    let square = 0;
    for (let i = 0; i < k; i++) {
      const v = own[i] / distances[row + i];
      vector[i] = v;
      square += v * v;
    }
    const scale = 1 / Math.sqrt(square);
    for (let i = 0; i < k; i++) distances[row + place[i]] = vector[i] * scale;
  }
}
