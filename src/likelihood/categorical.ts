/**
 * @module likelihood/categorical
 *
 * One of T classes; h the logits, t(y) the one-hot vector, η = softmax(h), F = log Σ exp h.
 *
 *   I = diag(p) − ppᵀ = Σ_c p_c Δ_cΔ_cᵀ,   Δ_c = e_c − p the residual of class c: K = T enumerated columns.
 *
 * The class root R = (√p_c Δ_c) is the one used for Rademacher signs: Rξ is O(T) a draw, by
 * (Rξ)_a = √p_a ξ_a (1 − p_a) − p_a Σ_{c≠a} √p_c ξ_c. One uniform a label (component 0), classes in their own order.
 * Everything is accurate at p = 1 − 1e-30 (see softmax-row).
 */
import { FimError } from '../core/errors.js';
import type { FloatArray, Tensor } from '../core/tensor.js';
import { room, wholeSpan } from './batch.js';
import { categoricalTargets } from './categorical-targets.js';
import {
  categoricalFourthCumulant,
  categoricalFourthMoment,
  categoricalThird,
} from './categorical-tensors.js';
import { categoricalInGraph } from './graph/categorical.js';
import { canonical } from './link.js';
import { SoftmaxRow } from './softmax-row.js';
import type { Draws, Family, Labels, Likelihood, Outputs, TargetOptions } from './types.js';

class Categorical implements Likelihood {
  readonly name = 'categorical';
  readonly options = {};
  readonly labelKind = 'enumerated';
  readonly components = null;
  readonly pairThird = null;
  readonly unitColumns = false;
  readonly coordinates = 'canonical';
  readonly natural = null;
  readonly inGraph = categoricalInGraph;
  private readonly row = new SoftmaxRow();

  checkOutputs(T: number): void {
    if (T >= 2) return;
    throw new FimError({
      code: 'likelihood/outputs',
      where: 'likelihood categorical',
      rule: 'needs a network of at least 2 outputs, one logit a class',
      got: `${T} output`,
      cause: 'one logit of a two-class problem is a Bernoulli output',
      next: "`likelihood: 'bernoulli'`",
    });
  }

  checkDomain(): void {}

  columnCount(T: number): number {
    return T;
  }

  weightedColumns(T: number): number {
    return T;
  }

  labelWidth(): number {
    return 1;
  }

  /** Loads row i. */
  private at(h: Outputs, i: number): SoftmaxRow {
    return this.row.load(h.data, i * h.T, h.T);
  }

  logPartition(h: Outputs, out: FloatArray): void {
    room(out, h.n, 'logPartition');
    for (let i = 0; i < h.n; i++) {
      const { max, logRest } = this.at(h, i);
      out[i] = max + logRest;
    }
  }

  mean(h: Outputs, out: FloatArray): void {
    room(out, h.n * h.T, 'mean');
    for (let i = 0; i < h.n; i++) out.set(this.at(h, i).p, i * h.T);
  }

  information(h: Outputs, out: FloatArray): void {
    const { n, T } = h;
    room(out, n * T * T, 'information');
    for (let i = 0; i < n; i++) {
      const { p, q } = this.at(h, i);
      for (let a = 0; a < T; a++) {
        for (let b = 0; b < T; b++) out[(i * T + a) * T + b] = a === b ? p[a] * q[a] : -p[a] * p[b];
      }
    }
  }

  columns(h: Outputs, out: FloatArray, weights: FloatArray, span = wholeSpan(h.T)): void {
    const { n, T } = h;
    const { from, count } = span;
    room(out, n * count * T, 'columns');
    room(weights, n * count, 'columns');
    for (let i = 0; i < n; i++) {
      const { p, q } = this.at(h, i);
      for (let k = 0; k < count; k++) {
        weights[i * count + k] = p[from + k];
        oneHotMinusMean(p, q, from + k, out, (i * count + k) * T);
      }
    }
  }

  squaredLengths(h: Outputs, out: FloatArray, weights: FloatArray): void {
    const { n, T } = h;
    room(out, n * T, 'squaredLengths');
    room(weights, n * T, 'squaredLengths');
    for (let i = 0; i < n; i++) {
      const { p, q, mode } = this.at(h, i);
      let others = 0;
      for (let c = 0; c < T; c++) if (c !== mode) others += p[c] ** 2;
      for (let k = 0; k < T; k++) {
        weights[i * T + k] = p[k];
        out[i * T + k] = q[k] ** 2 + others + (k === mode ? 0 : p[mode] ** 2 - p[k] ** 2);
      }
    }
  }

  thirdCumulant(h: Outputs, row: number): Float64Array {
    const { p, q } = this.at(h, row);
    return categoricalThird(p, q);
  }

  fourthCumulant(h: Outputs, row: number): Float64Array {
    const { p, q } = this.at(h, row);
    return categoricalFourthCumulant(p, q);
  }

  fourthMoment(h: Outputs, row: number): Float64Array {
    const { p, q } = this.at(h, row);
    return categoricalFourthMoment(p, q);
  }

