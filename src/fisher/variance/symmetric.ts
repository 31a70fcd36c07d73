/**
 * @module fisher/variance/symmetric
 *
 * Eigenvalues of the tiny symmetric matrices of an output family (T×T, T²×T²), by cyclic Jacobi rotations: every rotation is
 * orthogonal, so the result is exact to rounding, from whichever side. O(n³) a sweep, about eight sweeps. Not for parameters.
 */

/** Eigenvalues of a symmetric matrix [n, n], in falling order. */
export function eigenvalues(matrix: ArrayLike<number>, n: number): Float64Array {
  const a = Float64Array.from(matrix);
  const offDiagonal = () => {
    let sum = 0;
    for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) sum += a[i * n + j] ** 2;
    return sum;
  };
  let size = 0;
  for (let i = 0; i < n * n; i++) size += a[i] ** 2;
  for (let sweep = 0; sweep < 60 && offDiagonal() > 1e-34 * size; sweep++) {
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) rotate(a, n, p, q);
  }
  const out = Float64Array.from({ length: n }, (_, i) => a[i * n + i]);
  return out.sort().reverse();
}

/** The largest eigenvalue; 0 of an empty matrix. */
export const largestEigenvalue = (matrix: ArrayLike<number>, n: number): number =>
  n === 0 ? 0 : eigenvalues(matrix, n)[0];

/** Makes a_pq zero. */
function rotate(a: Float64Array, n: number, p: number, q: number): void {
  const apq = a[p * n + q];
  if (apq === 0) return;
  const theta = (a[q * n + q] - a[p * n + p]) / (2 * apq);
  const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  for (let k = 0; k < n; k++) {
    const [kp, kq] = [a[k * n + p], a[k * n + q]];
    a[k * n + p] = c * kp - s * kq;
    a[k * n + q] = s * kp + c * kq;
  }
  for (let k = 0; k < n; k++) {
    const [pk, qk] = [a[p * n + k], a[q * n + k]];
    a[p * n + k] = c * pk - s * qk;
    a[q * n + k] = s * pk + c * qk;
  }
}

/** A map M̄ [T², T²] of symmetric matrices (M_abcd symmetric in (ab) and in (cd)), in the orthonormal basis e_a⊗e_a, (e_a⊗e_b + e_b⊗e_a)/√2: [T(T+1)/2] squared. */
export function onSymmetric(M: Float64Array, T: number): Float64Array {
  const basis: [number, number][] = [];
  for (let a = 0; a < T; a++) for (let b = 0; b <= a; b++) basis.push([a, b]);
  const size = basis.length;
  const out = new Float64Array(size * size);
  basis.forEach(([a, b], i) =>
    basis.forEach(([c, d], j) => {
      const scale = (a === b ? 1 : Math.SQRT2) * (c === d ? 1 : Math.SQRT2);
      out[i * size + j] = scale * M[((a * T + b) * T + c) * T + d];
    }),
  );
  return out;
}
