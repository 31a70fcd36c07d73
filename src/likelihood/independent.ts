/**
 * @module likelihood/independent
 *
 * Likelihoods whose T outputs are independent given x, from one univariate family: everything is diagonal.
 *
 *   I = diag(v_a): K = T columns Δ_a = e_a with weights v_a, never 2^T labels; label variance `pairwise`
 *   κ3, κ4: diagonal;   K_aaaa = c_a + v_a², K_aabb = v_a v_b
 *
 * One uniform a component (component a of the draw's key). Adding such a family is one file with a `Univariate`.
 */
import { FimError } from '../core/errors.js';
import type { FloatArray, Tensor } from '../core/tensor.js';
import { room, wholeSpan } from './batch.js';
import { componentTargets } from './component-targets.js';
import { requireDomain } from './domain.js';
import type { InGraph } from './graph/in-graph.js';
import { independentInGraph, type UnivariateInGraph } from './graph/independent.js';
import type {
  ComponentMoments,
  Draws,
  Labels,
  Likelihood,
  LikelihoodOptions,
  Outputs,
  Span,
  TargetOptions,
} from './types.js';

/** One output: functions of its h, each without cancellation over all of float64's range. */
export interface Univariate {
  /** Name of the family. */
  readonly name: string;
  /** Its settings, for messages and files. */
  readonly options: LikelihoodOptions;
  /** F. */
  logPartition(h: number): number;
  /** η = F′. */
  mean(h: number): number;
  /** v = F″. */
  variance(h: number): number;
  /** κ3 = F‴, κ4 = F⁗. */
  third(h: number): number;
  /** κ4 = F⁗. */
  fourth(h: number): number;
  /** c = Var (t − η)² = κ4 + 2v², in a form without a negative term. */
  squareVariance(h: number): number;
  /** E ((t − η)² − v)³ = κ6 + 12κ4v + 10κ3² + 8v³. */
  squareThird(h: number): number;
  /** log p(y|h). */
  logProbability(h: number, y: number): number;
  /** t(y) − η. */
  residual(h: number, y: number): number;
  /** Inverse CDF of y. */
  quantile(h: number, u: number): number;
  /** P(y is not the mode), and the distance of u from the nearest step of the CDF; absent for a density. */
  readonly discrete: {
    /** 1 − P(y is the mode). */
    offMode(h: number): number;
    /** |u − nearest step of the CDF|. */
    stepDistance(h: number, u: number): number;
  } | null;
  /** Where h is not the whole line. */
  readonly domain: {
    /** Whether F(h) is finite. */
    holds(h: number): boolean;
    /** The rule that an h outside breaks. */
    rule: string;
    /** Why an output may lie outside. */
    cause: string;
    /** What to do. */
    next: string;
  } | null;
  /** The same in operators of the graph; absent where the family is not said so. */
  readonly inGraph?: UnivariateInGraph;
  /** Why y cannot be a target, and what to do; null if it can. */
  refuse(
    y: number,
    soft?: TargetOptions['soft'],
  ): {
    /** The rule that y breaks. */
    rule: string;
    /** The likely cause. */
    cause?: string;
    /** What to do. */
    next?: string;
  } | null;
}

/** Functions of h alone. */
type Quantity = 'mean' | 'variance' | 'third' | 'fourth' | 'squareVariance' | 'squareThird';

/** A likelihood of T outputs, independent given x, from one univariate family. */
export class Independent implements Likelihood {
  readonly name: string;
  readonly options: LikelihoodOptions;
  readonly labelKind = 'pairwise';
  readonly pairThird = null;
  readonly unitColumns = true;
  readonly coordinates = 'canonical';
  readonly natural = null;
  readonly components: ComponentMoments;
  readonly inGraph: InGraph | undefined;
  readonly stepDistance: Likelihood['stepDistance'];
  /** The first, whose name, domain and kind are those of all. */
  private readonly family: Univariate;
  private readonly families: readonly Univariate[];

