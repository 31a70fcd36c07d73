/**
 * @module fisher/closed-forms/constants
 *
 * Constants of the output family at one x that certified bounds need (theory (8.7): matrix eigenvalues, never Z-eigenvalues):
 *
 *   λ_max(I)     of the Fisher of the natural parameter
 *   λ_max(M̄)    M̄ = Cov vec(δδᵀ), T²×T²; from columns by a K×K Gram matrix, for independent components max(c_a, 2 w_a w_b)
 *   m            min(σ_max, 1 − ‖σ‖²) of a softmax: λ_max(I) ≤ m, λ̃_max(M) ≤ 2m (P24 Thm 5.2)
 *   support      least and largest δ_a, for components of bounded support
 *
 * λ̃_max(M) ≤ λ_max(M̄) because u⊗u is a unit vector. O(K³) an example, so only up to `LARGEST` columns; null beyond.
 */
import type { ComponentMoments, Likelihood, Outputs, LikelihoodOptions } from '../../likelihood/types.js';
import { largestEigenvalue, onSymmetric } from './symmetric.js';

/** Columns up to which eigenvalues are worth their price. */
export const LARGEST = 128;
/** Outputs up to which the T⁴ fourth moment is formed, for families with neither labels nor components of that many columns. */
const FEW = 12;

/** Numbers for each of n examples; null where the family has none. */
export interface FamilyConstants {
  readonly information: Float64Array | null;
  readonly fourth: Float64Array | null;
  readonly softmax: Float64Array | null;
  /** [n, T] each. */
  readonly support: { readonly least: Float64Array; readonly largest: Float64Array } | null;
}

/** t(y) of the components of a family with bounded support. */
const SUPPORT: Readonly<Record<string, (options: LikelihoodOptions) => [number, number]>> = {
  bernoulli: () => [0, 1],
  binomial: ({ trials }) => [0, trials as number],
};

/** Which constants a likelihood has, for T outputs. */
export function constantNames(likelihood: Likelihood, T: number): (keyof FamilyConstants)[] {
  const names: (keyof FamilyConstants)[] = [];
  const { labelKind, unitColumns } = likelihood;
  if (unitColumns || likelihood.columnCount(T) <= LARGEST) names.push('information');
  if (unitColumns || (labelKind === 'enumerated' ? likelihood.columnCount(T) <= LARGEST : T <= FEW))
    names.push('fourth');
  if (likelihood.name === 'categorical') names.push('softmax');
  if (SUPPORT[likelihood.name]) names.push('support');
  return names;
}

/** Constants of every row of h. */
export function familyConstants(likelihood: Likelihood, h: Outputs): FamilyConstants {
  const { n, T } = h;
  const names = constantNames(likelihood, T);
  const K = likelihood.columnCount(T);
  const columns = new Float64Array(n * K * T);
  const w = new Float64Array(n * K);
  likelihood.columns(h, columns, w);
  const mean = new Float64Array(n * T);
  likelihood.mean(h, mean);
  const has = (name: keyof FamilyConstants) => names.includes(name);
  const fill = (make: (e: number) => number) => Float64Array.from({ length: n }, (_, e) => make(e));
  const independent = likelihood.unitColumns;
  const c = new Float64Array(independent ? n * K : 0);
  if (independent) (likelihood.components as ComponentMoments).fourth(h, c);
  const row = (a: Float64Array, e: number, size: number) => a.subarray(e * size, (e + 1) * size);
  const column = (e: number) => ({ columns: row(columns, e, K * T), w: row(w, e, K), K, T });
  return {
    information: has('information')
      ? fill((e) => (independent ? row(w, e, K).reduce((p, q) => Math.max(p, q), 0) : largestOfI(column(e))))
      : null,
    fourth: has('fourth')
      ? fill((e) => {
          if (independent) return independentM(row(c, e, K), row(w, e, K));
          return likelihood.labelKind === 'enumerated'
            ? largestOfM(column(e))
            : fromMoments(likelihood, h, e);
        })
      : null,
    softmax: has('softmax') ? fill((e) => softmaxConstant(row(mean, e, T), row(w, e, K))) : null,
    support: has('support') ? supportOf(likelihood, mean, n * T) : null,
  };
}

