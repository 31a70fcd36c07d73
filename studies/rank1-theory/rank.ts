/**
 * @module studies/rank1-theory/rank
 *
 * Largest eigenvalue of a small positive semi-definite matrix with its vector, by power iteration; r = tr F/f_max, the effective rank.
 */
import { Sequence } from 'fim/core';

export interface Top {
  readonly value: number;
  readonly vector: Float64Array;
}

/** O(P²) a round; until the value stands still to 1e-13. Throws nothing: at most 20,000 rounds. */
export function topOf(matrix: Float64Array, P: number): Top {
  const random = new Sequence(0, 'rank1-theory/power');
  let vector = Float64Array.from({ length: P }, () => random.normal());
  let value = 0;
  for (let round = 0; round < 20_000; round++) {
    const next = multiplied(matrix, vector);
    const size = Math.sqrt(next.reduce((a, v) => a + v * v, 0));
    if (size === 0) return { value: 0, vector };
    vector = next.map((v) => v / size);
    if (Math.abs(size - value) < 1e-13 * size) return { value: size, vector };
    value = size;
  }
  return { value, vector };
}

export function multiplied(matrix: Float64Array, v: Float64Array): Float64Array {
  const P = v.length;
  const out = new Float64Array(P);
  for (let i = 0; i < P; i++) for (let j = 0; j < P; j++) out[i] += matrix[i * P + j] * v[j];
  return out;
}

export function traceOf(matrix: Float64Array, P: number): number {
  let sum = 0;
  for (let i = 0; i < P; i++) sum += matrix[i * P + i];
  return sum;
}
