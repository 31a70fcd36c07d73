/**
 * @module studies/variance/exact-parts
 *
 * References that the uses of a Fisher are held against, on fixed inputs, in closed form and in one vector over all parameters: 𝓘_ii, its
 * spread over inputs, 𝒱1 and 𝒱2; the gradient of the mean loss; and the label variance of a weighted sum Σ_i w_i s_i², which is not the sum
 * of variances, since one label makes all the squares:
 *
 *   Var_y Σ_i w_i s_i² = Σ_c p_c q_c² − (Σ_c p_c q_c)²,   q_c = Σ_i w_i s_ci²      (theory (11.2))
 */
import type { Dataset } from 'fim/data';
import type { Engine } from 'fim/engine';
import { derivatives, varianceProfile } from 'fim/fisher';
import { CLASSES, digitsLikelihood, labelled, sourceOf } from 'fim/jobs';
import { enumeratedTotal, takeLabels } from 'fim/likelihood';
import { type Network, parameterCount } from 'fim/model';

export interface ExactParts {
  readonly fisher: Float64Array;
  readonly fisherSquared: Float64Array;
  readonly type1: Float64Array;
  readonly type2: Float64Array;
  /** Of the mean negative log-likelihood of the inputs' own labels. */
  readonly gradient: Float64Array;
  /** Mean over inputs of Var_y Σ w_i s_i², for the given weights. */
  readonly weightedVariance: number;
}

/** Examples at a time. */
const BATCH = 50;

export async function exactParts(
  engine: Engine,
  network: Network,
  inputs: Dataset,
  weights: Float64Array,
): Promise<ExactParts> {
  const P = parameterCount(network);
  const { all } = await varianceProfile(engine, network, digitsLikelihood, sourceOf(inputs), {
    batch: BATCH,
  });
  const join = (pick: (t: (typeof all.tensors)[number]) => Float64Array) => {
    const joined = new Float64Array(P);
    let at = 0;
    for (const t of all.tensors) {
      joined.set(pick(t), at);
      at += pick(t).length;
    }
    return joined;
  };
  const gradient = new Float64Array(P);
  const { labels } = labelled(inputs, digitsLikelihood, CLASSES);
  let weightedVariance = 0;
  for await (const b of derivatives(engine, network, sourceOf(inputs), { batch: BATCH, second: false })) {
    const { n, T, h, sites, examples } = b;
    const residual = new Float64Array(n * T);
    digitsLikelihood.residual(h, takeLabels(labels, examples.indices), residual);
    const columns = new Float64Array(n * T * T);
    const p = new Float64Array(n * T);
    digitsLikelihood.columns(h, columns, p);
    const q = new Float64Array(n * T);
    for (const site of sites)
      addSite(site, n, T, { residual, columns, weights, total: inputs.n }, { gradient, q });
    const variances = new Float64Array(n);
    enumeratedTotal(q, p, n, T, 2, variances);
    for (const v of variances) weightedVariance += v / inputs.n;
  }
  return {
    fisher: join((t) => t.fisher),
    fisherSquared: join((t) => t.fisherSquared),
    type1: join((t) => t.type1),
    type2: join((t) => t.type2),
    gradient,
    weightedVariance,
  };
}

type Site = { offset: number; neurons: number; width: number; strides: readonly [number, number] } & {
  g: Float64Array;
  x: Float64Array | null;
};

/** Adds one site's share of the gradient and of q [n, T]. s_(o,i) = (Σ_a δ_a g[a,o]) x_i. */
function addSite(
  { offset, neurons, width, strides, g, x }: Site,
  n: number,
  T: number,
  given: { residual: Float64Array; columns: Float64Array; weights: Float64Array; total: number },
  { gradient, q }: { gradient: Float64Array; q: Float64Array },
): void {
  const at = (o: number, i: number) => offset + o * strides[0] + i * strides[1];
  for (let e = 0; e < n; e++) {
    for (let o = 0; o < neurons; o++) {
      const along = (delta: Float64Array, from: number) => {
        let s = 0;
        for (let a = 0; a < T; a++) s += delta[from + a] * g[(e * T + a) * neurons + o];
        return s;
      };
      const s = along(given.residual, e * T) / given.total;
      let u = 0;
      for (let i = 0; i < width; i++) {
        const xi = x ? x[e * width + i] : 1;
        gradient[at(o, i)] -= s * xi;
        u += given.weights[at(o, i)] * xi * xi;
      }
      for (let c = 0; c < T; c++) q[e * T + c] += along(given.columns, (e * T + c) * T) ** 2 * u;
    }
  }
}