interface Columns {
  readonly columns: Float64Array;
  readonly w: Float64Array;
  readonly K: number;
  readonly T: number;
}

/** Inner products √w_j √w_k ⟨Δ_j, Δ_k⟩, whose eigenvalues are those of I. */
function weightedGram({ columns, w, K, T }: Columns): Float64Array {
  const gram = new Float64Array(K * K);
  for (let j = 0; j < K; j++)
    for (let k = 0; k <= j; k++) {
      let sum = 0;
      for (let a = 0; a < T; a++) sum += columns[j * T + a] * columns[k * T + a];
      gram[j * K + k] = gram[k * K + j] = Math.sqrt(w[j] * w[k]) * sum;
    }
  return gram;
}

/** λ_max(I). */
export const largestOfI = (c: Columns): number => Math.max(0, largestEigenvalue(weightedGram(c), c.K));

/** λ_max(M̄) of a family whose labels the columns enumerate: of √w_j √w_k ⟨Δ_jΔ_jᵀ − I, Δ_kΔ_kᵀ − I⟩. */
export function largestOfM(c: Columns): number {
  const { w, K } = c;
  const gram = weightedGram(c);
  // With g the plain inner products: ⟨·,·⟩ = g_jk² − Σ_l w_l g_jl² − Σ_l w_l g_kl² + Σ_lm w_l w_m g_lm².
  const plain = (j: number, k: number) => {
    const scale = Math.sqrt(w[j] * w[k]);
    return scale > 0 ? gram[j * K + k] / scale : 0;
  };
  const means = new Float64Array(K);
  let whole = 0;
  for (let j = 0; j < K; j++) {
    for (let l = 0; l < K; l++) means[j] += w[l] * plain(j, l) ** 2;
    whole += w[j] * means[j];
  }
  const matrix = new Float64Array(K * K);
  for (let j = 0; j < K; j++)
    for (let k = 0; k < K; k++)
      matrix[j * K + k] = Math.sqrt(w[j] * w[k]) * (plain(j, k) ** 2 - means[j] - means[k] + whole);
  return Math.max(0, largestEigenvalue(matrix, K));
}

/** λ_max(M̄) from the fourth central moments, on symmetric matrices. */
function fromMoments(likelihood: Likelihood, h: Outputs, row: number): number {
  const { T } = h;
  const I = new Float64Array(h.n * T * T);
  likelihood.information(h, I);
  const own = I.subarray(row * T * T, (row + 1) * T * T);
  const M = likelihood
    .fourthMoment(h, row)
    .map((k, i) => k - own[Math.floor(i / (T * T))] * own[i % (T * T)]);
  return Math.max(0, largestEigenvalue(onSymmetric(M, T), (T * (T + 1)) / 2));
}

/** λ_max(M̄) for independent components: Var δ_a² = c_a, and 2 w_a w_b for the pair (ab), (ba). */
export function independentM(c: ArrayLike<number>, w: ArrayLike<number>): number {
  let most = 0;
  for (let a = 0; a < w.length; a++) {
    most = Math.max(most, c[a]);
    for (let b = 0; b < a; b++) most = Math.max(most, 2 * w[a] * w[b]);
  }
  return most;
}

/** m = min(σ_max, 1 − ‖σ‖²), the second as Σσ(1 − σ), which does not cancel. `w` are the σ of the columns. */
export function softmaxConstant(mean: ArrayLike<number>, w: ArrayLike<number>): number {
  let most = 0;
  let spread = 0;
  for (let a = 0; a < mean.length; a++) most = Math.max(most, mean[a]);
  for (let k = 0; k < w.length; k++) {
    let others = 0;
    for (let l = 0; l < w.length; l++) if (l !== k) others += w[l];
    spread += w[k] * others;
  }
  return Math.min(most, spread);
}

function supportOf({ name, options }: Likelihood, mean: Float64Array, size: number) {
  const [least, largest] = SUPPORT[name](options);
  return {
    least: Float64Array.from({ length: size }, (_, i) => least - mean[i]),
    largest: Float64Array.from({ length: size }, (_, i) => largest - mean[i]),
  };
}
