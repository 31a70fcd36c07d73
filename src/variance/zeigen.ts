/**
 * @module variance/zeigen
 *
 * λ̃_max(𝒯) = max over unit u of 𝒯_abcd u_a u_b u_c u_d, and the minimum (P24 eq. 10), by shifted symmetric power iteration (Kolda &
 * Mayo 2011) on the symmetrised tensor from many starts. Each start climbs to a stationary point, so a maximum comes from below: an
 * estimate, printed beside certified bounds, never one. O(T⁴) a step.
 */
import { Sequence } from '../core/random.js';
import { eigenvalues } from '../fisher/closed-forms/symmetric.js';

/** Starts, steps and seed of the search for Z-eigenvalues. */
export interface ZEigenOptions {
  /** At least 20. */
  readonly starts?: number;
  /** Seed of the starts; default 0. */
  readonly seed?: number;
  /** Most steps from each start; default 500. */
  readonly steps?: number;
}

/** Mean over the three pairings of indices: enough where 𝒯 is symmetric in (ab), (cd) and their exchange, as M and K are. */
function symmetrised(t: Float64Array, T: number): Float64Array {
  const at = (a: number, b: number, c: number, d: number) => t[((a * T + b) * T + c) * T + d];
  const out = new Float64Array(t.length);
  let i = 0;
  for (let a = 0; a < T; a++)
    for (let b = 0; b < T; b++)
      for (let c = 0; c < T; c++)
        for (let d = 0; d < T; d++) out[i++] = (at(a, b, c, d) + at(a, c, b, d) + at(a, d, b, c)) / 3;
  return out;
}

/** 𝒯 contracted with u over its last index. */
function contracted(t: Float64Array, u: Float64Array): Float64Array {
  const T = u.length;
  const out = new Float64Array(t.length / T);
  for (let i = 0; i < out.length; i++) for (let a = 0; a < T; a++) out[i] += t[i * T + a] * u[a];
  return out;
}

/**
 * Largest (`max`) or least (`min`) value of u⁴·𝒯, 𝒯 [T, T, T, T], over unit vectors that the iterations found, with its u.
 * @throws FimError with `engine/memory`, `kernels/memory`, `kernels/unknown`, `kernels/unsupported`, `linalg/no-convergence`,
 * `linalg/not-finite`, `linalg/shape`, `random/seed`, `random/sequence`
 */
export function zEigenvalue(
  tensor: Float64Array,
  T: number,
  which: 'max' | 'min',
  options: ZEigenOptions = {},
): {
  /** u⁴·𝒯. */
  value: number;
  /** The unit vector [T]. */
  u: Float64Array;
} {
  const { starts = 20, seed = 0, steps = 500 } = options;
  const sign = which === 'max' ? 1 : -1;
  const t = symmetrised(tensor, T).map((x) => sign * x);
  const size = Math.sqrt(t.reduce((s, x) => s + x * x, 0));
  const rng = new Sequence(seed, 'z-eigenvalue');
  let best: { value: number; u: Float64Array } = { value: -Infinity, u: new Float64Array(T) };
  for (let start = 0; start < Math.max(20, starts, T); start++) {
    let u = unit(
      Float64Array.from({ length: T }, (_, a) => (start < T ? Number(a === start) : rng.normal())),
    );
    let value = -Infinity;
    for (let step = 0; step < steps; step++) {
      const matrix = contracted(contracted(t, u), u);
      const v = contracted(matrix, u);
      const now = v.reduce((s, x, a) => s + x * u[a], 0);
      const done = now - value <= 1e-15 * Math.abs(now);
      if (now > best.value) best = { value: now, u };
      if (done && step > 1) break;
      value = now;
      // Makes the form convex near u, so that the step climbs (Kolda & Mayo 2014, adaptive).
      const shift = Math.max(0, -3 * eigenvalues(matrix, T)[T - 1]) + 1e-6 * size;
      u = unit(v.map((x, a) => x + shift * u[a]));
    }
  }
  return { value: sign * best.value, u: best.u };
}

function unit(u: Float64Array): Float64Array {
  const size = Math.sqrt(u.reduce((s, x) => s + x * x, 0));
  return size > 0 ? u.map((x) => x / size) : u;
}
