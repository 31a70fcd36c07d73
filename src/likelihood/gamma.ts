/**
 * @module likelihood/gamma
 *
 * T independent waiting times of shape k, `exponential` being k = 1; h = −rate < 0, t(y) = y, F = −k log(−h), r = −h:
 *
 *   η = k/r,   v = k/r²,   κ3 = 2k/r³,   κ4 = 6k/r⁴,   c = (6k + 2k²)/r⁴,   E(δ² − v)³ = (120k + 112k² + 8k³)/r⁶
 *
 * from κ_j = (j−1)! k/rʲ; the last is κ6 + 12κ4v + 10κ3² + 8v³. Labels by the inverse of the regularised incomplete gamma
 * function, in closed form where k = 1. h ≥ 0 is no distribution and is refused, naming the example. So the default link is not
 * the canonical one but `log`, under which every output of a network is a mean: h = −k e^(−z).
 */
import { FimError } from '../core/errors.js';
import { stirlingError, deviance } from '../stats/gamma.js';
import { gammaQuantile } from '../stats/gamma-quantile.js';
import { amountsInGraph } from './graph/independent.js';
import { Independent, type Univariate } from './independent.js';
import { reciprocalLinks } from './link.js';
import { type LikelihoodOptions, numberOf } from './options.js';
import type { Family, FamilyEnd } from './types.js';

function univariate(name: string, k: number, options: LikelihoodOptions): Univariate {
  const normaliser = 0.5 * Math.log(k / (2 * Math.PI)) - stirlingError(k);
  return {
    name,
    options,
    logPartition: (h) => -k * Math.log(-h),
    mean: (h) => -k / h,
    variance: (h) => k / h ** 2,
    third: (h) => (-2 * k) / h ** 3,
    fourth: (h) => (6 * k) / h ** 4,
    squareVariance: (h) => (k * (6 + 2 * k)) / h ** 4,
    squareThird: (h) => (k * (120 + k * (112 + 8 * k))) / h ** 6,
    // (ry)ᵏ e^(−ry)/(Γ(k) y), by the deviance.
    logProbability: (h, y) => normaliser - deviance(k, -h * y) - Math.log(y),
    residual: (h, y) => y + k / h,
    quantile: (h, u) => (k === 1 ? -Math.log1p(-u) : gammaQuantile(k, u)) / -h,
    discrete: null,
    domain: {
      holds: (h) => h < 0,
      rule: `under ${name}, h = −rate is below 0`,
      cause: 'a network whose output is something else, or an overflow of its exponential in this precision',
      next: "`link: 'log'`, where the output is the logarithm of the mean",
    },
    inGraph: amountsInGraph(k),
    refuse(y) {
      if (y > 0) return null;
      const rule = `a target under ${name} is a number above 0`;
      return y === 0
        ? {
            rule,
            cause: 'times or amounts that were rounded down',
            next: 'leave out examples without an event',
          }
        : { rule, cause: 'differences, or standardised targets' };
    },
  };
}

const POSITIVE_END: FamilyEnd = { inside: 'mean', output: 'the logarithm of a mean, or what `link` says' };

/** Positive waiting times: the gamma family with shape 1. */
export const exponential: Family = {
  name: 'exponential',
  summary: 'T independent waiting times; outputs are logarithms of the mean',
  aliases: ['waiting-time', 'survival'],
  options: [],
  links: reciprocalLinks(() => 1),
  end: POSITIVE_END,
  defaultLink: 'log',
  create: () => new Independent(univariate('exponential', 1, {})),
};

/** Positive amounts with a known shape. */
export const gamma: Family = {
  name: 'gamma',
  summary: 'T independent positive amounts of known shape; outputs are logarithms of the mean',
  aliases: ['erlang', 'chi-squared', 'gamma-regression'],
  options: [{ name: 'shape', meaning: 'shape k, so that the variance is mean²/k' }],
  links: reciprocalLinks((options) => numberOf(options, 'shape')),
  end: POSITIVE_END,
  defaultLink: 'log',
  create(options) {
    const shape = numberOf(options, 'shape');
    if (!(shape > 0 && Number.isFinite(shape ** 3) && shape ** 3 > 0)) {
      throw new FimError({
        code: 'likelihood/option',
        kind: 'usage',
        where: 'likelihood gamma',
        rule: 'the shape is a positive number',
        got: String(shape),
        next: '`shape: 2`',
      });
    }
    return new Independent(univariate('gamma', shape, { shape }));
  },
};
