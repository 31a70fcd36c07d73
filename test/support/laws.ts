/**
 * The law of y given h for each family, written out on its own from the textbook density: a list of labels with their
 * probabilities (all labels of a discrete family; for a Gaussian, trapezoid nodes, which integrate polynomials against it to
 * 1e-15). Expectations over it check what the library has in closed form.
 */
import type { Likelihood } from '../../src/likelihood/index.js';
import { getLikelihood } from '../../src/likelihood/index.js';
import { hermite, laguerre } from './quadrature.js';

export interface Law {
  likelihood: Likelihood;
  h: number[];
  /** Label as the library writes it, t(y), and its probability. */
  outcomes: { y: number[]; t: number[]; p: number }[];
  /** Textbook log density; of a discrete family log p. */
  logDensity?: (y: number[]) => number;
}

export function categoricalLaw(h: number[]): Law {
  const e = h.map(Math.exp);
  const total = e.reduce((s, x) => s + x, 0);
  const outcomes = h.map((_, c) => ({ y: [c], t: h.map((_, a) => (a === c ? 1 : 0)), p: e[c] / total }));
  return { likelihood: getLikelihood('categorical'), h, outcomes };
}

export function bernoulliLaw(h: number[]): Law {
  const outcomes = Array.from({ length: 2 ** h.length }, (_, bits) => {
    const y = h.map((_, a) => (bits >> a) & 1);
    return { y, t: y, p: h.reduce((w, x, a) => w / (1 + Math.exp(y[a] ? -x : x)), 1) };
  });
  return { likelihood: getLikelihood('bernoulli'), h, outcomes };
}

export function gaussianLaw(h: number[], variance: number): Law {
  const step = 0.5;
  const nodes = Array.from({ length: 57 }, (_, i) => (i - 28) * step);
  const weight = nodes.map((z) => (step * Math.exp((-z * z) / 2)) / Math.sqrt(2 * Math.PI));
  let outcomes: Law['outcomes'] = [{ y: [], t: [], p: 1 }];
  for (const mean of h) {
    outcomes = outcomes.flatMap((o) =>
      nodes.map((z, i) => {
        const y = mean + Math.sqrt(variance) * z;
        return { y: [...o.y, y], t: [...o.t, y / variance], p: o.p * weight[i] };
      }),
    );
  }
  return { likelihood: getLikelihood('gaussian', { variance }), h, outcomes };
}

/** Independent components from the (y, p) of each. */
function product(components: { y: number; p: number }[][]): { y: number[]; p: number }[] {
  let all: { y: number[]; p: number }[] = [{ y: [], p: 1 }];
  for (const values of components) {
    all = all.flatMap((o) => values.map((v) => ({ y: [...o.y, v.y], p: o.p * v.p })));
  }
  return all;
}

/** y = 0, 1, … with p(y), from p(0) by the ratio p(y+1)/p(y), as long as they matter to moments of order 6. */
function counts(first: number, ratio: (y: number) => number, last = Infinity): { y: number; p: number }[] {
  const all = [{ y: 0, p: first }];
  for (let y = 0; y < last; y++) {
    const p = all[y].p * ratio(y);
    all.push({ y: y + 1, p });
    if (ratio(y) < 1 && p * (y + 1) ** 6 < 1e-24) break;
  }
  return all;
}

const logFactorial = (n: number): number => (n < 2 ? 0 : Math.log(n) + logFactorial(n - 1));

export function poissonLaw(h: number[]): Law {
  const components = h.map((x) => counts(Math.exp(-Math.exp(x)), (y) => Math.exp(x) / (y + 1)));
  return {
    likelihood: getLikelihood('poisson'),
    h,
    outcomes: product(components).map(({ y, p }) => ({ y, t: y, p })),
    logDensity: (y) => y.reduce((s, v, a) => s + v * h[a] - Math.exp(h[a]) - logFactorial(v), 0),
  };
}

export function binomialLaw(h: number[], trials: number): Law {
  const odds = h.map(Math.exp);
  const components = odds.map((o) => counts((1 + o) ** -trials, (y) => ((trials - y) / (y + 1)) * o, trials));
  return {
    likelihood: getLikelihood('binomial', { trials }),
    h,
    outcomes: product(components).map(({ y, p }) => ({ y, t: y, p })),
  };
}

