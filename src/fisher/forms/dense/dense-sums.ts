/**
 * @module fisher/forms/dense/dense-sums
 *
 * Sums over examples of a P×P matrix with the spread of every element: means and central squares by Welford's update, so that nothing
 * cancels. Only the lower triangle is summed. With S [K, P] the scores of an example's columns and w [K] their weights, its exact
 * matrix is Sᵀ diag(w) S, made in blocks of rows by the kernels' product: P²K operations an example. Elements of sampled
 * estimates are made one by one, with the variance of one draw. Weighted examples make the mean Σωf/Σω, its spread Σω²(f − F)² and the
 * label part Σω²𝒱, as in stats/weighted-moments. Work is handed out in small steps, between which a caller may yield.
 */
import { multiply } from '../../../linalg/index.js';
import { closedFormErrors, type ErrorDesign, sampledErrors } from '../../../stats/errors.js';
import type { Element, ExampleElements } from './elements.js';

export interface DenseErrors {
  /** Mean over the examples [P, P]. */
  readonly fisher: Float64Array;
  /** Null where the draws cannot tell. */
  readonly labelError: Float64Array | null;
  /** Standard error from the examples [P, P]. */
  readonly dataError: Float64Array | null;
  /** Standard error from both together [P, P]. */
  readonly standardError: Float64Array | null;
}

/** One example's sampled labels, and how they are weighed. */
export interface DenseDraws {
  /** t(y) − η of K labels, [K, T]. */
  readonly residuals: Float64Array;
  readonly K: number;
  /** Weight of type 1; type 2 has the rest. */
  readonly alpha: number;
}

/** Multiply-adds between two steps: some ten milliseconds. */
const STEP = 1 << 22;
/** Elements of sampled estimates between two steps. */
const ELEMENTS = 1 << 14;
const LARGEST_BLOCK = 256;

export class DenseSums {
  /** Examples whose every row is in. */
  examples = 0;
  /** Examples of each row: one more than `examples` in the rows that an example left unfinished has filled. */
  private readonly counts: Int32Array;
  private readonly mean: Float64Array;
  /** Means of what the data error is the spread of: the values themselves, or their expectations over labels. */
  private readonly centre: Float64Array;
  private readonly m2: Float64Array;
  private readonly label: Float64Array;
  /** Of weighted examples: Σω and Σω² of each row, and Σω²(f − F) of each element. */
  private readonly weighted: { total: Float64Array; squares: Float64Array; lean: Float64Array } | null;

  constructor(
    private readonly P: number,
    private readonly error: 'none' | 'closed-form' | 'sampled',
    weighted = false,
  ) {
    this.weighted = weighted
      ? { total: new Float64Array(P), squares: new Float64Array(P), lean: new Float64Array(P * P) }
      : null;
    this.counts = new Int32Array(P);
    this.mean = new Float64Array(P * P);
    this.centre = error === 'closed-form' ? new Float64Array(P * P) : this.mean;
    this.m2 = new Float64Array(P * P);
    this.label = new Float64Array(P * P);
  }

  /** Adds the exact matrix of one example, a block of rows a step. */
  *addExact({ scores, weights }: ExampleElements, weight = 1): Generator<void> {
    if (weight === 0) return;
    const { P } = this;
    const K = weights.length;
    const block = Math.max(1, Math.min(LARGEST_BLOCK, Math.floor(STEP / (K * P))));
    for (let from = 0; from < P; from += block) {
      const to = Math.min(P, from + block);
      const left = columnsOf(scores, P, from, to, weights);
      const right = columnsOf(scores, P, 0, to);
      const rows = multiply(left, right, to - from, K, to, { transposeA: true });
      for (let i = from; i < to; i++) this.addRow(i, rows, (i - from) * to, weight);
      yield;
    }
    this.examples += 1;
  }

  private addRow(i: number, row: Float64Array, offset: number, weight: number): void {
    const { mean, m2, P } = this;
    const n = this.begin(i, weight);
    const base = i * P;
    if (this.weighted) {
      for (let j = 0; j <= i; j++) {
        const old = mean[base + j];
        mean[base + j] += (row[offset + j] - old) / n;
        this.addSpread(i, base + j, old, mean[base + j], row[offset + j], weight);
      }
      this.end(i, weight);
      return;
    }
    const each = 1 / n;
    for (let j = 0; j <= i; j++) {
      const value = row[offset + j];
      const d = value - mean[base + j];
      const next = mean[base + j] + d * each;
      mean[base + j] = next;
      m2[base + j] += d * (value - next);
    }
  }

  /** Opens row i for an example: what a deviation is divided by to move the mean. */
  private begin(i: number, weight: number): number {
    this.counts[i] += 1;
    if (!this.weighted) return this.counts[i];
    this.weighted.total[i] += weight;
    return this.weighted.total[i] / weight;
  }

  private end(i: number, weight: number): void {
    if (this.weighted) this.weighted.squares[i] += weight * weight;
  }

  /** The spread of element `at` of row i, whose mean moved from `old` to `next` by a value of this weight. */
  private addSpread(i: number, at: number, old: number, next: number, value: number, weight: number): void {
    const { m2 } = this;
    const r = value - next;
    if (!this.weighted) {
      m2[at] += (value - old) * r;
      return;
    }
    const { squares, lean } = this.weighted;
    const moved = next - old;
    const w2 = weight * weight;
    m2[at] += moved * (moved * squares[i] - 2 * lean[at]) + w2 * r * r;
    lean[at] += w2 * r - moved * squares[i];
  }

