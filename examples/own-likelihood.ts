/**
 * A likelihood of one's own
 *
 * A family with independent outputs is a few functions of one number. Here a spin y ∈ {−1, 1} with p(y|h) ∝ exp(h y): F = log 2cosh h,
 * mean tanh h, variance 1 − tanh² h. The estimators, the error bars and the checks come with the interface. A spin at h is a coin
 * (`bernoulli`) at logit 2h, so for a linear network the Fisher is four times that of the coin with doubled weights.
 */
import { denseNetwork, estimate, getLikelihood, makeDataset, tensor } from 'fim';
import { Independent, type Univariate } from 'fim/likelihood';
import { withWeights } from 'fim/model';

const t = Math.tanh;
const v = (h: number) => 1 / Math.cosh(h) ** 2;
const up = (h: number) => 1 / (1 + Math.exp(-2 * h));
const spin: Univariate = {
  name: 'spin',
  options: {},
  logPartition: (h) => Math.abs(h) + Math.log1p(Math.exp(-2 * Math.abs(h))),
  mean: t,
  variance: v,
  third: (h) => -2 * t(h) * v(h),
  fourth: (h) => 4 * t(h) ** 2 * v(h) - 2 * v(h) ** 2,
  squareVariance: (h) => 4 * t(h) ** 2 * v(h),
  squareThird: (h) => 16 * t(h) ** 4 * v(h),
  logProbability: (h, y) => -Math.log1p(Math.exp(-2 * h * y)),
  residual: (h, y) => 2 * y * up(-h * y),
  quantile: (h, u) => (u < up(-h) ? -1 : 1),
  discrete: {
    offMode: (h) => up(-Math.abs(h)),
    stepDistance: (h, u) => Math.abs(u - up(-h)),
  },
  domain: null,
  refuse: (y) => (Math.abs(y) === 1 ? null : { rule: 'a spin is −1 or 1' }),
};

const n = 200;
const x = Float64Array.from({ length: n * 3 }, (_, i) => Math.sin(3 * i));
const dataset = makeDataset({ source: 'sines', inputs: new Map([['x', tensor('float64', [n, 3], x)]]) });
const network = denseNetwork({ widths: [3, 2], seed: 6, dtype: 'float64' });
const doubled = withWeights(
  network,
  new Map(
    [...network.weights].map(([name, w]) => [
      name,
      tensor(
        'float64',
        w.shape,
        Float64Array.from(w.data as Float64Array, (z) => 2 * z),
      ),
    ]),
  ),
);

export const spins = await estimate(network, new Independent(spin), dataset, { estimator: 'exact' });
export const coins = await estimate(doubled, getLikelihood('bernoulli'), dataset, { estimator: 'exact' });
export const drawn = await estimate(network, new Independent(spin), dataset, { estimator: 'type1', seed: 1 });
