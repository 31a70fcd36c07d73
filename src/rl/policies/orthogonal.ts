/**
 * @module rl/policies/orthogonal
 *
 * A weight [out, in] with orthonormal rows or columns, whichever are fewer, times a gain: the Q of a matrix of standard normals, with
 * signs such that it is uniform over such matrices (the diagonal of R is made positive).
 * A. M. Saxe, J. L. McClelland, S. Ganguli, ICLR 2014; F. Mezzadri, Notices of the AMS 54 (2007). Cost: O(in · out · min).
 */
import type { Sequence } from '../../core/random.js';

/** Row-major [rows, columns]. */
export function orthogonal(rows: number, columns: number, gain: number, random: Sequence): Float64Array {
  const short = Math.min(rows, columns);
  const long = Math.max(rows, columns);
  // `short` vectors of length `long`, made orthonormal one after the other; twice is enough for full precision.
  const vectors = Array.from({ length: short }, () =>
    Float64Array.from({ length: long }, () => random.normal()),
  );
  vectors.forEach((v, k) => {
    for (let pass = 0; pass < 2; pass++) {
      for (let j = 0; j < k; j++) subtract(v, vectors[j], dot(v, vectors[j]));
    }
    const size = Math.sqrt(dot(v, v));
    for (let i = 0; i < long; i++) v[i] /= size;
  });
  const out = new Float64Array(rows * columns);
  vectors.forEach((v, k) => {
    for (let i = 0; i < long; i++) out[rows <= columns ? k * columns + i : i * columns + k] = gain * v[i];
  });
  return out;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

function subtract(a: Float64Array, b: Float64Array, factor: number): void {
  for (let i = 0; i < a.length; i++) a[i] -= factor * b[i];
}
