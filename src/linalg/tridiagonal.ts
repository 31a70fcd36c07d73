/**
 * @module linalg/tridiagonal
 *
 * The two halves of a symmetric eigenproblem. A = QTQᵀ by Householder reflections (Golub & Van Loan, Matrix Computations, 4th ed.,
 * algorithm 8.3.1, from the last row up, as in Martin, Reinsch & Wilkinson, Numer. Math. 11, 1968), then T = SΛSᵀ by implicit QL steps
 * with Wilkinson's shift (algorithms 8.3.2, 8.3.3). Everything is orthogonal, so backward stable. Operations: 4n³/3 for T, 4n³/3 for Q,
 * and some 5n³ for QS, of which each sweep is applied to four rows at a time while they lie in the first-level cache.
 */
import { FimError } from '../core/errors.js';

/** QL steps for one eigenvalue; two or three are usual. */
const MAX_STEPS = 60;

export interface Tridiagonal {
  /** Diagonal [n]. */
  readonly d: Float64Array;
  /** e[i] between i and i + 1 [n], the last one 0. */
  readonly e: Float64Array;
  /** Of the reflection in row k of A [n]; 0: none. */
  readonly beta: Float64Array;
}

/** T of A [n, n]; its lower triangle is replaced by the reflections, of which `accumulate` makes Q. */
export function tridiagonalise(A: Float64Array, n: number): Tridiagonal {
  const d = new Float64Array(n);
  const e = new Float64Array(n);
  // Reflections 1 − βvvᵀ of the first k coordinates, v in row k: A[k, 0 … k − 1].
  const beta = new Float64Array(n);
  const p = new Float64Array(n);
  for (let k = n - 1; k > 0; k--) {
    const v = A.subarray(k * n, k * n + k);
    d[k] = A[k * n + k];
    [e[k - 1], beta[k]] = reflector(v);
    if (beta[k] !== 0) reflectBoth(A, n, v, beta[k], p);
  }
  if (n > 0) d[0] = A[0];
  return { d, e, beta };
}

/** x [k] ← v with (1 − βvvᵀ)x = αe_{k−1}; returns [α, β]. β = 0 where x is that already. */
function reflector(x: Float64Array): [number, number] {
  const last = x.length - 1;
  let scale = 0;
  for (let i = 0; i < last; i++) scale = Math.max(scale, Math.abs(x[i]));
  if (scale === 0) return [x[last], 0];
  scale = Math.max(scale, Math.abs(x[last]));
  let square = 0;
  for (let i = 0; i <= last; i++) {
    x[i] /= scale;
    square += x[i] * x[i];
  }
  const norm = Math.sqrt(square);
  const alpha = x[last] > 0 ? -norm : norm;
  // vᵀv = 2(‖x‖² − αx_last), with no cancellation.
  const half = square - alpha * x[last];
  x[last] -= alpha;
  return [alpha * scale, 1 / half];
}

/** Lower triangle of A's first k rows ← (1 − βvvᵀ) A (1 − βvvᵀ) = A − vqᵀ − qvᵀ, q = p − (β/2)(pᵀv)v, p = βAv. */
function reflectBoth(A: Float64Array, n: number, v: Float64Array, beta: number, p: Float64Array): void {
  const k = v.length;
  for (let i = 0; i < k; i++) {
    const row = i * n;
    const vi = v[i];
    let sum = 0;
    for (let j = 0; j < i; j++) {
      const a = A[row + j];
      sum += a * v[j];
      p[j] += a * vi;
    }
    p[i] = sum + A[row + i] * vi;
  }
  let pv = 0;
  for (let i = 0; i < k; i++) pv += (p[i] *= beta) * v[i];
  const shift = (beta / 2) * pv;
  for (let i = 0; i < k; i++) p[i] -= shift * v[i];
  for (let i = 0; i < k; i++) {
    const row = i * n;
    const [vi, pi] = [v[i], p[i]];
    for (let j = 0; j <= i; j++) A[row + j] -= vi * p[j] + pi * v[j];
  }
}

/** A ← Q, the product of the reflections in its rows: the k-th turns the first k rows of what the earlier ones have made. */
export function accumulate(A: Float64Array, n: number, beta: Float64Array): void {
  const p = new Float64Array(n);
  const v = new Float64Array(n);
  for (let k = 0; k < n; k++) {
    const row = k * n;
    if (beta[k] !== 0) {
      v.set(A.subarray(row, row + k));
      p.fill(0, 0, k);
      for (let i = 0; i < k; i++) {
        const vi = v[i];
        for (let j = 0, at = i * n; j < k; j++, at++) p[j] += vi * A[at];
      }
      for (let i = 0; i < k; i++) {
        const factor = beta[k] * v[i];
        for (let j = 0, at = i * n; j < k; j++, at++) A[at] -= factor * p[j];
      }
    }
    // Row and column k are still those of the identity.
    A.fill(0, row, row + k);
    A[row + k] = 1;
    for (let i = 0; i < k; i++) A[i * n + k] = 0;
  }
}

