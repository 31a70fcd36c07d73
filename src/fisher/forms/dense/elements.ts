/**
 * @module fisher/forms/dense/elements
 *
 * Every element (i, j) of one example's P×P matrices, from derivatives at the neurons, when it is asked for (theory (3.4), (3.8), (4.8)):
 *
 *   fisher    𝔽_ij = Σ_c w_c s_ci s_cj
 *   type1     𝒱1_ij = Var(s_i s_j)          enumerated: Σ_c w_c (s_ci s_cj − 𝔽_ij)²
 *                                           pairwise:   Σ_a c_a J_ai²J_aj² + Σ_{a<b} w_a w_b (J_ai J_bj + J_bi J_aj)²
 *   type2     𝒱2_ij = Σ_c w_c (Δ_cᵀH_ij)²
 *   cross     C_ij = −E[s_i s_j δᵀH_ij]     pairwise:   −Σ_a μ3_a J_ai J_aj H^a_ij
 *   oracle    variance of α Î1 + (1 − α) Î2 at α = (𝒱2 − C)/(𝒱1 + 𝒱2 − 2C); ½ where the denominator is below 1e-12 (𝒱1 + 𝒱2)
 *
 * No P⁴ tensor and no term that cancels but the true ones. O(K) an element, O(K²) for `pairwise`.
 */
import { multiply } from '../../../linalg/index.js';
import type { Root } from '../../../likelihood/roots/index.js';
import type { ComponentMoments, Likelihood } from '../../../likelihood/types.js';
import type { BatchDerivatives, PairDerivatives, SiteDerivatives } from './derivatives.js';

/** Closed forms of one element (i, j) of the matrices at one example. */
export interface Element {
  /** 𝔽_ij = ∂_ihᵀ I(h) ∂_jh. */
  fisher: number;
  /** Variance of one label in type 1. */
  type1: number;
  /** Variance of one label in type 2. */
  type2: number;
  /** Covariance of the two at the same label. */
  cross: number;
  /** Weight of type 1. */
  alpha: number;
  /** Least variance of one label that a mix of the two at a known α reaches. */
  oracle: number;
}

/** Elements of the P×P matrices at one example, computed on demand. */
export interface ExampleElements {
  /** Number of parameters. */
  readonly P: number;
  /** Number of outputs. */
  readonly T: number;
  /** J [T, P]. */
  readonly jacobian: Float64Array;
  /** ∂²h_a/∂θ_i∂θ_j for all a, into out [T]. */
  hessian(i: number, j: number, out: Float64Array): void;
  /** All of element (i, j). */
  at(i: number, j: number): Element;
  /** I(h) as columns: Δ [K, T] and w [K]. */
  readonly columns: Float64Array;
  /** The columns' weights w [K]. */
  readonly weights: Float64Array;
  /** Scores Δ J [K, P]: the example's Fisher is Σ_k w_k s_k s_kᵀ. */
  readonly scores: Float64Array;
  /** c [K] of independent components (0 of signs); null where the columns enumerate the labels. */
  readonly fourth: Float64Array | null;
}

/** Where a parameter index is. */
interface Place {
  readonly site: number;
  readonly neuron: number;
  readonly input: number;
}

/** Places of all parameters; −1 for those that do not reach h. */
function placesOf(sites: readonly SiteDerivatives[], P: number): (Place | null)[] {
  const places = new Array<Place | null>(P).fill(null);
  sites.forEach(({ offset, neurons, width, strides }, site) => {
    for (let neuron = 0; neuron < neurons; neuron++)
      for (let input = 0; input < width; input++)
        places[offset + neuron * strides[0] + input * strides[1]] = { site, neuron, input };
  });
  return places;
}

/**
 * Elements of every example of a batch, made one at a time: of the labels' law, or of that of random signs on the columns of a root, whose
 * components have no moments of their own (theory (3.7) with c = 0).
 * @throws FimError with `engine/memory`, `kernels/memory`, `kernels/unknown`, `kernels/unsupported`, `linalg/shape`
 */
export function* elementsOf(
  batch: BatchDerivatives,
  likelihood: Likelihood,
  signs: Root | null = null,
): Generator<ExampleElements> {
  const { n, T, P, h, sites } = batch;
  likelihood.checkDomain(h, batch.examples.indices);
  const K = (signs ?? likelihood).columnCount(T);
  const columns = new Float64Array(n * K * T);
  const w = new Float64Array(n * K);
  (signs ?? likelihood).columns(h, columns, w, { from: 0, count: K });
  const pairwise = signs !== null || likelihood.labelKind === 'pairwise';
  const components = pairwise && !signs ? (likelihood.components as ComponentMoments) : null;
  const c = new Float64Array(n * K);
  const third = new Float64Array(n * K);
  components?.fourth(h, c);
  components?.third(h, third);
  const places = placesOf(sites, P);
  const pairs = new Map(batch.pairs.map((p) => [p.seed * sites.length + p.read, p]));
  const row = (a: Float64Array, e: number, size: number) => a.subarray(e * size, (e + 1) * size);
  for (let e = 0; e < n; e++) {
    const jacobian = jacobianOf(batch, e, places);
    const hessian = hessianOf(batch, e, places, pairs);
    const law: Law = {
      K,
      T,
      columns: row(columns, e, K * T),
      w: row(w, e, K),
      moments: pairwise ? { c: row(c, e, K), third: row(third, e, K) } : null,
    };
    const scores = scoresAlong(law.columns, jacobian, P);
    yield {
      P,
      T,
      jacobian,
      hessian,
      at: elementAt(law, scores, P, hessian),
      columns: law.columns,
      weights: law.w,
      scores,
      fourth: law.moments?.c ?? null,
    };
  }
}

