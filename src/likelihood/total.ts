/**
 * @module likelihood/total
 *
 * The law of a total over labels, given x: ‖s‖² = δᵀGδ over a block of parameters (a tensor, a layer, all), G = JJᵀ of the
 * block. Its mean is the block's trace; here are its variance and third central moment, exactly, per example.
 * Source: theory (11.1) to (11.4); moments of quadratic forms in independent variables, derived below.
 *
 * `enumerated`: from q_k = ‖s_k‖² = Δ_kᵀGΔ_k [n, K]:   Σ_k w_k (q_k − q̄)^m,  q̄ = Σ_k w_k q_k.
 *
 * `pairwise`: from G_jk = ⟨s_j, s_k⟩ [n, K, K]. Write δᵀGδ − tr(GI) = D + X with D = Σ_a G_aa(δ_a² − w_a) and
 * X = 2 Σ_{a<b} G_ab δ_aδ_b. Components are independent with mean 0, so only terms without a lone component survive:
 *
 *   E D²    = Σ_a c_a G_aa²                               E X²   = 4 Σ_{a<b} w_a w_b G_ab²         E DX = 0
 *   E D³    = Σ_a d_a G_aa³                               3E D²X = 12 Σ_{a<b} μ3_a μ3_b G_aa G_bb G_ab
 *   3E DX²  = 12 Σ_{a≠b} c_a w_b G_aa G_ab²               E X³   = 48 Σ_{a<b<c} w_a w_b w_c G_ab G_bc G_ca + 8 Σ_{a<b} μ3_a μ3_b G_ab³
 *
 * with c = Var δ², d = E(δ² − w)³. For a Gaussian these sum to 2 tr((GI)²) and 8 tr((GI)³). No label is enumerated or
 * sampled, for any T. Rademacher signs on a root, of any family, are c = d = μ3 = 0: 4 Σ_{a<b} M_ab² = 2(‖M‖² − Σ M_aa²).
 * All but E D³ and the terms among a pair's own columns hold as well for pairs (`gaussian-mv`), whose columns have been chosen
 * so that Cov and κ3 are these sums; `pairThird` stands for the terms that they leave out.
 * Cost: O(K²) an example for the variance, O(K³) for the third moment.
 */
import type { FloatArray } from '../core/tensor.js';
import type { PairThird } from './types.js';

/** μ3, c and d of each component, [n, K]; null: Rademacher signs. */
export interface PairwiseMoments {
  /** Third central moment μ3 of each component, [n, K]. */
  readonly third: FloatArray;
  /** c = Var (t − η)² of each component, [n, K]. */
  readonly fourth: FloatArray;
  /** d, the third central moment of (t − η)², of each component, [n, K]. */
  readonly squareThird: FloatArray;
  /** Of components that are pairs (see `Likelihood.pairThird`), in place of all terms of one pair's own columns. */
  readonly pairThird?: PairThird | null;
}

/** Σ_k w_k (q_k − q̄)^order → [n]; order 2 is the variance, 3 the third central moment. q, w [n, K]. */
export function enumeratedTotal(
  q: FloatArray,
  w: FloatArray,
  n: number,
  K: number,
  order: 2 | 3,
  out: FloatArray,
): void {
  const other = new Float64Array(n);
  if (order === 2) enumeratedMoments(q, w, n, K, out, other);
  else enumeratedMoments(q, w, n, K, other, out);
}

/** Variance and third central moment of q under the weights w, each → [n]. q, w [n, K]. */
export function enumeratedMoments(
  q: FloatArray,
  w: FloatArray,
  n: number,
  K: number,
  variance: FloatArray,
  third: FloatArray,
): void {
  for (let i = 0; i < n; i++) {
    let mean = 0;
    let weight = 0;
    for (let k = i * K; k < (i + 1) * K; k++) {
      mean += w[k] * q[k];
      weight += w[k];
    }
    mean /= weight;
    let second = 0;
    let cube = 0;
    for (let k = i * K; k < (i + 1) * K; k++) {
      const d = q[k] - mean;
      const term = w[k] * d * d;
      second += term;
      cube += term * d;
    }
    variance[i] = second;
    third[i] = cube;
  }
}

/**
 * Variance and third central moment of the total Q = ‖Σ_b g_b‖² of independent blocks of `columns` columns each, enumerated by them → [n].
 * G [n, K, K], w [n, K]; with q_k = G_kk, its mean q̄_b over a block, d_k = q_k − q̄_b and u_b = Σ_{k∈b} w_k d_k s_k:
 *
 *   Var Q = Σ_b Σ w d² + 4 Σ_{j<k apart} w_j w_k G_jk²
 *   E (Q − EQ)³ = Σ_b Σ w d³ + 12 Σ_{j<k apart} w_j w_k (d_j d_k G_jk + (d_j + d_k) G_jk²)
 *                 + 8 Σ_{j<k apart} w_j w_k G_jk³ + 48 Σ_{j<k<l apart} w_j w_k w_l G_jk G_kl G_jl
 */
