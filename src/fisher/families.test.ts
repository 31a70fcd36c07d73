import { describe, expect, it } from 'vitest';
import { sourceOf } from '../../test/fisher/examples.js';
import { expectedFigure, figuresOf, overallSkewness } from '../../test/fisher/figures.js';
import { type DrawMoments, jacobianAt, type Quantity, quantitiesOf } from '../../test/fisher/laws.js';
import { model } from '../../test/fisher/networks.js';
import { binomialLaw, gammaLaw, type Law, pairLaw, poissonLaw } from '../../test/support/laws.js';
import { createSmallEngine } from '../engine/small/index.js';
import { N, ops as b, type Value } from '../graph/index.js';
import { draws, makeLabels, outputs } from '../likelihood/index.js';
import { resolveLink } from '../model/links.js';
import { Z_LIMIT, seedOf, zScore } from '../stats/index.js';
import { estimateDiagonal } from './index.js';

/** Families on a tanh network with links in the graph, or with a head's own coordinates. */
const cases: Record<
  string,
  [name: string, options: Record<string, number>, link: string, T: number, law: (h: number[]) => Law]
> = {
  'poisson, log mean': ['poisson', {}, 'canonical', 2, poissonLaw],
  'poisson, softplus': ['poisson', {}, 'softplus', 2, poissonLaw],
  'binomial, 4 trials': ['binomial', { trials: 4 }, 'canonical', 2, (h) => binomialLaw(h, 4)],
  'exponential, log mean': ['exponential', {}, 'log', 2, (h) => gammaLaw(h, 1, 'exponential')],
  'gamma, softplus': ['gamma', { shape: 2.5 }, 'softplus', 2, (h) => gammaLaw(h, 2.5)],
  'gamma, log rate': ['gamma', { shape: 3 }, 'log-rate', 1, (h) => gammaLaw(h, 3)],
  'gaussian-mv, log-sd': ['gaussian-mv', {}, 'log-sd', 4, (h) => pairLaw(h, 'log-sd')],
  'gaussian-mv, log-variance': ['gaussian-mv', {}, 'log-variance', 2, (h) => pairLaw(h, 'log-variance')],
};

const engine = createSmallEngine();

function build(name: string, [family, options, link, T]: (typeof cases)[string]) {
  const { likelihood, apply } = resolveLink(family, options, link);
  const shapes = { W1: [3, 4], b1: [4], W2: [4, T], b2: [T] };
  const net = (x: Value, p: Record<string, Value>) =>
    apply(b.add(b.matmul(b.tanh(b.add(b.matmul(x, p.W1), p.b1)), p.W2), p.b2));
  const { network, x } = model(name, likelihood, [N, 3], shapes, net, 0.5);
  const n = 4;
  const few = { ...x, shape: [n, 3], data: (x.data as Float64Array).slice(0, 3 * n) };
  return { network, likelihood, x: few, n };
}

/** Residuals with probabilities, of labels or of signs on the root (√w_k Δ_k). */
function residualsOf(law: Law, kind: 'labels' | 'signs'): { p: number; delta: number[] }[] {
  const T = law.h.length;
  if (kind === 'labels') {
    const eta = law.h.map((_, a) => law.outcomes.reduce((s, o) => s + o.p * o.t[a], 0));
    return law.outcomes.map(({ t, p }) => ({ p, delta: t.map((v, a) => v - eta[a]) }));
  }
  const K = law.likelihood.columnCount(T);
  const D = new Float64Array(K * T);
  const w = new Float64Array(K);
  law.likelihood.columns(outputs(Float64Array.from(law.h), 1, T), D, w);
  const used = Array.from({ length: K }, (_, k) => k).filter((k) => w[k] > 0);
  return Array.from({ length: 2 ** used.length }, (_, bits) => ({
    p: 2 ** -used.length,
    delta: law.h.map((_, a) =>
      used.reduce((s, k, i) => s + ((bits >> i) & 1 ? 1 : -1) * Math.sqrt(w[k]) * D[k * T + a], 0),
    ),
  }));
}

