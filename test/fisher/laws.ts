/**
 * The law of every figure by enumeration, on its own: Jacobians of one example at a time from plain gradients on the oracle, every
 * label (or every vector of signs) with its probability, s = Jᵀδ, squares, sums. Nothing here is shared with src/fisher.
 */
import type { Tensor } from '../../src/core/tensor.js';
import { evaluate } from '../../src/engine/oracle/evaluate.js';
import { input, vjp, type Value } from '../../src/graph/index.js';
import type { Likelihood } from '../../src/likelihood/index.js';
import { symmetricEigen } from '../../src/linalg/index.js';
import { layersOf } from '../../src/model/layers.js';
import type { Network } from '../../src/model/network.js';
import { bernoulliLaw, categoricalLaw } from '../support/laws.js';

/** Mean and central moments of one draw's square at one example. */
export interface DrawMoments {
  readonly mean: number;
  readonly variance: number;
  readonly third: number;
  readonly fourth: number;
}

/** A figure: a sum of squared scores over some parameters, `tensor/W`, `layer/fc1`, `total/total`, `entry/W/3`. */
export interface Quantity {
  readonly name: string;
  readonly entries: readonly number[];
}

export type DrawKind = 'labels' | 'signs';

interface Outcome {
  readonly p: number;
  /** Square of every parameter's score, with those of the columns that are taken exactly. */
  readonly squares: Float64Array;
  /** The scores themselves. */
  readonly scores: readonly ArrayLike<number>[];
}

export interface FigureLaw {
  readonly quantities: readonly Quantity[];
  /** By quantity: one for each example. */
  moments(quantity: Quantity): DrawMoments[];
  /** The same of any function of one draw. */
  momentsOf(value: (draw: Pick<Outcome, 'squares' | 'scores'>) => number): DrawMoments[];
}

/** The law over labels or signs, of which `exactPairs` columns are taken exactly, of every figure of a network at the rows of x. */
export function figureLaw(
  network: Network,
  likelihood: Likelihood,
  x: Tensor,
  kind: DrawKind,
  exactPairs = 0,
): FigureLaw {
  const n = x.shape[0];
  const examples = Array.from({ length: n }, (_, e) =>
    outcomesAt(network, likelihood, x, e, kind, exactPairs),
  );
  const known = new Map<string, DrawMoments[]>();
  const momentsOf: FigureLaw['momentsOf'] = (value) =>
    examples.map((outcomes) => {
      const mean = outcomes.reduce((sum, o) => sum + o.p * value(o), 0);
      const central = (k: number) => outcomes.reduce((sum, o) => sum + o.p * (value(o) - mean) ** k, 0);
      // Equal values differ by rounding.
      if (central(2) <= 1e-26 * mean ** 2) return { mean, variance: 0, third: 0, fourth: 0 };
      return { mean, variance: central(2), third: central(3), fourth: central(4) };
    });
  return {
    quantities: quantitiesOf(network),
    momentsOf,
    moments: ({ name, entries }) => {
      const before = known.get(name);
      if (before) return before;
      const moments = momentsOf((o) => entries.reduce((sum, i) => sum + o.squares[i], 0));
      known.set(name, moments);
      return moments;
    },
  };
}

const sizeOf = (v: Value): number => (v.shape as number[]).reduce((p, d) => p * d, 1);

export function quantitiesOf(network: Network): Quantity[] {
  const at = new Map<string, number[]>();
  let next = 0;
  for (const [name, v] of network.parameters) {
    at.set(
      name,
      Array.from({ length: sizeOf(v) }, () => next++),
    );
  }
  const all = (names: readonly string[]) => names.flatMap((p) => at.get(p) as number[]);
  return [
    { name: 'total/total', entries: all([...at.keys()]) },
    ...layersOf(network).map((l) => ({ name: `layer/${l.name}`, entries: all(l.parameters) })),
    ...[...at].map(([name, entries]) => ({ name: `tensor/${name}`, entries })),
    ...[...at].flatMap(([name, entries]) =>
      entries.map((i, j) => ({ name: `entry/${name}/${j}`, entries: [i] })),
    ),
  ];
}

/** J [T][P] and h [T] of one example, by one plain gradient for each output. */
export function jacobianAt(network: Network, x: Tensor, e: number): { h: number[]; J: Float64Array[] } {
  const [, ...rest] = x.shape;
  const size = rest.reduce((p, d) => p * d, 1);
  const row: Tensor = {
    dtype: x.dtype,
    shape: [1, ...rest],
    data: (x.data as Float64Array).slice(e * size, (e + 1) * size),
  };
  const bind = new Map<Value, Tensor>([[network.inputs.get('x') as Value, row]]);
  for (const [name, v] of [...network.parameters, ...network.fixed]) {
    bind.set(v, network.weights.get(name) as Tensor);
  }
  const parameters = [...network.parameters.values()];
  const seed = input('seed', network.h.dtype, network.h.shape);
  const gradients = vjp([network.h], [seed], parameters);
  const [h] = evaluate([network.h], bind, 1);
  const T = h.data.length;
  const J = Array.from({ length: T }, (_, a) => {
    const data = Float64Array.from({ length: T }, (_, c) => +(a === c));
    const seeded = new Map(bind).set(seed, { dtype: 'float64', shape: [1, T], data });
    const parts = evaluate(
      gradients.filter((g) => g !== null),
      seeded,
      1,
    );
    let k = 0;
    return Float64Array.from(
      parameters.flatMap((v, i) => [...(gradients[i] ? parts[k++].data : new Float64Array(sizeOf(v)))]),
    );
  });
  return { h: [...h.data], J };
}

