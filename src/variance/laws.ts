/**
 * @module variance/laws
 *
 * Laws that follow from a variance, without a network: errors over inputs and labels together, how many of each to take, the error of
 * type 1 in the Fisher's own metric.
 */
import type { ComponentMoments, Likelihood, Outputs } from '../likelihood/types.js';
import { pairwiseError } from './gram-errors.js';

/** Per input and label: A = Var_q 𝔽(x), B = E_q 𝒱(x) of one label. */
export interface TwoLevels {
  /** A. */
  readonly inputs: number;
  /** B. */
  readonly labels: number;
}

/** Variance of an estimate from n inputs with K labels each: (A + B/K)/n (P24 Theorem 4.7). */
export function jointVariance({ inputs: A, labels: B }: TwoLevels, n: number, K: number): number {
  return (A + B / K) / n;
}

/** From the mean and mean square over n inputs: Var_q 𝔽(x), divisor n − 1, not below 0; NaN below two inputs. */
export function inputVariance(mean: number, meanSquare: number, n: number): number {
  return n > 1 ? (Math.max(0, meanSquare - mean * mean) * n) / (n - 1) : NaN;
}

/**
 * Labels per input that reach a given variance at least cost, where a forward pass costs `perInput` and a label `perLabel`:
 * K = √(B c_x/(A c_y)), at least 1 (theory (6.2)). Infinity where inputs do not vary.
 */
export function optimalLabels(
  { inputs: A, labels: B }: TwoLevels,
  perInput: number,
  perLabel: number,
): number {
  if (B === 0) return 1;
  return A === 0 ? Infinity : Math.max(1, Math.sqrt((B * perInput) / (A * perLabel)));
}

/** Draws after which P(|Î − 𝔽| ≥ ε) ≤ `failure`, whatever the law: V/(ε² failure) (Chebyshev; P21 §3.4). Frobenius errors likewise. */
export function chebyshevDraws(variance: number, tolerance: number, failure: number): number {
  return Math.ceil(variance / (tolerance * tolerance * failure));
}

/**
 * E‖𝔽^{+½}(Î1 − 𝔽)𝔽^{+½}‖_F² of one label, for each row [n]: β₂ − ρ with ρ = rank I, β₂ = E[(δᵀI⁺δ)²] (Mardia's kurtosis), the same for
 * every network whose J has full row rank on the range of I (theory (4.5)). Categorical: Σ 1/p_c − 3C + 2; independent components: Σ
 * c_a/w_a² + T² − T. Diverges as a classifier becomes confident: type 1's relative error, while its absolute error goes to 0.
 *
 * `enumerated` families are taken to be softmaxes: affinely independent labels (rank T − 1) whose probabilities are the mean of t.
 */
export function whitenedError(likelihood: Likelihood, h: Outputs): Float64Array {
  const { n, T } = h;
  const components: ComponentMoments | null = likelihood.components;
  if (!components) return ofLabels(likelihood, h);
  const K = likelihood.columnCount(T);
  const columns = new Float64Array(n * K * T);
  const w = new Float64Array(n * K);
  likelihood.columns(h, columns, w);
  const c = new Float64Array(n * K);
  components.fourth(h, c);
  const row = (a: Float64Array, e: number, size: number) => a.subarray(e * size, (e + 1) * size);
  return Float64Array.from({ length: n }, (_, e) => {
    if (!likelihood.unitColumns) {
      const metric = whitenedGram(row(columns, e, K * T), row(w, e, K), T);
      return pairwiseError(metric, row(w, e, K), row(c, e, K));
    }
    let sum = T * T - T;
    for (let k = e * K; k < (e + 1) * K; k++) sum += c[k] / w[k] ** 2;
    return sum;
  });
}

/** Σ 1/p_c − 3C + 2 of each row, without the columns: T numbers, not T². */
function ofLabels(likelihood: Likelihood, h: Outputs): Float64Array {
  const { n, T } = h;
  const p = new Float64Array(n * T);
  likelihood.mean(h, p);
  return Float64Array.from({ length: n }, (_, e) => {
    let sum = 2 - 3 * T;
    for (let c = e * T; c < (e + 1) * T; c++) sum += 1 / p[c];
    return sum;
  });
}

/** Δ_jᵀ I⁻¹ Δ_k for regular I = Σ_k w_k Δ_kΔ_kᵀ, by elimination of [I | Δᵀ]. */
function whitenedGram(columns: Float64Array, w: Float64Array, T: number): Float64Array {
  const K = w.length;
  const rows = Array.from({ length: T }, (_, a) =>
    Float64Array.from({ length: T + K }, (_, b) => {
      if (b >= T) return columns[(b - T) * T + a];
      let sum = 0;
      for (let k = 0; k < K; k++) sum += w[k] * columns[k * T + a] * columns[k * T + b];
      return sum;
    }),
  );
  for (let p = 0; p < T; p++) {
    // I is positive definite: no exchange of rows is needed.
    for (let r = 0; r < T; r++) {
      if (r === p) continue;
      const factor = rows[r][p] / rows[p][p];
      for (let b = p; b < T + K; b++) rows[r][b] -= factor * rows[p][b];
    }
  }
  const out = new Float64Array(K * K);
  for (let j = 0; j < K; j++)
    for (let k = 0; k < K; k++)
      for (let a = 0; a < T; a++) out[j * K + k] += (columns[j * T + a] * rows[a][T + k]) / rows[a][a];
  return out;
}
