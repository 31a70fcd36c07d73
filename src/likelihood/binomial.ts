/**
 * @module likelihood/binomial
 *
 * T independent counts of successes in n trials; h the logit, t(y) = y, F = n log(1 + e^h), p = σ(h), q = 1 − p, w = pq:
 *
 *   η = np,   v = nw,   κ3 = nw(q − p),   κ4 = nw(1 − 6w)
 *   c = nw[(q − p)² + 2(n−1)w]
 *   E(δ² − v)³ = nw[(q − p)⁴ + 22(n−1)w(q − p)² + 8(n−1)(n−2)w²]
 *
 * The last two are κ4 + 2v² and κ6 + 12κ4v + 10κ3² + 8v³ with 1 − 4w = (q − p)² put in: no negative term, and for n = 1 a
 * Bernoulli's. Probabilities by Loader's saddle point; labels by the inverse CDF, O(√v) a label.
 */
import { FimError } from '../core/errors.js';
import { sigmoid, softplus } from '../core/numeric.js';
import { deviance, stirlingError } from '../stats/gamma.js';
import { countQuantile, offOne, type CountLaw } from './counting.js';
import { trialsInGraph } from './graph/independent.js';
import { Independent, type Univariate } from './independent.js';
import { canonical } from './link.js';
import { numberOf } from './options.js';
import type { Family } from './types.js';

const spread = (h: number) => sigmoid(h) * sigmoid(-h);
const tilt = (h: number) => -Math.tanh(h / 2);

/** D(y, np) where log p = logP may be far below what p holds. */
function term(y: number, mean: number, logMean: number): number {
  if (y === 0) return mean;
  const far = Math.abs(y - mean) >= 0.3 * (y + mean);
  return far ? y * (Math.log(y) - logMean) + mean - y : deviance(y, mean);
}

function logProbability(n: number, h: number, y: number): number {
  if (y === 0) return -n * softplus(h);
  if (y === n) return -n * softplus(-h);
  const logN = Math.log(n);
  const rest = n - y;
  return (
    stirlingError(n) -
    stirlingError(y) -
    stirlingError(rest) -
    term(y, n * sigmoid(h), logN - softplus(-h)) -
    term(rest, n * sigmoid(-h), logN - softplus(h)) -
    0.5 * Math.log((2 * Math.PI * y * rest) / n)
  );
}

function law(n: number, h: number): CountLaw {
  const probability = (y: number) => Math.exp(logProbability(n, h, y));
  const odds = Math.exp(h);
  /** Σ of probabilities from `first` on, whose terms fall: ratio(j) is that of the j-th term to the one before. */
  const tail = (first: number, step: 1 | -1, end: number) => {
    let sum = probability(first);
    let add = sum;
    for (let j = first; j !== end; j += step) {
      add *= step > 0 ? ((n - j) * odds) / (j + 1) : j / ((n - j + 1) * odds);
      if (!(add > 1e-17 * sum)) break;
      sum += add;
    }
    return sum;
  };
  const mode = (n + 1) * sigmoid(h);
  const below = (y: number) => tail(y, -1, 0);
  const above = (y: number) => (y >= n ? 0 : tail(y + 1, 1, n));
  return {
    last: n,
    mean: n * sigmoid(h),
    variance: n * spread(h),
    tilt: tilt(h),
    probability,
    lower: (y) => (y <= mode ? below(y) : 1 - above(y)),
    upper: (y) => (y + 1 >= mode ? above(y) : 1 - below(y)),
  };
}

function univariate(n: number): Univariate {
  const m = n - 1;
  return {
    name: 'binomial',
    options: { trials: n },
    logPartition: (h) => n * softplus(h),
    mean: (h) => n * sigmoid(h),
    variance: (h) => n * spread(h),
    third: (h) => n * spread(h) * tilt(h),
    fourth: (h) => n * spread(h) * (1 - 6 * spread(h)),
    squareVariance: (h) => n * spread(h) * (tilt(h) ** 2 + 2 * m * spread(h)),
    squareThird(h) {
      const [w, t2] = [spread(h), tilt(h) ** 2];
      return n * w * (t2 * t2 + 22 * m * w * t2 + 8 * m * Math.max(0, m - 1) * w * w);
    },
    logProbability: (h, y) => logProbability(n, h, y),
    // y − np = y q − (n − y) p: exact at both ends.
    residual: (h, y) => y * sigmoid(-h) - (n - y) * sigmoid(h),
    quantile: (h, u) => countQuantile(law(n, h), u).y,
    discrete: {
      offMode(h) {
        const mode = Math.min(n, Math.floor((n + 1) * sigmoid(h)));
        return offOne(logProbability(n, h, mode));
      },
      stepDistance: (h, u) => countQuantile(law(n, h), u).distance,
    },
    domain: null,
    inGraph: trialsInGraph(n),
    refuse(y) {
      if (Number.isInteger(y) && y >= 0 && y <= n) return null;
      const rule = `a binomial target is a number of successes from 0 to ${n}`;
      if (Number.isInteger(y) && y > n) return { rule, cause: 'more trials than `trials` says' };
      if (y > 0 && y < 1) {
        return { rule, cause: 'shares of successes', next: `save y * ${n}, rounded to whole numbers` };
      }
      return { rule };
    },
  };
}

/** Counts of successes in a known number of trials, h the logits. */
export const binomial: Family = {
  name: 'binomial',
  summary: 'T independent numbers of successes in n trials; outputs are logits',
  aliases: ['proportion', 'successes'],
  options: [{ name: 'trials', meaning: 'number of trials n' }],
  links: [
    canonical('output = logit of the probability of success'),
    { name: 'logit', meaning: 'the canonical link by its usual name', apply: null },
  ],
  end: { inside: 'sigmoid', called: 'sigmoid', output: 'logits, one for each count' },
  defaultLink: 'canonical',
  create(options) {
    const trials = numberOf(options, 'trials');
    if (!(Number.isInteger(trials) && trials >= 1 && trials <= 2 ** 31)) {
      throw new FimError({
        code: 'likelihood/option',
        kind: 'usage',
        where: 'likelihood binomial',
        rule: 'the number of trials is a whole number from 1 to 2³¹',
        got: String(trials),
        next: '`trials: 10`',
      });
    }
    return new Independent(univariate(trials));
  },
};