function outcomesAt(
  network: Network,
  likelihood: Likelihood,
  x: Tensor,
  e: number,
  kind: DrawKind,
  exactPairs: number,
): Outcome[] {
  const { h, J } = jacobianAt(network, x, e);
  const columns = kind === 'labels' ? [] : rootColumns(likelihood, h);
  const deltas = kind === 'labels' ? residuals(likelihood, h) : signed(h, columns.slice(exactPairs));
  const score = (delta: readonly number[]) =>
    J[0].map((_, i) => delta.reduce((sum, d, a) => sum + d * J[a][i], 0));
  const fixed = columns.slice(0, exactPairs).map(score);
  return deltas.map(({ p, delta }) => {
    const own = score(delta);
    return {
      p,
      squares: own.map((v, i) => v * v + fixed.reduce((sum, s) => sum + s[i] ** 2, 0)),
      scores: [own, ...fixed],
    };
  });
}

interface Residual {
  readonly p: number;
  readonly delta: readonly number[];
}

/** Every δ = t(y) − η with its probability; for a Gaussian, Gauss–Hermite nodes that integrate degree 9 exactly. */
export function residuals(likelihood: Likelihood, h: readonly number[]): Residual[] {
  if (likelihood.name === 'gaussian') return gaussian(h.length, Number(likelihood.options.variance));
  const law = likelihood.name === 'categorical' ? categoricalLaw([...h]) : bernoulliLaw([...h]);
  const eta = h.map((_, a) => law.outcomes.reduce((sum, o) => sum + o.p * o.t[a], 0));
  return law.outcomes.map((o) => ({ p: o.p, delta: o.t.map((t, a) => t - eta[a]) }));
}

/** The columns of the default root, the largest first: √λ v of diag p − ppᵀ, or diag(√v). */
function rootColumns(likelihood: Likelihood, h: readonly number[]): number[][] {
  const law = residuals(likelihood, h);
  const columns =
    likelihood.name === 'categorical'
      ? eigenColumns(law)
      : h.map((_, a) => {
          const v = law.reduce((sum, o) => sum + o.p * o.delta[a] ** 2, 0);
          return h.map((_, c) => (c === a ? Math.sqrt(v) : 0));
        });
  const size = (c: readonly number[]) => c.reduce((s, v) => s + v * v, 0);
  // Equal but for rounding are in their own order.
  return columns.sort((a, b) => (Math.abs(size(b) - size(a)) > 1e-12 * size(a) ? size(b) - size(a) : 0));
}

/** Every Rξ with its probability 2^−K. */
function signed(h: readonly number[], columns: readonly (readonly number[])[]): Residual[] {
  return Array.from({ length: 2 ** columns.length }, (_, bits) => ({
    p: 2 ** -columns.length,
    delta: h.map((_, a) => columns.reduce((sum, c, k) => sum + ((bits >> k) & 1 ? c[a] : -c[a]), 0)),
  }));
}

/** √λ v of the eigenpairs of Cov δ that are not 0. */
function eigenColumns(law: readonly Residual[]): number[][] {
  const T = law.length;
  const covariance = Float64Array.from({ length: T * T }, (_, i) =>
    law.reduce((sum, o) => sum + o.p * o.delta[Math.floor(i / T)] * o.delta[i % T], 0),
  );
  const { values, vectors } = symmetricEigen(covariance, T);
  const largest = Math.max(...values);
  return [...values].flatMap((value, r) =>
    value > 1e-13 * largest
      ? [Array.from({ length: T }, (_, a) => Math.sqrt(value) * vectors[a * T + r])]
      : [],
  );
}

const NODES = [0, 1.355626179974266, -1.355626179974266, 2.8569700138728056, -2.8569700138728056];
const WEIGHTS = [8 / 15, 0.2220759220056126, 0.2220759220056126, 0.011257411327720688, 0.011257411327720688];

function gaussian(T: number, variance: number): Residual[] {
  let law: Residual[] = [{ p: 1, delta: [] }];
  for (let a = 0; a < T; a++) {
    law = law.flatMap(({ p, delta }) =>
      NODES.map((z, i) => ({ p: p * WEIGHTS[i], delta: [...delta, z / Math.sqrt(variance)] })),
    );
  }
  return law;
}