/**
 * d ← eigenvalues of the tridiagonal (d, e), in no order, and Q [rows, n] ← QS; e is used up. What is below rounding of the whole matrix
 * couples nothing (else the zeros of a matrix of low rank would never part), so errors are of that size too. Throws
 * `linalg/no-convergence`.
 */
export function diagonalise(d: Float64Array, e: Float64Array, Q: Float64Array, rows: number): void {
  const n = d.length;
  let norm = 0;
  for (let i = 0; i < n; i++) norm = Math.max(norm, Math.abs(d[i]) + Math.abs(e[i]));
  const [cosines, sines] = [new Float64Array(n), new Float64Array(n)];
  for (let l = 0; l < n; l++) {
    for (let step = 0; ; step++) {
      let m = l;
      while (m < n - 1 && Math.abs(e[m]) > 2 ** -53 * norm) m++;
      if (m === l) break;
      if (step === MAX_STEPS) throw stuck(l);
      const end = sweep(d, e, l, m, cosines, sines);
      turn(Q, rows, n, end, m, cosines, sines);
    }
  }
}

/** One QL step on l … m, its rotation of i and i + 1 in cosines[i], sines[i]; returns the last i turned, above l where it broke off. */
function sweep(
  d: Float64Array,
  e: Float64Array,
  l: number,
  m: number,
  cosines: Float64Array,
  sines: Float64Array,
): number {
  // Wilkinson's shift, from the leading 2 × 2.
  const half = (d[l + 1] - d[l]) / (2 * e[l]);
  let g = d[m] - d[l] + e[l] / (half + Math.sign(half || 1) * Math.hypot(half, 1));
  let [s, c, shift] = [1, 1, 0];
  for (let i = m - 1; i >= l; i--) {
    const f = s * e[i];
    const b = c * e[i];
    const r = Math.hypot(f, g);
    e[i + 1] = r;
    if (r === 0) {
      d[i + 1] -= shift;
      e[m] = 0;
      return i + 1;
    }
    s = f / r;
    c = g / r;
    g = d[i + 1] - shift;
    const q = (d[i] - g) * s + 2 * c * b;
    shift = s * q;
    d[i + 1] = g + shift;
    g = c * q - b;
    cosines[i] = c;
    sines[i] = s;
  }
  d[l] -= shift;
  e[l] = g;
  e[m] = 0;
  return l;
}

/** Columns i and i + 1 of Q by the rotation i, for i = m − 1 … l: along each row, one column is carried from rotation to rotation. */
function turn(
  Q: Float64Array,
  rows: number,
  n: number,
  l: number,
  m: number,
  cosines: Float64Array,
  sines: Float64Array,
): void {
  let row = 0;
  for (; row + 4 <= rows; row += 4) {
    const [r0, r1, r2, r3] = [row * n, (row + 1) * n, (row + 2) * n, (row + 3) * n];
    let [f0, f1, f2, f3] = [Q[r0 + m], Q[r1 + m], Q[r2 + m], Q[r3 + m]];
    for (let i = m - 1; i >= l; i--) {
      const c = cosines[i];
      const s = sines[i];
      const q0 = Q[r0 + i];
      const q1 = Q[r1 + i];
      const q2 = Q[r2 + i];
      const q3 = Q[r3 + i];
      Q[r0 + i + 1] = s * q0 + c * f0;
      Q[r1 + i + 1] = s * q1 + c * f1;
      Q[r2 + i + 1] = s * q2 + c * f2;
      Q[r3 + i + 1] = s * q3 + c * f3;
      f0 = c * q0 - s * f0;
      f1 = c * q1 - s * f1;
      f2 = c * q2 - s * f2;
      f3 = c * q3 - s * f3;
    }
    Q[r0 + l] = f0;
    Q[r1 + l] = f1;
    Q[r2 + l] = f2;
    Q[r3 + l] = f3;
  }
  for (; row < rows; row++) {
    const r = row * n;
    let f = Q[r + m];
    for (let i = m - 1; i >= l; i--) {
      const q = Q[r + i];
      Q[r + i + 1] = sines[i] * q + cosines[i] * f;
      f = cosines[i] * q - sines[i] * f;
    }
    Q[r + l] = f;
  }
}

function stuck(l: number): FimError {
  return new FimError({
    code: 'linalg/no-convergence',
    kind: 'internal',
    where: `eigenvalues of a symmetric matrix, value ${l}`,
    rule: `QL steps converge within ${MAX_STEPS}`,
    got: 'no convergence',
  });
}