  /**
   * One univariate family for all outputs, or one for each.
   * @throws FimError with `graph/shape`, `likelihood/domain`, `random/index`, `tensor/size`
   */
  constructor(families: Univariate | readonly Univariate[], options?: LikelihoodOptions) {
    this.families = [families].flat();
    this.family = this.families[0];
    this.name = this.family.name;
    const graphs = this.families.flatMap(({ inGraph }) => inGraph ?? []);
    this.inGraph = graphs.length === this.families.length ? independentInGraph(graphs) : undefined;
    this.options = options ?? this.family.options;
    this.components = {
      third: (h, out, span) => this.moments(h, out, 'third', span),
      fourth: (h, out, span) => this.moments(h, out, 'squareVariance', span),
      squareThird: (h, out, span) => this.moments(h, out, 'squareThird', span),
    };
    this.stepDistance = this.family.discrete ? (h, draws, out) => this.steps(h, draws, out) : null;
  }

  /** The family of output a. */
  private at(a: number): Univariate {
    return this.families.length === 1 ? this.family : this.families[a];
  }

  private moments(h: Outputs, out: FloatArray, f: Quantity, span?: Span): void {
    this.checkDomain(h);
    each(h, out, this.quantity(f), span);
  }

  private quantity(f: Quantity): (h: number, a: number) => number {
    if (this.families.length === 1) return this.family[f];
    return (h, a) => this.families[a][f](h);
  }

  checkOutputs(T: number): void {
    const { length } = this.families;
    if (length === 1 || length === T) return;
    throw new FimError({
      code: 'likelihood/outputs',
      kind: 'usage',
      where: `likelihood ${this.name}`,
      rule: `has one setting for all outputs, or one for each of the network's ${T}`,
      got: `${length} settings`,
      next: `give one number, or ${T}`,
    });
  }

  checkDomain(h: Outputs, examples?: ArrayLike<number>): void {
    const { domain } = this.family;
    if (domain) requireDomain(h, examples, domain.holds, domain);
  }

  columnCount(T: number): number {
    return T;
  }

  weightedColumns(T: number): number {
    return T;
  }

  labelWidth(T: number): number {
    return T;
  }

  logPartition(h: Outputs, out: FloatArray): void {
    room(out, h.n, 'logPartition');
    this.checkDomain(h);
    for (let i = 0; i < h.n; i++) {
      let sum = 0;
      for (let a = 0; a < h.T; a++) sum += this.at(a).logPartition(h.data[i * h.T + a]);
      out[i] = sum;
    }
  }

  mean(h: Outputs, out: FloatArray): void {
    this.checkDomain(h);
    each(h, out, this.quantity('mean'));
  }

  information(h: Outputs, out: FloatArray): void {
    const { data, n, T } = h;
    room(out, n * T * T, 'information');
    this.checkDomain(h);
    out.fill(0, 0, n * T * T);
    for (let j = 0; j < n * T; j++) out[j * T + (j % T)] = this.at(j % T).variance(data[j]);
  }

  columns(h: Outputs, out: FloatArray, weights: FloatArray, span: Span = wholeSpan(h.T)): void {
    const { n, T } = h;
    const { from, count } = span;
    room(out, n * count * T, 'columns');
    this.checkDomain(h);
    out.fill(0, 0, n * count * T);
    for (let j = 0; j < n * count; j++) out[j * T + from + (j % count)] = 1;
    each(h, weights, this.quantity('variance'), span);
  }

  squaredLengths(h: Outputs, out: FloatArray, weights: FloatArray): void {
    const { n, T } = h;
    room(out, n * T, 'squaredLengths');
    this.checkDomain(h);
    out.fill(1, 0, n * T);
    each(h, weights, this.quantity('variance'), wholeSpan(T));
  }

  thirdCumulant(h: Outputs, row: number): Float64Array {
    this.checkDomain(h);
    return diagonalTensor(h, row, 3, this.quantity('third'));
  }

  fourthCumulant(h: Outputs, row: number): Float64Array {
    this.checkDomain(h);
    return diagonalTensor(h, row, 4, this.quantity('fourth'));
  }

  fourthMoment(h: Outputs, row: number): Float64Array {
    this.checkDomain(h);
    const variance = this.quantity('variance');
    const squareVariance = this.quantity('squareVariance');
    const { T } = h;
    const out = diagonalTensor(h, row, 4, (x, a) => squareVariance(x, a) + variance(x, a) ** 2);
    for (let a = 0; a < T; a++) {
      for (let b = 0; b < T; b++) {
        if (a === b) continue;
        const vv = variance(h.data[row * T + a], a) * variance(h.data[row * T + b], b);
        for (const [i, j, k, l] of [
          [a, a, b, b],
          [a, b, a, b],
          [a, b, b, a],
        ])
          out[((i * T + j) * T + k) * T + l] = vv;
      }
    }
    return out;
  }

