/**
 * @module likelihood/gaussian
 *
 * T independent real outputs with known variance σ², one for all or one for each; the network outputs the mean, h = μ.
 *
 *   t(y) = y/σ²,   F = μ²/2σ²,   η = μ/σ²,   I = 1/σ²,   κ3 = κ4 = 0
 *   c = 2/σ⁴,   E(δ² − v)³ = 8/σ⁶ (χ² with one degree of freedom)
 *
 * σ² has no default: the Fisher and its type-1 error go as 1/σ², the type-2 error as 1/σ, the empirical Fisher as 1/σ⁴
 * (theory (9.2)). A table in the coordinate μ/σ², where I = σ², would be wrong by σ⁴ here.
 */
import { FimError } from '../core/errors.js';
import { normalQuantile } from '../core/random.js';
import { meanInGraph } from './graph/independent.js';
import { Independent, type Univariate } from './independent.js';
import { canonical } from './link.js';
import type { Family } from './types.js';

function univariate(sigma2: number): Univariate {
  const precision = 1 / sigma2;
  const sigma = Math.sqrt(sigma2);
  const logNormaliser = 0.5 * Math.log(2 * Math.PI * sigma2);
  return {
    name: 'gaussian',
    options: { variance: sigma2 },
    logPartition: (h) => 0.5 * h * h * precision,
    mean: (h) => h * precision,
    variance: () => precision,
    third: () => 0,
    fourth: () => 0,
    squareVariance: () => 2 * precision ** 2,
    squareThird: () => 8 * precision ** 3,
    logProbability: (h, y) => -0.5 * (y - h) ** 2 * precision - logNormaliser,
    residual: (h, y) => (y - h) * precision,
    quantile: (h, u) => h + sigma * normalQuantile(u),
    discrete: null,
    domain: null,
    inGraph: meanInGraph(sigma2),
    refuse: () => null,
  };
}

/** Numbers around a mean h with known variance σ², one for all outputs or one for each. */
export const gaussian: Family = {
  name: 'gaussian',
  summary: 'T independent real outputs of known variance; outputs are means',
  aliases: ['normal', 'regression', 'mse', 'least-squares', 'l2'],
  options: [{ name: 'variance', meaning: 'variance σ² of y given x', perOutput: true }],
  links: [canonical('output = mean')],
  end: { inside: null, bounded: 'mean', output: 'a mean, which may be any number' },
  defaultLink: 'canonical',
  create({ variance }) {
    const each = [variance].flat();
    const fits = (v: number) => v > 0 && Number.isFinite(1 / v ** 3) && v < Infinity;
    if (each.length === 0 || !each.every(fits)) {
      throw new FimError({
        code: 'likelihood/option',
        kind: 'usage',
        where: 'likelihood gaussian',
        rule: 'the variance of y given x is a positive number',
        got: each.length === 0 ? 'none' : String(each.find((v) => !fits(v))),
        next: '`variance: 1`',
      });
    }
    return new Independent(
      each.map((v) => univariate(v)),
      { variance },
    );
  },
};
