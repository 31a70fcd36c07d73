/**
 * @module fisher/forms/diagonal/curved-totals
 *
 * The totals of a mixed diagonal over a group of tensors with weights α_p, one example at a time, with the exact law of one label:
 * z = Σ_p α_p ‖s_p‖² − (1 − α_p) t_p, where t = Σ_i D_i is linear in δ.
 *
 *   enumerated   moments of z over the columns
 *   pairwise     δᵀGδ − tᵀδ with G = Σ α_p G_p, t = Σ (1 − α_p) t_p:   Var(δᵀGδ) + Σ_a w_a t_a² − 2 Σ_a μ3_a G_aa t_a
 *   blocks       for type 2 alone: t is a sum of independent terms of mean 0, Σ_k w_k t_k² and −Σ_k w_k t_k³
 *
 * (Theory (11.5), (11.6): wᵀI w for type 2.) The third moment of a pairwise mixture is known for type 2 alone.
 */
import type { FloatArray } from '../../../core/tensor.js';
import { enumeratedTotal, pairwiseTotalVariance } from '../../../likelihood/total.js';
import { addNothing, type AnyGroup, isMargin, isWeighed } from './groups.js';
import { addMargin, type Margins, marginsOf } from './margins.js';
import type { TotalSums } from './totals.js';
import type { MixedSpec } from './curved-graph.js';
import type { SiteResult } from '../../curved/site-pass.js';

/** Host copies of what the batch's columns and labels are. */
export interface MixedBatch {
  readonly n: number;
  readonly w: FloatArray;
  readonly c: FloatArray | null;
  readonly third: FloatArray | null;
  /** Weights of the examples, which all results carry; null where all weigh the same. */
  readonly weights: ArrayLike<number> | null;
}

/** A batch and the sums that it goes into: `value` of the estimate, `spread` of what its errors come from. */
export interface MixedTotals {
  readonly groups: readonly AnyGroup[];
  readonly value: readonly TotalSums[];
  readonly spread: readonly TotalSums[];
  readonly result: SiteResult;
  readonly spec: MixedSpec;
  readonly batch: MixedBatch;
}

/** Adds one batch to the totals of every group. */
export function addMixedTotals({ groups, value, spread, result, spec, batch }: MixedTotals): void {
  const margins = new Map<string, { value: Margins; spread: Margins }>();
  const draws = spec.draws;
  const scale = spec.error === 'sampled' && draws > 1 ? draws / (draws - 1) : 1;
  groups.forEach((group, g) => {
    if (isMargin(group)) {
      const own = margins.get(group.parameters[0]);
      for (const [role, sums] of [
        ['value', value[g]],
        ['spread', spread[g]],
      ] as const)
        if (own) addMargin(group, sums, own[role], batch.weights, scale);
        else addNothing(sums, batch.n, batch.weights);
      return;
    }
    const { exact, estimate, variance, third } = groupTotals(
      group,
      isWeighed(group) ? `@${g}` : '',
      result,
      spec,
      batch,
    );
    for (let e = 0; e < batch.n; e++) {
      const weight = batch.weights ? batch.weights[e] : 1;
      value[g].add(estimate[e], 0, 0, weight);
      const centre = spec.error === 'sampled' ? estimate[e] : exact[e];
      spread[g].add(centre, variance[e], third[e], weight);
    }
    if (group.kind === 'tensor')
      putMargins(margins, group.name, result, spec, { exact, estimate, variance, third });
  });
}

/** Keeps what the rows and columns of a tensor take, where they were asked for. */
function putMargins(
  margins: Map<string, { value: Margins; spread: Margins }>,
  name: string,
  result: SiteResult,
  spec: MixedSpec,
  { exact, estimate, variance, third }: ReturnType<typeof groupTotals>,
): void {
  const inputs = result.inputs(name);
  const y = result.margin('y', name);
  const f = spec.error === 'sampled' ? y : result.margin('f', name);
  if (!inputs || !y || !f) return;
  const none = new Float64Array(exact.length);
  margins.set(name, {
    value: marginsOf({ outputs: y, inputs, variances: null }, { f: estimate, variance: none, third: none }),
    spread: marginsOf(
      { outputs: f, inputs, variances: result.margin('v', name) },
      { f: spec.error === 'sampled' ? estimate : exact, variance, third },
    ),
  });
}

