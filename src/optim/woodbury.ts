/**
 * @module optim/woodbury
 *
 * The empirical Fisher of the whole batch, inverted exactly in the space of its N scores S [N, P] (M. A. Woodbury 1950):
 *
 *   (SᵀS/N + λI)⁻¹ g = (1/λ) [g − Sᵀx],   (K + λN I) x = S g,   K = SSᵀ
 *
 * for any g, in the span of the scores or not (an entropy gradient is not). K comes from factored scores (optim/gram), Sg from one
 * forward product, Sᵀx from one reverse product; S is never formed. What is left of d in sample space is free: Sd = N x, so
 *
 *   dᵀ𝓘̂d = |Sd|²/N = N |x|²                      (the closed form |K(x/N)|²/N of g = SᵀÂ/N)
 *
 * Y. Ren, D. Goldfarb, arXiv 1906.02353; A. Chen, M. Heyl 2023 (MinSR). Cost: N² Σ_l (in + out) + N³/3, memory N². For N beyond a few
 * thousand, or a λ so small that g − Sᵀx cancels in float32, use conjugate gradients.
 */
import type { FloatArray } from '../core/tensor.js';
import { UniformStream } from '../core/random.js';
import { choleskySolve } from '../linalg/index.js';
import { dampedFactor } from '../matrix/blocks/dense.js';
import { checkDamping, type Damping, traceOf } from './damping.js';
import { chooseDamping } from './damping-rules.js';
import { ScoreGram } from './gram.js';
import type { PreconditionerFactory } from './preconditioner.js';
import { dot } from '../matrix/vectors.js';

/** Damping and report of `woodbury`. */
export interface WoodburyOptions {
  /** Default `{ rule: 'moments' }`. */
  readonly damping?: Damping;
  /** Whether to report the largest eigenvalue of the empirical Fisher and its effective rank. Default false; O(N²). */
  readonly spectrum?: boolean;
}

/**
 * Report: `damping`, `trF` = tr K/N, `empiricalForm` = dᵀ𝓘̂d; under a rule `R2`; with `spectrum` `fMax` and `effectiveRank` = trF/fMax.
 * Throws `optim/damping`, and what `cholesky` throws.
 * @throws FimError with `engine/memory`, `graph/examples-coupled`, `graph/shape`, `kernels/memory`, `kernels/unknown`,
 * `kernels/unsupported`, `linalg/no-convergence`, `linalg/not-finite`, `linalg/not-positive-definite`, `linalg/shape`, `random/index`,
 * `random/seed`, `tensor/size`
 */
export function woodbury(options: WoodburyOptions = {}): PreconditionerFactory {
  const { damping: rule = { rule: 'moments' }, spectrum = false } = options;
  checkDamping(rule);
  return async ({ engine, network, store, linear, maxBatch }) => {
    const gram = await ScoreGram.compile(engine, network, store, maxBatch);
    const { T, P } = linear;
    const room = new Float64Array(maxBatch * maxBatch);
    const u: FloatArray =
      network.h.dtype === 'float64' ? new Float64Array(maxBatch * T) : new Float32Array(maxBatch * T);
    const back = new Float64Array(P);
    return {
      name: 'woodbury',
      async direction({ inputs, residuals, n, advantages, trajectories }, g) {
        const K = await gram.of(inputs, residuals, n, room.subarray(0, n * n));
        const { damping, R2 } = chooseDamping(rule, { K, n, advantages, trajectories });
        const trF = traceOf(K, n);
        const report: Record<string, number> = { damping, trF };
        if (R2 !== null) report.R2 = R2;
        if (spectrum) {
          report.fMax = largestEigenvalue(K, n) / n;
          report.effectiveRank = trF / report.fMax;
        }
        const Sg = contract(residuals, await linear.times(g, n), n, T);
        const x = choleskySolve(dampedFactor(K, n, damping * n), n, Sg);
        for (let e = 0, at = 0; e < n; e++) for (let a = 0; a < T; a++, at++) u[at] = residuals[at] * x[e];
        await linear.transposed(u.subarray(0, n * T), n, back);
        report.empiricalForm = n * dot(x, x);
        const inverse = 1 / damping;
        return { direction: g.map((v, i) => (v - back[i]) * inverse), report };
      },
      save: () => ({}),
      load: () => {},
      dispose: () => gram.dispose(),
    };
  };
}

/** (Sv)_n = δ_n·J_n v. */
function contract(residuals: FloatArray, tangents: FloatArray, n: number, T: number): Float64Array {
  const out = new Float64Array(n);
  for (let e = 0; e < n; e++) out[e] = dot(residuals, tangents, e * T, (e + 1) * T);
  return out;
}

/**
 * The largest eigenvalue of a positive semidefinite K [n, n], from below, by power iterations from a random start. O(n²) each.
 * @throws FimError with `random/index`, `random/seed`
 */
export function largestEigenvalue(K: Float64Array, n: number, iterations = 12): number {
  const start = new UniformStream(0, 'optim/power');
  let v = Float64Array.from({ length: n }, (_, i) => start.normalAt(i, 0, 0, 0));
  let size = Math.sqrt(dot(v, v));
  let value = 0;
  for (let k = 0; k < iterations && size > 0; k++) {
    const next = new Float64Array(n);
    for (let i = 0; i < n; i++) {
      let sum = 0;
      for (let j = 0, at = i * n; j < n; j++) sum += K[at + j] * v[j];
      next[i] = sum / size;
    }
    // Rayleigh's quotient of the iterate before.
    value = dot(v, next) / size;
    v = next;
    size = Math.sqrt(dot(v, v));
  }
  return value;
}
