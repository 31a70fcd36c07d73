/**
 * @module linalg/eigen
 *
 * Eigenvalues and vectors of a symmetric matrix: Householder reflections to tridiagonal form, then implicit QL steps with Wilkinson's
 * shift (Golub & Van Loan, 4th ed., algorithms 8.3.1–8.3.3). Backward stable: ‖AV − VΛ‖ ≤ c n 2⁻⁵³ ‖A‖. About 9n³ operations.
 */
import { FimError } from '../core/errors.js';

export interface Eigen {
  /** Ascending [n]. */
  readonly values: Float64Array;
  /** [n, n], row-major; column j belongs to value j. */
  readonly vectors: Float64Array;
}

const MAX_STEPS = 60;

/** Of A [n, n], of which the lower triangle is read. Throws `linalg/not-finite`, `linalg/no-convergence`. */
export function symmetricEigen(a: Float64Array, n: number): Eigen {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) if (!Number.isFinite(a[i * n + j])) throw notFinite(i, j, a[i * n + j]);
  }
  // Rows of Q are the vectors: the loops below then run along rows.
  const Q = new Float64Array(n * n);
  const d = new Float64Array(n);
  const e = new Float64Array(n);
  tridiagonalise(a, n, Q, d, e);
  implicitQl(d, e, Q, n);
  const order = Array.from({ length: n }, (_, i) => i).sort((i, j) => d[i] - d[j]);
  const vectors = new Float64Array(n * n);
  order.forEach((from, to) => {
    for (let i = 0; i < n; i++) vectors[i * n + to] = Q[from * n + i];
  });
  return { values: Float64Array.from(order, (i) => d[i]), vectors };
}

/** A = QᵀTQ: diagonal d, subdiagonal e[i] between i and i + 1, rows of Q orthonormal. */
function tridiagonalise(a: Float64Array, n: number, Q: Float64Array, d: Float64Array, e: Float64Array): void {
  const A = new Float64Array(n * n);
  for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) A[i * n + j] = A[j * n + i] = a[i * n + j];
  for (let i = 0; i < n; i++) Q[i * n + i] = 1;
  const v = new Float64Array(n);
  const p = new Float64Array(n);
  for (let k = 0; k < n - 1; k++) {
    d[k] = A[k * n + k];
    // Reflect column k below the diagonal onto its first element.
    let scale = 0;
    for (let i = k + 1; i < n; i++) scale = Math.max(scale, Math.abs(A[i * n + k]));
    let tail = 0;
    for (let i = k + 2; i < n; i++) tail = Math.max(tail, Math.abs(A[i * n + k]));
    if (tail === 0) {
      e[k] = A[(k + 1) * n + k];
      continue;
    }
    let norm = 0;
    for (let i = k + 1; i < n; i++) {
      v[i] = A[i * n + k] / scale;
      norm += v[i] * v[i];
    }
    norm = Math.sqrt(norm);
    const alpha = v[k + 1] > 0 ? -norm : norm;
    e[k] = alpha * scale;
    v[k + 1] -= alpha;
    let vv = 0;
    for (let i = k + 1; i < n; i++) vv += v[i] * v[i];
    const beta = 2 / vv;
    // A ← (1 − βvvᵀ) A (1 − βvvᵀ) on the rest, as a rank-2 update.
    let vp = 0;
    for (let i = k + 1; i < n; i++) {
      let sum = 0;
      for (let j = k + 1, at = i * n + k + 1; j < n; j++, at++) sum += A[at] * v[j];
      p[i] = beta * sum;
      vp += p[i] * v[i];
    }
    for (let i = k + 1; i < n; i++) p[i] -= 0.5 * beta * vp * v[i];
    for (let i = k + 1; i < n; i++) {
      const [vi, pi] = [v[i], p[i]];
      for (let j = k + 1, at = i * n + k + 1; j < n; j++, at++) A[at] -= vi * p[j] + pi * v[j];
    }
    // Q ← (1 − βvvᵀ) Q.
    p.fill(0);
    for (let i = k + 1; i < n; i++) {
      const vi = v[i];
      for (let j = 0, at = i * n; j < n; j++, at++) p[j] += vi * Q[at];
    }
    for (let i = k + 1; i < n; i++) {
      const factor = beta * v[i];
      for (let j = 0, at = i * n; j < n; j++, at++) Q[at] -= factor * p[j];
    }
  }
  if (n > 0) d[n - 1] = A[n * n - 1];
}

/** Diagonalises the tridiagonal (d, e), turning rows of Q along. */
function implicitQl(d: Float64Array, e: Float64Array, Q: Float64Array, n: number): void {
  // What is below rounding of the whole matrix couples nothing: without that, zero eigenvalues would never part.
  let norm = 0;
  for (let i = 0; i < n; i++) norm = Math.max(norm, Math.abs(d[i]) + Math.abs(e[i]));
  for (let l = 0; l < n; l++) {
    for (let step = 0; ; step++) {
      let m = l;
      while (m < n - 1 && Math.abs(e[m]) > 2 ** -53 * norm) m++;
      if (m === l) break;
      if (step === MAX_STEPS) throw stuck(l);
      // Wilkinson's shift, from the leading 2 × 2.
      const half = (d[l + 1] - d[l]) / (2 * e[l]);
      let g = d[m] - d[l] + e[l] / (half + Math.sign(half || 1) * Math.hypot(half, 1));
      let [s, c, shift] = [1, 1, 0];
      let i = m - 1;
      for (; i >= l; i--) {
        const f = s * e[i];
        const b = c * e[i];
        const r = Math.hypot(f, g);
        e[i + 1] = r;
        if (r === 0) {
          d[i + 1] -= shift;
          e[m] = 0;
          break;
        }
        s = f / r;
        c = g / r;
        g = d[i + 1] - shift;
        const q = (d[i] - g) * s + 2 * c * b;
        shift = s * q;
        d[i + 1] = g + shift;
        g = c * q - b;
        rotate(Q, n, i, s, c);
      }
      if (i >= l) continue;
      d[l] -= shift;
      e[l] = g;
      e[m] = 0;
    }
  }
}

/** Rows i and i + 1 of Q by the rotation (c, s). */
function rotate(Q: Float64Array, n: number, i: number, s: number, c: number): void {
  for (let j = 0, at = i * n, next = (i + 1) * n; j < n; j++, at++, next++) {
    const f = Q[next];
    Q[next] = s * Q[at] + c * f;
    Q[at] = c * Q[at] - s * f;
  }
}

function notFinite(i: number, j: number, got: number): FimError {
  return new FimError({
    code: 'linalg/not-finite',
    where: `eigenvalues of a symmetric matrix, element (${i}, ${j})`,
    rule: 'the elements are finite numbers',
    got: String(got),
  });
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