/** Per example, from totals whose names end in `of`. */
function groupTotals(group: AnyGroup, of: string, result: SiteResult, spec: MixedSpec, batch: MixedBatch) {
  const { n, w } = batch;
  const { columns: Kc, draws: Kd, kind, alpha } = spec;
  const sampled = spec.error === 'sampled';
  const exact = new Float64Array(n);
  const estimate = new Float64Array(n);
  const perColumn = new Float64Array(n * Kc);
  const perDraw = new Float64Array(n * Kd);
  const gram = new Float64Array(kind === 'pairwise' && !sampled ? n * Kc * Kc : 0);
  const linear = new Float64Array(n * Kc);
  for (const p of group.parameters) {
    const a = alpha.get(p) ?? 0;
    const norms = result.total(`norms${of}`, p);
    const m = result.total(`gram${of}`, p);
    const t = result.total(`curvature${of}`, p);
    for (let j = 0; j < n * Kc; j++) {
      const e = Math.floor(j / Kc);
      const norm = norms ? norms[j] : m ? m[e * Kc * Kc + (j % Kc) * (Kc + 1)] : 0;
      exact[e] += w[j] * norm;
      estimate[e] += (1 - a) * w[j] * norm;
      perColumn[j] += a * norm - (1 - a) * (t ? t[j] : 0);
      linear[j] += (1 - a) * (t ? t[j] : 0);
    }
    if (m && gram.length > 0) for (let i = 0; i < m.length; i++) gram[i] += a * m[i];
    addScaled(perDraw, result.total(`drawNorms${of}`, p), a);
    addScaled(perDraw, result.total(`drawCurvature${of}`, p), a - 1);
  }
  const u = new Float64Array(n * Kd).fill(1 / Kd);
  for (let j = 0; j < n * Kd; j++) estimate[Math.floor(j / Kd)] += u[j] * perDraw[j];
  const variance = new Float64Array(n);
  const third = new Float64Array(n);
  if (sampled) {
    if (Kd > 1) {
      enumeratedTotal(perDraw, u, n, Kd, 2, variance);
      for (let e = 0; e < n; e++) variance[e] *= Kd / (Kd - 1);
    }
  } else if (kind === 'enumerated') {
    enumeratedTotal(perColumn, w, n, Kc, 2, variance);
    enumeratedTotal(perColumn, w, n, Kc, 3, third);
  } else if (kind === 'blocks') {
    for (let j = 0; j < n * Kc; j++) {
      const e = Math.floor(j / Kc);
      variance[e] += w[j] * linear[j] ** 2;
      third[e] -= w[j] * linear[j] ** 3;
    }
  } else {
    pairwiseMixture(gram, linear, batch, Kc, variance, third);
  }
  return { exact, estimate, variance, third };
}

function pairwiseMixture(
  G: Float64Array,
  t: Float64Array,
  { n, w, c, third: mu3 }: MixedBatch,
  K: number,
  variance: Float64Array,
  third: Float64Array,
): void {
  pairwiseTotalVariance(G, w, c, n, K, variance);
  for (let e = 0; e < n; e++) {
    let quadratic = 0;
    for (let a = 0; a < K; a++) {
      const j = e * K + a;
      const skew = mu3 ? mu3[j] : 0;
      const diagonal = G[e * K * K + a * (K + 1)];
      quadratic = Math.max(quadratic, Math.abs(diagonal));
      variance[e] += w[j] * t[j] ** 2 - 2 * skew * diagonal * t[j];
      third[e] -= skew * t[j] ** 3;
    }
    if (quadratic > 0) third[e] = NaN;
  }
}

function addScaled(sum: Float64Array, term: FloatArray | null, factor: number): void {
  if (term) for (let i = 0; i < term.length; i++) sum[i] += factor * term[i];
}
