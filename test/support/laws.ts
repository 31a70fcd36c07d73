/**
 * The law of y given h for each family, written out on its own from the textbook density: a list of labels with their
 * probabilities (all labels of a discrete family; for a Gaussian, trapezoid nodes, which integrate polynomials against it to
 * 1e-15). Expectations over it check what the library has in closed form.
 */
import type { Likelihood } from '../../src/likelihood/index.js';
import { getLikelihood } from '../../src/likelihood/index.js';

export interface Law {
  likelihood: Likelihood;
  h: number[];
  /** Label as the library writes it, t(y), and its probability. */
  outcomes: { y: number[]; t: number[]; p: number }[];
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
};