/** Gauss–Laguerre nodes, exact for polynomials of degree 15. */
export function gammaLaw(h: number[], shape: number, name: 'gamma' | 'exponential' = 'gamma'): Law {
  const nodes = laguerre(shape, 8);
  const outcomes = product(h.map((x) => nodes.map(({ x: z, p }) => ({ y: z / -x, p }))));
  // Γ of a half-integer or integer shape.
  let logGamma = shape % 1 === 0 ? 0 : Math.log(Math.PI) / 2;
  for (let k = shape % 1 === 0 ? 1 : 0.5; k < shape; k++) logGamma += Math.log(k);
  return {
    likelihood: getLikelihood(name, name === 'gamma' ? { shape } : {}),
    h,
    outcomes: outcomes.map(({ y, p }) => ({ y, t: y, p })),
    logDensity: (y) =>
      y.reduce((s, v, a) => s + shape * Math.log(-h[a]) + (shape - 1) * Math.log(v) + h[a] * v - logGamma, 0),
  };
}

/** What each head says of μ, σ and d log σ/ds, written out on its own. */
const HEADS: Record<string, (p: number, s: number) => [mu: number, sigma: number, slope: number]> = {
  canonical: (p, s) => [-p / (2 * s), Math.sqrt(-0.5 / s), NaN],
  'log-sd': (p, s) => [p, Math.exp(s), 1],
  'log-variance': (p, s) => [p, Math.exp(s / 2), 1 / 2],
  softplus: (p, s) => [p, Math.log(1 + Math.exp(s)), 1 / (1 + Math.exp(-s)) / Math.log(1 + Math.exp(s))],
  sd: (p, s) => [p, s, 1 / s],
  variance: (p, s) => [p, Math.sqrt(s), 1 / (2 * s)],
};

/** t is (y, y²) in canonical coordinates, the score of the head's own otherwise. */
export function pairLaw(h: number[], link: string): Law {
  const m = h.length / 2;
  const nodes = hermite(8);
  const pairs = h.slice(0, m).map((p, a) => HEADS[link](p, h[m + a]));
  const outcomes = product(pairs.map(([mu, sigma]) => nodes.map(({ x, p }) => ({ y: mu + sigma * x, p }))));
  const scores = (y: number[]) => {
    const z = pairs.map(([mu, sigma], a) => (y[a] - mu) / sigma);
    return link === 'canonical'
      ? [...y, ...y.map((v) => v * v)]
      : [
          ...pairs.map(([, sigma], a) => z[a] / sigma),
          ...pairs.map(([, , slope], a) => (z[a] ** 2 - 1) * slope),
        ];
  };
  return {
    likelihood: getLikelihood('gaussian-mv', {}, link),
    h,
    outcomes: outcomes.map(({ y, p }) => ({ y, t: scores(y), p })),
    logDensity: (y) =>
      pairs.reduce(
        (s, [mu, sigma], a) =>
          s - 0.5 * ((y[a] - mu) / sigma) ** 2 - Math.log(sigma) - 0.5 * Math.log(2 * Math.PI),
        0,
      ),
  };
}

/** E f over the law. */
export function expectation(law: Law, f: (t: number[], y: number[]) => number): number {
  let sum = 0;
  for (const { y, t, p } of law.outcomes) sum += p * f(t, y);
  return sum;
}

/** One law of each family and shape that closed forms are checked on. */
export const laws: Record<string, Law> = {
  'categorical, 4 classes': categoricalLaw([0.3, -1.2, 2.1, 0.4]),
  'categorical, 2 classes': categoricalLaw([0.7, -0.4]),
  'categorical, 5 classes, two of them equal': categoricalLaw([1, 1, -2, 0, 3]),
  'bernoulli, 1 output': bernoulliLaw([1.3]),
  'bernoulli, 3 outputs, one at p = 1/2': bernoulliLaw([0, -2.2, 0.9]),
  'bernoulli, 5 outputs': bernoulliLaw([-0.3, 2.5, 0.1, -1.7, 0.8]),
  'gaussian, variance 1': gaussianLaw([0.4, -1.1], 1),
  'gaussian, variance 4': gaussianLaw([3, -2], 4),
  'poisson, 1 output': poissonLaw([1.2]),
  'poisson, 2 outputs, one rare': poissonLaw([-3, 0.7]),
  'binomial, 5 trials': binomialLaw([0.4, -1.3], 5),
  'binomial, 1 trial': binomialLaw([0.8, -2], 1),
  'binomial, 12 trials at p = 1/2': binomialLaw([0], 12),
  exponential: gammaLaw([-1.6, -2.5], 1, 'exponential'),
  'gamma, shape 2.5': gammaLaw([-1.7, -3], 2.5),
  'gaussian-mv, natural': pairLaw([0.6, -0.9, -0.8, -1.1], 'canonical'),
  'gaussian-mv, log-sd': pairLaw([0.6, -0.9, -0.2, 0.3], 'log-sd'),
  'gaussian-mv, log-variance': pairLaw([1, 0.5], 'log-variance'),
  'gaussian-mv, softplus': pairLaw([1, 0.5], 'softplus'),
  'gaussian-mv, sd': pairLaw([1, 0.8], 'sd'),
  'gaussian-mv, variance': pairLaw([1, 0.8], 'variance'),
};
