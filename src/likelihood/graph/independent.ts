/**
 * @module likelihood/graph/independent
 *
 * Independent outputs in the graph: Δ_a = e_a with the weights v_a(h_a), and residuals output by output. The functions act on all
 * outputs at once; where each output has settings of its own, on one after the other.
 */
import { ops as b, type Value } from '../../graph/index.js';
import { type InGraph, identities } from './in-graph.js';

/** One output in the graph, element by element. */
export interface UnivariateInGraph {
  /** v = F″(h), in the shape of h. */
  variance(h: Value): Value;
  /** t(y) − η. */
  residual(h: Value, y: Value): Value;
}

/** T outputs from one family, or one for each. */
export function independentInGraph(families: readonly UnivariateInGraph[]): InGraph {
  const each = (T: number, of: (family: UnivariateInGraph, part: (x: Value) => Value) => Value): Value => {
    if (families.length === 1) return of(families[0], (x) => x);
    return b.concat(
      Array.from({ length: T }, (_, a) => of(families[a], (x) => b.slice(x, 1, a, a + 1))),
      1,
    );
  };
  return {
    columns: (h) => ({
      columns: identities(h.shape[1] as number, h),
      weights: each(h.shape[1] as number, (f, part) => f.variance(part(h))),
    }),
    labels: ({ dtype, shape }) => ({ dtype, shape: [shape[1] as number] }),
    residual: (h, y) => each(h.shape[1] as number, (f, part) => f.residual(part(h), part(y))),
  };
}

/** 1/(1 + eʰ). */
const off = (h: Value): Value => b.sigmoid(b.neg(h));

/** n trials each; n = 1: yes or no. δ = yq − (n − y)p, exact at both ends. */
export const trialsInGraph = (n: number): UnivariateInGraph => ({
  variance: (h) => b.scale(b.mul(b.sigmoid(h), off(h)), n),
  residual: (h, y) => b.sub(b.mul(y, off(h)), b.mul(b.shift(b.neg(y), n), b.sigmoid(h))),
});

/** Counts, h = log λ. */
export const countsInGraph: UnivariateInGraph = {
  variance: b.exp,
  residual: (h, y) => b.sub(y, b.exp(h)),
};

/** A mean with known variance. */
export const meanInGraph = (variance: number): UnivariateInGraph => ({
  variance: (h) => b.expandLike(b.scalar(1 / variance, h.dtype), h),
  residual: (h, y) => b.scale(b.sub(y, h), 1 / variance),
});

/** Amounts of shape k, h = −rate. */
export const amountsInGraph = (k: number): UnivariateInGraph => ({
  variance: (h) => b.scale(b.square(b.reciprocal(h)), k),
  residual: (h, y) => b.add(y, b.scale(b.reciprocal(h), k)),
});