describe.each(Object.entries(cases))('%s', (name, spec) => {
  const { network, likelihood, x, n } = build(name, spec);
  const points = Array.from({ length: n }, (_, e) => jacobianAt(network, x, e));
  const quantities = quantitiesOf(network);

  /** Moments of ‖s‖² over the entries of a quantity, at each example. */
  function moments(kind: 'labels' | 'signs'): (q: Quantity) => DrawMoments[] {
    const examples = points.map(({ h, J }) =>
      residualsOf(spec[4](h), kind).map(({ p, delta }) => ({
        p,
        squares: J[0].map((_, i) => delta.reduce((s, d, a) => s + d * J[a][i], 0) ** 2),
      })),
    );
    return ({ entries }) =>
      examples.map((all) => {
        const value = (o: (typeof all)[number]) => entries.reduce((s, i) => s + o.squares[i], 0);
        const mean = all.reduce((s, o) => s + o.p * value(o), 0);
        const central = (m: number) => all.reduce((s, o) => s + o.p * (value(o) - mean) ** m, 0);
        return { mean, variance: central(2), third: central(3), fourth: NaN };
      });
  }

  const run = (estimator: 'exact' | 'type1' | 'rademacher', more: { budget?: number } = {}) =>
    estimateDiagonal(engine, network, likelihood, sourceOf(x), {
      estimator,
      labels: 1,
      populationSize: n,
      batch: 4,
      error: 'closed-form',
      ...more,
    });

  it('exact: every entry, tensor and total', async () => {
    const figures = figuresOf(await run('exact'));
    const law = moments('labels');
    const want = quantities.map((q) => expectedFigure(law(q), 0).value);
    const largest = Math.max(...want.slice(-quantities.filter((q) => q.name.startsWith('entry')).length));
    quantities.forEach((q, i) => {
      const scale = q.name.startsWith('entry') ? largest : want[i];
      expect(Math.abs(figures.get(q.name)!.value - want[i]), q.name).toBeLessThanOrEqual(1e-12 * scale);
    });
  });

  it.each([
    ['type1', 'labels', {}],
    ['type1', 'labels', { budget: 4 * 4 * 3 }],
    ['rademacher', 'signs', {}],
  ] as const)('%s: variance of one draw in closed form, %s, %o', async (estimator, kind, memory) => {
    const estimate = await run(estimator, memory);
    const figures = figuresOf(estimate);
    const law = moments(kind);
    const want = quantities.map((q) => expectedFigure(law(q), 1).label);
    const entry = (q: Quantity) => q.name.startsWith('entry');
    const largest = Math.max(...want.filter((_, i) => entry(quantities[i])));
    // A mean of no spread: what rounding leaves of the mean's square.
    const trace = figures.get('total/total')!.value ** 2;
    quantities.forEach((q, i) => {
      const got = figures.get(q.name)!.labelError! ** 2;
      const scale = Math.max(entry(q) ? largest : want[i], 1e-10 * trace);
      expect(Math.abs(got - want[i]), q.name).toBeLessThanOrEqual(1e-12 * scale);
    });
    const skewness = overallSkewness(law(quantities[0]), 1, n);
    expect(estimate.trace.skewness! - skewness).toBeCloseTo(0, 9);
  });

  it('type 1 is unbiased with that variance: z of the trace at fixed n', async () => {
    const T = network.h.shape[1] as number;
    const R = 6000;
    const all = { name: 'total', entries: quantities[0].entries };
    const law = moments('labels')(all);
    const z = points.map(({ h, J }, e) => {
      const batch = outputs(Float64Array.from(h), 1, T);
      const labels = makeLabels(likelihood, 1, T, R);
      likelihood.sample(batch, draws(seedOf(`${name} type 1`), 'labels', [e], null, R), labels);
      const delta = new Float64Array(R * T);
      likelihood.residual(batch, labels, delta);
      let sum = 0;
      for (let r = 0; r < R; r++) {
        for (let i = 0; i < J[0].length; i++) {
          let s = 0;
          for (let a = 0; a < T; a++) s += delta[r * T + a] * J[a][i];
          sum += s * s;
        }
      }
      return zScore(sum / R, law[e].mean, Math.sqrt(law[e].variance / R));
    });
    for (const value of z) expect(Math.abs(value)).toBeLessThanOrEqual(Z_LIMIT);
  });
});
