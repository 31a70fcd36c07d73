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
import { type DenseDraws, drawsOf, mixedVariance } from './draws.js';
import type { ExampleElements } from './elements.js';

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

/** Multiply-adds between two steps: some ten milliseconds. */
const STEP = 1 << 22;
/** Elements of sampled estimates between two steps. */
const ELEMENTS = 1 << 14;
const LARGEST_BLOCK = 256;

/** Where the label error comes from. */
type ErrorKind = 'none' | 'closed-form' | 'sampled';

/** The sums as plain data: [P] by row, [P, P] of which the lower triangle is used. */
export interface DenseArrays {
  /** Examples whose every row is in: one number. */
  readonly examples: Float64Array;
  /** Examples of each row: one more in the rows that an example left unfinished has filled. */
  readonly rows: Float64Array;
  readonly mean: Float64Array;
  /** Means of what the data error is the spread of, expectations over labels; absent where those are the values themselves. */
  readonly centre?: Float64Array;
  readonly m2: Float64Array;
  readonly label: Float64Array;
  /** Of weighted examples: Σω and Σω² of each row, and Σω²(f − F) of each element. */
  readonly total?: Float64Array;
  readonly squares?: Float64Array;
  readonly lean?: Float64Array;
}

/** Sums over no examples. */
export function emptyDense(P: number, error: ErrorKind, weighted: boolean): DenseArrays {
  const rows = () => new Float64Array(P);
  const matrix = () => new Float64Array(P * P);
  return {
    examples: new Float64Array(1),
    rows: rows(),
    mean: matrix(),
    ...(error === 'closed-form' ? { centre: matrix() } : {}),
    m2: matrix(),
    label: matrix(),
    ...(weighted ? { total: rows(), squares: rows(), lean: matrix() } : {}),
  };
}

export class DenseSums {
  private readonly P: number;
  private readonly counts: Float64Array;
  private readonly mean: Float64Array;
  private readonly centre: Float64Array;
  private readonly m2: Float64Array;
  private readonly label: Float64Array;
  private readonly weighted: { total: Float64Array; squares: Float64Array; lean: Float64Array } | null;

  /** Goes on with `arrays`, which it changes. */
  constructor(
    readonly arrays: DenseArrays,
    private readonly error: ErrorKind,
  ) {
    const { rows: counts, mean, centre = mean, m2, label, total, squares, lean } = arrays;
    this.P = counts.length;
    this.counts = counts;
    this.mean = mean;
    this.centre = centre;
    this.m2 = m2;
    this.label = label;
    this.weighted = total && squares && lean ? { total, squares, lean } : null;
  }

  /** Examples whose every row is in. */
  get examples(): number {
    return this.arrays.examples[0];
  }

  /** Adds the exact matrix of one example, a block of rows a step. */
  *addExact({ scores, weights }: Pick<ExampleElements, 'scores' | 'weights'>, weight = 1): Generator<void> {
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
    this.arrays.examples[0] += 1;
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
    this.arrays.examples[0] += 1;
  }

  /** P. */
  get parameters(): number {
    return this.P;
  }

  copy(): DenseSums {
    const entries = Object.entries(this.arrays) as [string, Float64Array][];
    const arrays = Object.fromEntries(entries.map(([name, a]) => [name, a.slice()]));
    return new DenseSums(arrays as unknown as DenseArrays, this.error);
  }

  /** Adds the sums of other examples; any partition gives the same to rounding (stats/moments, stats/weighted-moments). */
  merge(other: DenseSums): void {
    const { P, counts, label } = this;
    this.arrays.examples[0] += other.examples;
    for (let i = 0; i < P; i++) {
      if (other.counts[i] === 0) continue;
      if (this.centre !== this.mean) this.mergeMeans(other, i);
      if (this.weighted) this.mergeWeighted(other, i);
      else this.mergeSpread(other, i);
      for (let at = i * P; at <= i * P + i; at++) label[at] += other.label[at];
      counts[i] += other.counts[i];
      if (!this.weighted || !other.weighted) continue;
      this.weighted.total[i] += other.weighted.total[i];
      this.weighted.squares[i] += other.weighted.squares[i];
    }
  }

  /** The part of both that the other's row i is, by weight. */
  private shareOf(other: DenseSums, i: number): number {
    const [own, theirs] = [this, other].map((s) => (s.weighted ? s.weighted.total[i] : s.counts[i]));
    return theirs / (own + theirs);
  }

  private mergeMeans(other: DenseSums, i: number): void {
    const share = this.shareOf(other, i);
    for (let at = i * this.P; at <= i * this.P + i; at++)
      this.mean[at] += (other.mean[at] - this.mean[at]) * share;
  }

  private mergeSpread(other: DenseSums, i: number): void {
    const { centre, m2, counts, P } = this;
    const share = this.shareOf(other, i);
    const factor = counts[i] * share;
    for (let at = i * P; at <= i * P + i; at++) {
      const d = other.centre[at] - centre[at];
      m2[at] += other.m2[at] + d * d * factor;
      centre[at] += d * share;
    }
  }

  /** Both moved to the common centre. */
  private mergeWeighted(other: DenseSums, i: number): void {
    const { centre, P } = this;
    const share = this.shareOf(other, i);
    for (let at = i * P; at <= i * P + i; at++) {
      const next = centre[at] + (other.centre[at] - centre[at]) * share;
      const own = this.movedTo(next, i, at);
      const theirs = other.movedTo(next, i, at);
      centre[at] = next;
      this.m2[at] = own.m2 + theirs.m2;
      (this.weighted as { lean: Float64Array }).lean[at] = own.lean + theirs.lean;
    }
  }

  /** Σω²(f − c)² and Σω²(f − c) around another centre c. */
  private movedTo(c: number, i: number, at: number): { m2: number; lean: number } {
    const { squares, lean } = this.weighted as { squares: Float64Array; lean: Float64Array };
    const d = c - this.centre[at];
    return { m2: this.m2[at] + d * (d * squares[i] - 2 * lean[at]), lean: lean[at] - d * squares[i] };
  }

  /** The estimate, in the arrays of the sums, which are spent. `design` but its examples, which are each row's own. */
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