export function blocksTotal(
  G: FloatArray,
  w: FloatArray,
  n: number,
  { K, columns }: { readonly K: number; readonly columns: number },
  variance: FloatArray,
  third: FloatArray,
): void {
  const d = new Float64Array(K);
  const withThird = K <= LARGEST_THIRD;
  for (let i = 0; i < n; i++) {
    const at = (j: number, k: number): number => G[(i * K + j) * K + k];
    const weight = (k: number): number => w[i * K + k];
    let [v, m] = [0, 0];
    for (let b = 0; b < K; b += columns) {
      let [mean, mass] = [0, 0];
      for (let k = b; k < b + columns; k++) {
        mean += weight(k) * at(k, k);
        mass += weight(k);
      }
      for (let k = b; k < b + columns; k++) {
        d[k] = at(k, k) - (mass > 0 ? mean / mass : 0);
        v += weight(k) * d[k] ** 2;
        m += weight(k) * d[k] ** 3;
      }
    }
    for (let j = 0; j < K; j++) {
      const first = j - (j % columns);
      for (let k = 0; k < first; k++) {
        const g = at(j, k);
        const both = weight(j) * weight(k);
        v += 4 * both * g * g;
        m += both * (12 * (d[j] * d[k] * g + (d[j] + d[k]) * g * g) + 8 * g ** 3);
        if (!withThird) continue;
        let triangles = 0;
        for (let l = 0; l < k - (k % columns); l++) triangles += weight(l) * at(j, l) * at(k, l);
        m += 48 * both * g * triangles;
      }
    }
    variance[i] = v;
    third[i] = withThird ? m : NaN;
  }
}

/** Most columns of which third moments of blocks are taken, O(K³). */
const LARGEST_THIRD = 96;

/** Variance of the total → [n]. G [n, K, K], w [n, K]; c [n, K], null for signs. */
export function pairwiseTotalVariance(
  G: FloatArray,
  w: FloatArray,
  c: FloatArray | null,
  n: number,
  K: number,
  out: FloatArray,
): void {
  for (let i = 0; i < n; i++) {
    const g = i * K * K;
    let sum = 0;
    for (let a = 0; a < K; a++) {
      if (c) sum += c[i * K + a] * G[g + a * K + a] ** 2;
      let pairs = 0;
      for (let b = 0; b < a; b++) pairs += w[i * K + b] * G[g + a * K + b] ** 2;
      sum += 4 * w[i * K + a] * pairs;
    }
    out[i] = sum;
  }
}

/** Third central moment of the total → [n]. G [n, K, K], w [n, K]; moments null for signs. */
export function pairwiseTotalThird(
  G: FloatArray,
  w: FloatArray,
  moments: PairwiseMoments | null,
  n: number,
  K: number,
  out: FloatArray,
): void {
  for (let i = 0; i < n; i++) {
    const g = i * K * K;
    const v = i * K;
    let sum = 0;
    for (let a = 0; a < K; a++) {
      for (let b = 0; b < a; b++) {
        let triangles = 0;
        for (let c = 0; c < b; c++) triangles += w[v + c] * G[g + a * K + c] * G[g + b * K + c];
        sum += 48 * w[v + a] * w[v + b] * G[g + a * K + b] * triangles;
      }
    }
    if (moments) sum += diagonalTerms(G, w, moments, g, v, K);
    out[i] = sum;
  }
}

/** The terms in which a component meets itself. */
function diagonalTerms(
  G: FloatArray,
  w: FloatArray,
  moments: PairwiseMoments,
  g: number,
  v: number,
  K: number,
): number {
  const { third, fourth, squareThird, pairThird } = moments;
  const m = pairThird ? K / 4 : K;
  let sum = 0;
  for (let a = 0; a < K; a++) {
    const aa = G[g + a * K + a];
    if (!pairThird) sum += squareThird[v + a] * aa ** 3;
    else if (a < m) sum += pairThird(aa, G[g + (m + a) * K + m + a], G[g + a * K + m + a]);
    for (let b = 0; b < a; b++) {
      if ((a - b) % m === 0) continue;
      const bb = G[g + b * K + b];
      const ab = G[g + a * K + b];
      sum += 12 * ab * ab * (fourth[v + a] * w[v + b] * aa + fourth[v + b] * w[v + a] * bb);
      sum += third[v + a] * third[v + b] * ab * (12 * aa * bb + 8 * ab * ab);
    }
  }
  return sum;
}