  sample(h: Outputs, draws: Draws, labels: Labels): void {
    const { data, n, T } = h;
    const { stream, examples, occurrences, from, count } = draws;
    room(labels.data, n * count * T, 'sample');
    this.checkDomain(h);
    for (let i = 0; i < n; i++) {
      for (let k = 0; k < count; k++) {
        const offset = (i * count + k) * T;
        stream.fill(labels.data, offset, T, examples[i], occurrences?.[i] ?? 0, from + k);
        for (let a = 0; a < T; a++) {
          labels.data[offset + a] = this.at(a).quantile(data[i * T + a], labels.data[offset + a]);
        }
      }
    }
  }

  private steps(h: Outputs, draws: Draws, out: FloatArray): void {
    const { data, n, T } = h;
    const { stream, examples, occurrences, from, count } = draws;
    room(out, n * count, 'stepDistance');
    const u = new Float64Array(T);
    for (let i = 0; i < n; i++) {
      for (let k = 0; k < count; k++) {
        stream.fill(u, 0, T, examples[i], occurrences?.[i] ?? 0, from + k);
        let nearest = Infinity;
        for (let a = 0; a < T; a++) {
          nearest = Math.min(nearest, this.family.discrete!.stepDistance(data[i * T + a], u[a]));
        }
        out[i * count + k] = nearest;
      }
    }
  }

  residual(h: Outputs, labels: Labels, out: FloatArray): void {
    const { data, n, T } = h;
    room(out, n * labels.count * T, 'residual');
    this.checkDomain(h);
    for (let j = 0; j < n * labels.count; j++) {
      const row = Math.floor(j / labels.count) * T;
      for (let a = 0; a < T; a++) {
        out[j * T + a] = this.at(a).residual(data[row + a], labels.data[j * T + a]);
      }
    }
  }

  logProbability(h: Outputs, labels: Labels, out: FloatArray): void {
    const { data, n, T } = h;
    room(out, n * labels.count, 'logProbability');
    this.checkDomain(h);
    for (let j = 0; j < n * labels.count; j++) {
      const row = Math.floor(j / labels.count) * T;
      let sum = 0;
      for (let a = 0; a < T; a++) sum += this.at(a).logProbability(data[row + a], labels.data[j * T + a]);
      out[j] = sum;
    }
  }

  rademacher(h: Outputs, draws: Draws, out: FloatArray): void {
    const { data, n, T } = h;
    const { stream, examples, occurrences, from, count } = draws;
    room(out, n * count * T, 'rademacher');
    this.checkDomain(h);
    const u = new Float64Array(T);
    for (let i = 0; i < n; i++) {
      for (let k = 0; k < count; k++) {
        stream.fill(u, 0, T, examples[i], occurrences?.[i] ?? 0, from + k);
        for (let a = 0; a < T; a++) {
          const root = Math.sqrt(this.at(a).variance(data[i * T + a]));
          out[(i * count + k) * T + a] = u[a] > 0.5 ? root : -root;
        }
      }
    }
  }

  offMode(h: Outputs): number | null {
    const { discrete } = this.family;
    if (!discrete) return null;
    let sum = 0;
    for (let j = 0; j < h.n * h.T; j++) sum += discrete.offMode(h.data[j]);
    return sum;
  }

  readTargets(y: Tensor, n: number, T: number, options: TargetOptions = {}): Labels {
    const refuse = (value: number) => this.family.refuse(value, options.soft);
    return componentTargets(y, n, { family: this.name, T, refuse }, options);
  }
}

/** f of every output (of a span of them) → [n, count]. */
function each(h: Outputs, out: FloatArray, f: (h: number, a: number) => number, span = wholeSpan(h.T)): void {
  const { data, n, T } = h;
  const { from, count } = span;
  room(out, n * count, 'likelihood');
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < count; k++) out[i * count + k] = f(data[i * T + from + k], from + k);
  }
}

/** A tensor of the given order with f on its diagonal. */
function diagonalTensor(
  h: Outputs,
  row: number,
  order: number,
  f: (h: number, a: number) => number,
): Float64Array {
  const { T } = h;
  const out = new Float64Array(T ** order);
  const step = (T ** order - 1) / (T - 1 || 1);
  for (let a = 0; a < T; a++) out[a * step] = f(h.data[row * T + a], a);
  return out;
}