  /** Adds one example by its draws, some thousand elements a step. */
  *addDrawn(elements: ExampleElements, draws: DenseDraws, weight = 1): Generator<void> {
    if (weight === 0) return;
    const { P, error } = this;
    const w2 = weight * weight;
    const draw = drawsOf(elements, draws);
    let made = 0;
    for (let i = 0; i < P; i++) {
      const n = this.begin(i, weight);
      for (let j = 0; j <= i; j++) {
        const at = i * P + j;
        const element = elements.at(i, j);
        const { value, spread } = draw(i, j, element.fisher);
        const old = this.mean[at];
        this.mean[at] += (value - old) / n;
        if (error === 'sampled') {
          this.addSpread(i, at, old, this.mean[at], value, weight);
          this.label[at] += w2 * spread;
        } else {
          const before = this.centre[at];
          this.centre[at] += (element.fisher - before) / n;
          this.addSpread(i, at, before, this.centre[at], element.fisher, weight);
          this.label[at] += w2 * mixedVariance(element, draws.alpha);
        }
      }
      this.end(i, weight);
      made += i + 1;
      if (made < ELEMENTS) continue;
      made = 0;
      yield;
    }
    this.examples += 1;
  }

  /** The estimate, in the room of the sums, which are spent. `design` but its examples, which are each row's own. */
  finish(design: Omit<ErrorDesign, 'examples'>): DenseErrors {
    const { P, mean, m2, label } = this;
    const standardError = new Float64Array(P * P);
    const known = { label: true, data: true, total: true };
    for (let i = 0; i < P; i++) {
      const n = this.counts[i];
      const factor = this.weighted ? (n / this.weighted.total[i]) ** 2 : 1;
      for (let j = 0; j <= i; j++) {
        const at = i * P + j;
        const s2 = n > 1 ? (factor * m2[at]) / (n - 1) : NaN;
        const labels = factor * label[at];
        const of = { ...design, examples: n };
        const v =
          this.error === 'sampled' ? sampledErrors(s2, labels / n, of) : closedFormErrors(labels, s2, of);
        known.label &&= v.label !== null;
        known.data &&= v.data !== null;
        known.total &&= v.total !== null;
        label[at] = Math.sqrt(v.label ?? 0);
        m2[at] = Math.sqrt(v.data ?? 0);
        standardError[at] = Math.sqrt(v.total ?? 0);
      }
    }
    for (const matrix of [mean, m2, label, standardError]) mirror(matrix, P);
    return {
      fisher: mean,
      labelError: known.label ? label : null,
      dataError: known.label && known.data ? m2 : null,
      standardError: known.total ? standardError : null,
    };
  }
}

/** Columns from…to of a [K, P] matrix, its rows times `weights` where given: [K, to − from]. */
function columnsOf(
  matrix: Float64Array,
  P: number,
  from: number,
  to: number,
  weights?: Float64Array,
): Float64Array {
  const K = matrix.length / P;
  const width = to - from;
  const out = new Float64Array(K * width);
  for (let k = 0; k < K; k++) {
    const row = matrix.subarray(k * P + from, k * P + to);
    out.set(weights ? row.map((v) => v * weights[k]) : row, k * width);
  }
  return out;
}

function mirror(matrix: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) matrix[j * n + i] = matrix[i * n + j];
}

/** α² 𝒱1 + (1 − α)² 𝒱2 + 2α(1 − α) C, not below 0. */
const mixedVariance = ({ type1, type2, cross }: Element, alpha: number): number =>
  Math.max(0, alpha ** 2 * type1 + (1 - alpha) ** 2 * type2 + 2 * alpha * (1 - alpha) * cross);

/** Mean over the labels of α s_i s_j + (1 − α)(𝔽_ij − δᵀH_ij), and its variance over them (divisor K − 1). */
function drawsOf(elements: ExampleElements, { residuals, K, alpha }: DenseDraws) {
  const { P, T, jacobian } = elements;
  const scores = new Float64Array(alpha === 0 ? 0 : K * P);
  if (alpha !== 0)
    for (let k = 0; k < K; k++)
      for (let a = 0; a < T; a++)
        for (let i = 0; i < P; i++) scores[k * P + i] += residuals[k * T + a] * jacobian[a * P + i];
  const H = new Float64Array(T);
  const z = new Float64Array(K);
  return (i: number, j: number, fisher: number): { value: number; spread: number } => {
    if (alpha !== 1) elements.hessian(i, j, H);
    let mean = 0;
    for (let k = 0; k < K; k++) {
      let d = 0;
      for (let a = 0; a < T; a++) d += residuals[k * T + a] * H[a];
      z[k] = (1 - alpha) * (fisher - d);
      if (alpha !== 0) z[k] += alpha * scores[k * P + i] * scores[k * P + j];
      mean += z[k] / K;
    }
    let spread = 0;
    if (K > 1) for (let k = 0; k < K; k++) spread += (z[k] - mean) ** 2 / (K - 1);
    return { value: mean, spread };
  };
}
