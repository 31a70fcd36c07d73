/**
 * @module likelihood/poisson
 *
 * T independent counts; h = log λ, t(y) = y, F = e^h = λ, and every cumulant is λ:
 *
 *   η = I = κ3 = κ4 = λ,   c = λ + 2λ²,   E(δ² − λ)³ = λ + 22λ² + 8λ³
 *
 * Probabilities by Loader's saddle point, exact at any λ; labels by the inverse CDF in a few steps (likelihood/counting).
 * Other links go through the graph: `softplus` (λ = softplus z, h = log softplus z), `identity` (λ = z > 0).
 */
import { ops as b } from '../graph/index.js';
import { deviance, stirlingError } from '../stats/gamma.js';
import { incompleteGamma } from '../stats/incomplete-gamma.js';
import { countQuantile, offOne, type CountLaw } from './counting.js';
import { countsInGraph } from './graph/independent.js';
import { Independent, type Univariate } from './independent.js';
import { canonical } from './link.js';
import type { Family } from './types.js';

const rate = Math.exp;

function logProbability(h: number, y: number): number {
  const lambda = rate(h);
  if (y === 0) return -lambda;
  // The direct form of the deviance where λ underflows or is far from y.
  const far = Math.abs(y - lambda) >= 0.3 * (y + lambda);
  const d = far ? y * (Math.log(y) - h) + lambda - y : deviance(y, lambda);
  return -d - stirlingError(y) - 0.5 * Math.log(2 * Math.PI * y);
}

function law(h: number): CountLaw {
  const lambda = rate(h);
  return {
    last: Infinity,
    mean: lambda,
    variance: lambda,
    tilt: 1,
    probability: (y) => Math.exp(logProbability(h, y)),
    lower: (y) => incompleteGamma(y + 1, lambda).upper,
    upper: (y) => incompleteGamma(y + 1, lambda).lower,
  };
}

const univariate: Univariate = {
  name: 'poisson',
  options: {},
  logPartition: rate,
  mean: rate,
  variance: rate,
  third: rate,
  fourth: rate,
  squareVariance: (h) => rate(h) * (1 + 2 * rate(h)),
  squareThird: (h) => rate(h) * (1 + rate(h) * (22 + 8 * rate(h))),
  logProbability,
  residual: (h, y) => y - rate(h),
  quantile: (h, u) => countQuantile(law(h), u).y,
  discrete: {
    offMode: (h) => offOne(logProbability(h, Math.floor(rate(h)))),
    stepDistance: (h, u) => countQuantile(law(h), u).distance,
  },
  domain: null,
  inGraph: countsInGraph,
  refuse(y) {
    if (Number.isInteger(y) && y >= 0) return null;
    const rule = 'a poisson target is a count: 0, 1, 2, …';
    return y < 0
      ? { rule, cause: 'differences, or standardised targets' }
      : { rule, cause: 'rates or amounts instead of counts', next: "`likelihood: 'gamma', shape: 1`" };
  },
};

/** Counts with rate eʰ. */
export const poisson: Family = {
  name: 'poisson',
  summary: 'T independent counts; outputs are log rates',
  aliases: ['count', 'counts', 'poissonnll', 'poisson-nll'],
  options: [],
  links: [
    canonical('output = log mean'),
    { name: 'log', meaning: 'the canonical link by its usual name', apply: null },
    { name: 'softplus', meaning: 'mean = softplus(output)', apply: (z) => b.log(b.softplus(z)) },
    { name: 'identity', meaning: 'output = mean, above 0', apply: (z) => b.log(z) },
  ],
  end: { inside: 'mean', called: 'exponential', output: 'the logarithm of a mean, or what `link` says' },
  defaultLink: 'canonical',
  create: () => new Independent(univariate),
};
