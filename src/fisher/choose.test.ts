import { setting } from '../core/settings/reference.js';
import { describe, expect, it } from 'vitest';
import { getLikelihood } from '../likelihood/registry.js';
import { denseNetwork } from '../model/index.js';
import { type Asked, chooseEstimator } from './choose.js';
import { estimatorCost } from './cost.js';

const few = denseNetwork({ widths: [4, 8, 3], activation: 'tanh', seed: 1 });
const many = denseNetwork({ widths: [4, 8, 400], activation: 'tanh', seed: 1 });
const law = getLikelihood('categorical');
const choose = (asked: Asked, network = few) => chooseEstimator(network, law, asked);

describe('what is left open', () => {
  it('exact where it costs less than sampling to 1 %, else random signs; the choice is said', () => {
    // n K ≥ 2/0.01²: with 20,000 examples two draws do.
    const exact = choose({ examples: 20000 });
    expect(exact).toMatchObject({ estimator: 'exact', labels: 0, error: 'none' });
    expect(exact.reasons.join()).toContain('estimator exact');
    const signs = choose({ examples: 20000 }, many);
    expect(signs.estimator).toBe('rademacher');
    expect(signs.reasons.join()).toContain('estimator rademacher');
  });

  it('errors: closed form for one draw, or where it costs less; else from two draws', () => {
    expect(choose({ estimator: 'type1', labels: 1, examples: 9 })).toMatchObject({
      labels: 1,
      error: 'closed-form',
    });
    expect(choose({ estimator: 'type1', examples: 9 }, many)).toMatchObject({ labels: 2, error: 'sampled' });
    expect(choose({ estimator: 'type1', labels: 4000, examples: 9 })).toMatchObject({
      labels: 4000,
      error: 'closed-form',
    });
  });
});

describe('what is asked for', () => {
  it('closed form, and at what share of that price exact is available', () => {
    const { labels, error, reasons } = choose({ estimator: 'type1', error: 'closed-form', examples: 9 });
    expect([labels, error]).toEqual([1, 'closed-form']);
    const cost = (e: Parameters<typeof estimatorCost>[2]) => estimatorCost(few, law, e);
    const price =
      cost({ estimator: 'exact', labels: 0, error: 'none' }) /
      cost({ estimator: 'type1', labels: 1, error: 'closed-form' });
    expect(price).toBeLessThan(1);
    expect(reasons).toEqual([
      expect.stringContaining(`${setting('estimator', 'exact')} costs ${price.toPrecision(2)} of that`),
    ]);
  });

  it('draws: a given K stays, whatever can be told from it', () => {
    expect(choose({ estimator: 'type1', labels: 1, error: 'sampled', examples: 9 })).toMatchObject({
      labels: 1,
      error: 'sampled',
      reasons: [],
    });
    expect(choose({ estimator: 'rademacher', error: 'sampled', examples: 9 }).labels).toBe(2);
  });
});
