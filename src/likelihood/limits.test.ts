import { describe, expect, it } from 'vitest';
import { draws, getLikelihood, makeLabels, outputs, type Likelihood } from './index.js';

/** v, κ3, c, E(δ² − v)³ and η of one output. */
function constants(likelihood: Likelihood, h: number): number[] {
  const x = outputs(Float64Array.of(h), 1, 1);
  const out = Array.from({ length: 6 }, () => new Float64Array(1));
  likelihood.columns(x, out[0], out[1]);
  likelihood.components!.third(x, out[2]);
  likelihood.components!.fourth(x, out[3]);
  likelihood.components!.squareThird(x, out[4]);
  likelihood.mean(x, out[5]);
  return out.slice(1).map((a) => a[0]);
}

function labels(likelihood: Likelihood, h: number): number[] {
  const all = makeLabels(likelihood, 1, 1, 40);
  likelihood.sample(outputs(Float64Array.of(h), 1, 1), draws(3, 's', [0], null, 40), all);
  return [...all.data];
}

const near = (got: readonly number[], truth: readonly number[], tolerance: number) =>
  got.forEach((v, i) => expect(Math.abs(v - truth[i])).toBeLessThanOrEqual(tolerance * Math.abs(truth[i])));

describe('families that contain each other', () => {
  it('binomial of one trial is Bernoulli, where it is confident and where it is not', () => {
    const one = getLikelihood('binomial', { trials: 1 });
    const bernoulli = getLikelihood('bernoulli');
    for (const h of [0, 1e-9, -0.001, 9.5, 40, -700.5, 1000]) {
      near(constants(one, h), constants(bernoulli, h), 1e-15);
    }
  });

  it('gamma of shape 1 is exponential, from the same uniforms', () => {
    const gamma = getLikelihood('gamma', { shape: 1 });
    const exponential = getLikelihood('exponential');
    for (const h of [-1e-6, -0.7, -1e5]) {
      near(constants(gamma, h), constants(exponential, h), 1e-15);
      near(labels(gamma, h), labels(exponential, h), 1e-13);
    }
  });

  it('gamma labels of a shape beside 1 are those of shape 1, nearly: closed form and inversion agree', () => {
    const beside = labels(getLikelihood('gamma', { shape: 1 + 1e-12 }), -0.7);
    near(beside, labels(getLikelihood('exponential'), -0.7), 1e-10);
  });

  it('binomial of many trials with a rare success is Poisson: differences fall as 1/n', () => {
    const poisson = getLikelihood('poisson');
    const lambda = 2.5;
    const truth = constants(poisson, Math.log(lambda));
    const gap = [1e6, 1e8].map((trials) => {
      const h = Math.log(lambda / (trials - lambda));
      return constants(getLikelihood('binomial', { trials }), h).map((v, i) => Math.abs(v / truth[i] - 1));
    });
    gap[0].forEach((g, i) => expect(g).toBeLessThan(30 * 1e-6 + 1e-14 * i));
    gap[1].forEach((g) => expect(g).toBeLessThan(30 * 1e-8));
  });
});

describe('no negative term', () => {
  it('c and E(δ² − v)³ are never below 0, in float32 arrays too', () => {
    for (const [name, options] of [
      ['binomial', { trials: 1 }],
      ['binomial', { trials: 7 }],
      ['poisson', {}],
    ] as const) {
      const likelihood = getLikelihood(name, options);
      const n = 400;
      const h = outputs(
        Float32Array.from({ length: n }, (_, i) => (i - 200) / 7),
        n,
        1,
      );
      const c = new Float32Array(n);
      likelihood.components!.fourth(h, c);
      expect(c.every((v) => v >= 0)).toBe(true);
      likelihood.components!.squareThird(h, c);
      expect(c.every((v) => v >= 0)).toBe(true);
    }
  });

  it('the columns of a pair have non-negative weights and c, whatever its coordinates', () => {
    const pairs = getLikelihood('gaussian-mv');
    const h = outputs(Float64Array.of(3, -20, -5, 4), 1, 4);
    const w = new Float64Array(8);
    const c = new Float64Array(8);
    pairs.columns(h, new Float64Array(32), w);
    pairs.components!.fourth(h, c);
    expect([...w]).toEqual([1, 1, 1, 1, 0, 0, 0, 0]);
    expect([...c]).toEqual([0, 0, 6, 6, 1, 1, 1, 1]);
    expect(pairs.weightedColumns(4)).toBe(4);
    expect(pairs.columnCount(4)).toBe(8);
  });
});