  sample(h: Outputs, draws: Draws, labels: Labels): void {
    const { stream, examples, occurrences, from, count } = draws;
    room(labels.data, h.n * count, 'sample');
    const steps = new Float64Array(h.T);
    for (let i = 0; i < h.n; i++) {
      cumulate(this.at(h, i), steps);
      for (let k = 0; k < count; k++) {
        const u = stream.at(examples[i], occurrences?.[i] ?? 0, from + k, 0);
        labels.data[i * count + k] = firstAbove(steps, u);
      }
    }
  }

  stepDistance = (h: Outputs, draws: Draws, out: FloatArray): void => {
    const { stream, examples, occurrences, from, count } = draws;
    room(out, h.n * count, 'stepDistance');
    const steps = new Float64Array(h.T);
    for (let i = 0; i < h.n; i++) {
      cumulate(this.at(h, i), steps);
      for (let k = 0; k < count; k++) {
        const u = stream.at(examples[i], occurrences?.[i] ?? 0, from + k, 0);
        let nearest = Infinity;
        for (let c = 0; c < h.T - 1; c++) nearest = Math.min(nearest, Math.abs(u - steps[c]));
        out[i * count + k] = nearest;
      }
    }
  };

  residual(h: Outputs, labels: Labels, out: FloatArray): void {
    const { n, T } = h;
    const { data, count, width } = labels;
    room(out, n * count * T, 'residual');
    for (let i = 0; i < n; i++) {
      const { p, q } = this.at(h, i);
      for (let j = i * count; j < (i + 1) * count; j++) {
        if (width === 1) oneHotMinusMean(p, q, data[j], out, j * T);
        else for (let a = 0; a < T; a++) out[j * T + a] = data[j * T + a] - p[a];
      }
    }
  }

  logProbability(h: Outputs, labels: Labels, out: FloatArray): void {
    const { n, T } = h;
    const { data, count, width } = labels;
    room(out, n * count, 'logProbability');
    for (let i = 0; i < n; i++) {
      const { max, logRest } = this.at(h, i);
      const logOf = (c: number) => h.data[i * T + c] - max - logRest;
      for (let j = i * count; j < (i + 1) * count; j++) {
        let sum = 0;
        if (width === 1) sum = logOf(data[j]);
        else for (let a = 0; a < T; a++) if (data[j * T + a] !== 0) sum += data[j * T + a] * logOf(a);
        out[j] = sum;
      }
    }
  }

  rademacher(h: Outputs, draws: Draws, out: FloatArray): void {
    const { n, T } = h;
    const { stream, examples, occurrences, from, count } = draws;
    room(out, n * count * T, 'rademacher');
    const signed = new Float64Array(T);
    for (let i = 0; i < n; i++) {
      const { p, q, mode } = this.at(h, i);
      for (let k = 0; k < count; k++) {
        stream.fill(signed, 0, T, examples[i], occurrences?.[i] ?? 0, from + k);
        let others = 0;
        for (let c = 0; c < T; c++) {
          signed[c] = signed[c] > 0.5 ? Math.sqrt(p[c]) : -Math.sqrt(p[c]);
          if (c !== mode) others += signed[c];
        }
        const offset = (i * count + k) * T;
        for (let a = 0; a < T; a++) {
          const rest = a === mode ? others : others - signed[a] + signed[mode];
          out[offset + a] = signed[a] * q[a] - p[a] * rest;
        }
      }
    }
  }

  offMode(h: Outputs): number {
    let sum = 0;
    for (let i = 0; i < h.n; i++) {
      const { q, mode } = this.at(h, i);
      sum += q[mode];
    }
    return sum;
  }

  readTargets(y: Tensor, n: number, T: number, options: TargetOptions = {}): Labels {
    return categoricalTargets(y, n, T, options);
  }
}

/** Δ_c = e_c − p into out[offset…]. */
function oneHotMinusMean(p: Float64Array, q: Float64Array, c: number, out: FloatArray, offset: number): void {
  for (let a = 0; a < p.length; a++) out[offset + a] = -p[a];
  out[offset + c] = q[c];
}

/** steps[c] = P(y ≤ c); the last is 1. */
function cumulate({ p }: SoftmaxRow, steps: Float64Array): void {
  let sum = 0;
  for (let c = 0; c < p.length; c++) steps[c] = sum += p[c];
  // Rounding must not leave a gap below 1 for a class without probability to be drawn from.
  let last = p.length - 1;
  while (p[last] === 0) last--;
  steps.fill(1, last);
}

/** The first index whose step lies above u in (0, 1). */
function firstAbove(steps: Float64Array, u: number): number {
  let low = 0;
  let high = steps.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (steps[middle] > u) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** One of T classes, h its logits: F = log Σ eʰ. */
export const categorical: Family = {
  name: 'categorical',
  summary: 'one of T classes; outputs are logits',
  aliases: ['softmax', 'multinomial', 'cross-entropy', 'crossentropy', 'classification', 'nll', 'ce'],
  options: [],
  links: [canonical('outputs = logits')],
  end: { inside: 'softmax', called: 'softmax', output: 'logits or log-probabilities, one a class' },
  defaultLink: 'canonical',
  create: () => new Categorical(),
};
