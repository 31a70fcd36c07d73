/**
 * A natural gradient step, exact without the matrix
 *
 * `woodbury` solves (F̂ + λI) d = g in the space of the batch's N scores and never holds a P×P array. The scores, one by one, put its
 * answer back into the system: what is left is rounding. The cosine of d with g tells how far the natural gradient turns away from
 * the plain one as λ falls.
 */
import { denseNetwork, getLikelihood } from 'fim';
import { createSmallEngine } from 'fim/engine';
import { makeLabels, outputs } from 'fim/likelihood';
import { Linearisation, woodbury } from 'fim/optim';
import { xyFigure } from 'fim/report';

const n = 16;
const network = denseNetwork({ widths: [3, 5, 3], seed: 4, dtype: 'float64' });
const likelihood = getLikelihood('categorical');
const engine = createSmallEngine();
const store = engine.store();
const linear = await Linearisation.compile(engine, network, store, n);
const { P, T } = linear;

// A batch with its labels, their residuals δ, and the scores s = Jᵀδ one by one.
const inputs = new Map([['x', Float64Array.from({ length: n * 3 }, (_, i) => Math.sin(i * i))]]);
const h = outputs((await linear.forward(inputs, n)).slice(), n, T);
const labels = makeLabels(likelihood, n, T, 1);
labels.data.forEach((_, i) => (labels.data[i] = i % 3));
const residuals = new Float64Array(n * T);
likelihood.residual(h, labels, residuals);
const scores: Float64Array[] = [];
for (let e = 0; e < n; e++) {
  const one = residuals.map((v, i) => (Math.floor(i / T) === e ? v : 0));
  scores.push(await linear.transposed(one, n));
}
const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, v, i) => sum + v * b[i], 0);
const g = new Float64Array(P).map((_, p) => scores.reduce((sum, s) => sum + s[p] / n, 0));

/** (F̂ + λI) v with F̂ = SᵀS/n. */
const times = (v: Float64Array, damping: number) => {
  const along = scores.map((s) => dot(s, v) / n);
  return v.map((vp, p) => damping * vp + scores.reduce((sum, s, e) => sum + along[e] * s[p], 0));
};

export const steps: { damping: number; left: number; cosine: number }[] = [];
for (const damping of [1e-3, 1e-2, 1e-1, 1, 10]) {
  const solver = await woodbury({ damping })({
    engine,
    store,
    network,
    likelihood,
    maxBatch: n,
    linear,
    seed: 1,
  });
  const batch = { inputs, n, h, residuals, advantages: null, trajectories: null, step: 0 };
  const { direction: d } = await solver.direction(batch, g);
  const miss = times(d, damping).map((v, p) => v - g[p]);
  const cosine = dot(d, g) / Math.sqrt(dot(d, d) * dot(g, g));
  steps.push({ damping, left: Math.sqrt(dot(miss, miss) / dot(g, g)), cosine });
}

export const picture = xyFigure({
  title: 'How far the natural gradient turns',
  description: 'The cosine of the natural gradient with the gradient rises to 1 with the damping.',
  x: { label: 'damping λ', kind: 'log' },
  y: { label: 'cosine with the gradient', kind: 'linear', fromZero: true },
  series: [{ name: 'cosine', draw: 'both', points: steps.map((s) => ({ x: s.damping, y: s.cosine })) }],
  standalone: true,
});
