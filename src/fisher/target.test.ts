import { describe, expect, it } from 'vitest';
import { getLikelihood } from '../likelihood/registry.js';
import { denseNetwork } from '../model/index.js';
import { pilotSize, planTarget } from './target.js';

const network = denseNetwork({ widths: [4, 8, 3], activation: 'tanh', seed: 1 });
const law = getLikelihood('categorical');
/** 10 % more variance than the pilot found is planned for. */
const s2 = 4;
const V = 9;
const variances = { trace: 2, data: s2 / 1.1, label: V / 1.1 };
/** (0.05 · 2)² */
const tolerance2 = 0.01;

describe('planTarget', () => {
  it('a distribution: n = (s² + 𝒱/K)/τ²', () => {
    const plan = planTarget(network, law, 'type1', variances, {
      relative: 0.05,
      available: 1000,
      population: null,
      labels: 3,
    });
    expect(plan).toMatchObject({ examples: Math.ceil((s2 + V / 3) / tolerance2), labels: 3, feasible: true });
    expect(
      planTarget(network, law, 'exact', variances, { relative: 0.05, available: 1000, population: null })
        .examples,
    ).toBe(s2 / tolerance2);
  });

  it('a finite population: ((1 − n/N) s² + 𝒱/K)/n = τ² at the unrounded n', () => {
    const N = 500;
    const { examples: n } = planTarget(network, law, 'type1', variances, {
      relative: 0.05,
      available: N,
      population: N,
      labels: 3,
    });
    const error2 = (at: number) => ((1 - at / N) * s2 + V / 3) / at;
    expect(error2(n)).toBeLessThanOrEqual(tolerance2);
    expect(error2(n - 1)).toBeGreaterThan(tolerance2);
  });

  it('fewer examples than the population: what they cannot reach is not promised', () => {
    const all = planTarget(network, law, 'exact', variances, {
      relative: 0.001,
      available: 100,
      population: 100,
    });
    expect(all).toMatchObject({ examples: 100, feasible: true, attainable: 0 });
    const part = planTarget(network, law, 'exact', variances, {
      relative: 0.001,
      available: 50,
      population: 100,
    });
    expect(part.feasible).toBe(false);
    expect(part.attainable).toBeCloseTo(Math.sqrt((0.5 * variances.data) / 50) / 2, 12);
  });

  it('a trace of 0 has no relative error', () => {
    const none = { trace: 0, data: 0, label: 0 };
    expect(() =>
      planTarget(network, law, 'exact', none, { relative: 0.05, available: 100, population: null }),
    ).toThrow(/relative to the trace/);
  });

  it('the pilot: a quarter, at least 20 and at most 200, of what there is', () => {
    expect([1, 15, 40, 400, 4000].map(pilotSize)).toEqual([1, 15, 20, 100, 200]);
  });
});