function jacobianOf({ T, P, sites }: BatchDerivatives, e: number, places: readonly (Place | null)[]) {
  const J = new Float64Array(T * P);
  places.forEach((place, i) => {
    if (!place) return;
    const { g, x, neurons, width } = sites[place.site];
    const factor = x ? x[e * width + place.input] : 1;
    for (let a = 0; a < T; a++) J[a * P + i] = g[(e * T + a) * neurons + place.neuron] * factor;
  });
  return J;
}

function hessianOf(
  { T, sites }: BatchDerivatives,
  e: number,
  places: readonly (Place | null)[],
  pairs: ReadonlyMap<number, PairDerivatives>,
): ExampleElements['hessian'] {
  const add = (p: Place, q: Place, pair: PairDerivatives, out: Float64Array) => {
    const [seed, read] = [sites[p.site], sites[q.site]];
    const own = seed.x ? seed.x[e * seed.width + p.input] : 1;
    const x = read.x ? read.x[e * read.width + q.input] : 1;
    const row = e * seed.neurons + p.neuron;
    const dx = pair.x ? pair.x[row * read.width + q.input] : 0;
    for (let a = 0; a < T; a++) {
      const g = read.g[(e * T + a) * read.neurons + q.neuron];
      const dg = pair.g ? pair.g[(row * T + a) * read.neurons + q.neuron] : 0;
      out[a] = (dg * x + g * dx) * own;
    }
  };
  return (i, j, out) => {
    out.fill(0, 0, T);
    const [p, q] = [places[i], places[j]];
    if (!p || !q) return;
    const forward = pairs.get(p.site * sites.length + q.site);
    const backward = forward ? null : pairs.get(q.site * sites.length + p.site);
    if (forward) add(p, q, forward, out);
    else if (backward) add(q, p, backward, out);
  };
}

interface Law {
  readonly K: number;
  readonly T: number;
  readonly columns: Float64Array;
  readonly w: Float64Array;
  readonly moments: { readonly c: Float64Array; readonly third: Float64Array } | null;
}

/** Terms of Δ J for which the kernels' product is faster. */
const MANY = 1024;

/** Δ J [K, P] of the columns Δ [K, T]. */
export function scoresAlong(columns: Float64Array, J: Float64Array, P: number): Float64Array {
  const T = J.length / P;
  const K = columns.length / T;
  if (K * T > MANY) return multiply(columns, J, K, T, P);
  const scores = new Float64Array(K * P);
  for (let k = 0; k < K; k++)
    for (let a = 0; a < T; a++) {
      const d = columns[k * T + a];
      if (d !== 0) for (let i = 0; i < P; i++) scores[k * P + i] += d * J[a * P + i];
    }
  return scores;
}

function elementAt(
  law: Law,
  scores: Float64Array,
  P: number,
  hessian: ExampleElements['hessian'],
): ExampleElements['at'] {
  const { K, T, columns, w, moments } = law;
  const H = new Float64Array(T);
  const first = new Float64Array(K);
  const second = new Float64Array(K);
  return (i, j) => {
    hessian(i, j, H);
    let fisher = 0;
    for (let k = 0; k < K; k++) {
      first[k] = scores[k * P + i] * scores[k * P + j];
      fisher += w[k] * first[k];
      let d = 0;
      for (let a = 0; a < T; a++) d += columns[k * T + a] * H[a];
      second[k] = -d;
    }
    if (!moments) {
      for (let k = 0; k < K; k++) first[k] -= fisher;
      return enumeratedElement(fisher, first, second, w);
    }
    let type1 = 0;
    let type2 = 0;
    let cross = 0;
    for (let a = 0; a < K; a++) {
      type1 += moments.c[a] * first[a] ** 2;
      type2 += w[a] * second[a] ** 2;
      cross += moments.third[a] * first[a] * second[a];
      for (let d = 0; d < a; d++) {
        const mixed = scores[a * P + i] * scores[d * P + j] + scores[d * P + i] * scores[a * P + j];
        type1 += w[a] * w[d] * mixed ** 2;
      }
    }
    const alpha = oracleAlpha(type2 - cross, type1 + type2 - 2 * cross, type1 + type2);
    const beta = 1 - alpha;
    const oracle = alpha * alpha * type1 + beta * beta * type2 + 2 * alpha * beta * cross;
    return { fisher, type1, type2, cross, alpha, oracle };
  };
}

/** From the deviations of both estimators at every label. */
function enumeratedElement(
  fisher: number,
  first: Float64Array,
  second: Float64Array,
  w: Float64Array,
): Element {
  let mean = 0;
  for (let k = 0; k < w.length; k++) mean += w[k] * second[k];
  let type1 = 0;
  let type2 = 0;
  let cross = 0;
  let numerator = 0;
  let denominator = 0;
  for (let k = 0; k < w.length; k++) {
    const [p, q] = [first[k], second[k] - mean];
    type1 += w[k] * p * p;
    type2 += w[k] * q * q;
    cross += w[k] * p * q;
    numerator += w[k] * q * (q - p);
    denominator += w[k] * (q - p) ** 2;
  }
  const alpha = oracleAlpha(numerator, denominator, type1 + type2);
  let oracle = 0;
  for (let k = 0; k < w.length; k++) {
    oracle += w[k] * (alpha * first[k] + (1 - alpha) * (second[k] - mean)) ** 2;
  }
  return { fisher, type1, type2, cross, alpha, oracle };
}

const oracleAlpha = (numerator: number, denominator: number, both: number): number =>
  denominator <= 1e-12 * both ? 0.5 : numerator / denominator;
