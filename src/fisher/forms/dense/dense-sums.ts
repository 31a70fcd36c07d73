/**
 * @module fisher/forms/dense/dense-sums
 *
 * Sums over examples of a P×P matrix with the spread of every element: means and central squares by Welford's update, so that nothing
 * cancels. Only the lower triangle is summed. Examples come many at a time, as moments of tiles (dense/tile-moments), or one by one:
 * exact, Sᵀ diag(w) S of its scores S [K, P] and their weights w [K], in blocks of rows, P²K operations; or by its draws, element by
 * element, with the variance of one draw. Weighted examples make the mean Σωf/Σω, its spread Σω²(f − F)² and the label part Σω²𝒱, as in
 * stats/weighted-moments. Work is handed out in small steps, between which a caller may yield.
 */
import { multiply } from '../../../linalg/index.js';
import { closedFormErrors, type ErrorDesign, sampledErrors } from '../../../stats/errors.js';
import type { KeptMeans } from '../diagonal/group-sums.js';
import { type DenseDraws, drawsOf, mixedVariance } from './draws.js';
import type { ExampleElements } from './elements.js';
import { columnsOf, type DenseArrays, type ErrorKind, mirror, move } from './sums-arrays.js';
import type { BatchTotals, Box, TileMoments } from './tile-moments.js';

export interface DenseErrors {
  /** Mean over the examples [P, P]. */
  readonly fisher: Float64Array;
  /** Null where the draws cannot tell, and, as the others, where no errors were asked for. */
  readonly labelError: Float64Array | null;
  /** Standard error from the examples [P, P]. */
  readonly dataError: Float64Array | null;
  /** Standard error from both together [P, P]. */
  readonly standardError: Float64Array | null;
}

const NONE = new Float64Array(0);

/** Multiply-adds between two steps: some ten milliseconds. */
const STEP = 1 << 22;
/** Elements of sampled estimates between two steps. */
const ELEMENTS = 1 << 14;
const LARGEST_BLOCK = 256;

/** Moments of a tile with their spread. */
type Spreads = TileMoments & { readonly m2: Float64Array };

/** A row of a tile: its number, where it begins there and in the matrix, how long it is; the batch's share, the examples before. */
interface Row {
  readonly i: number;
  readonly from: number;
  readonly to: number;
  readonly until: number;
  readonly share: number;
  readonly n: number;
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
    const { rows: counts, mean, centre = mean, total, squares } = arrays;
    const { m2 = NONE, label = NONE, lean = NONE } = arrays;
    this.P = counts.length;
    this.counts = counts;
    this.mean = mean;
    this.centre = centre;
    this.m2 = m2;
    this.label = label;
    this.weighted = total && squares ? { total, squares, lean } : null;
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

  /** Adds the moments of several examples to a tile of elements; `endRows` follows when the rows are through. */
  addTile(tile: TileMoments, box: Box, totals: BatchTotals): void {
    const { mean, centre, label, P } = this;
    for (let r = 0; r < box.rows; r++) {
      const i = box.row + r;
      const n = this.counts[i];
      const before = this.weighted ? this.weighted.total[i] : n;
      const share = totals.weight / (before + totals.weight);
      const until = Math.min(box.columns, i - box.column + 1);
      const to = i * P + box.column;
      const from = r * box.width;
      if (tile.m2) this.addSpreads(tile as Spreads, { i, from, to, until, share, n }, totals);
      move(centre, to, tile.centre, from, until, share);
      if (mean !== centre) move(mean, to, tile.value, from, until, share);
      if (tile.label) for (let c = 0; c < until; c++) label[to + c] += tile.label[from + c];
    }
  }

  /** The spread of a row of a tile, before its means are moved. */
  private addSpreads({ centre, m2, lean }: Spreads, row: Row, totals: BatchTotals): void {
    const own = this.centre;
    const { i, from, to, until, share, n } = row;
    if (this.weighted) {
      for (let c = 0; c < until; c++) {
        const d = centre[from + c] - own[to + c];
        this.addWeighted(to + c, { i, d, share, m2: m2[from + c], lean: lean ? lean[from + c] : 0 }, totals);
      }
      return;
    }
    const sums = this.m2;
    const factor = n * share;
    for (let c = 0; c < until; c++) {
      const d = centre[from + c] - own[to + c];
      sums[to + c] += m2[from + c] + d * d * factor;
    }
  }

  /** Both sums moved to the centre that is d·share away. */
  private addWeighted(
    at: number,
    { i, d, share, m2, lean }: { i: number; d: number; share: number; m2: number; lean: number },
    totals: BatchTotals,
  ): void {
    const own = this.weighted as { squares: Float64Array; lean: Float64Array };
    const there = -d * (1 - share);
    const here = d * share;
    this.m2[at] += m2 + here * (here * own.squares[i] - 2 * own.lean[at]);
    this.m2[at] += there * (there * totals.squares - 2 * lean);
    own.lean[at] += lean - here * own.squares[i] - there * totals.squares;
  }

  /** Counts the examples of a batch in the rows whose tiles have been added. */
  endRows(from: number, to: number, { examples, weight, squares }: BatchTotals): void {
    for (let i = from; i < to; i++) {
      this.counts[i] += examples;
      if (!this.weighted) continue;
      this.weighted.total[i] += weight;
      this.weighted.squares[i] += squares;
    }
    if (to === this.P) this.arrays.examples[0] += examples;
  }

  /** P. */
  get parameters(): number {
    return this.P;
  }

  /** The means as they are now, over how much: what groups of examples are told apart by. */
  get kept(): KeptMeans {
    const { mean, weighted, examples } = this;
    return {
      f: { size: mean.length, mean, count: examples },
      divisor: weighted ? weighted.total[0] : examples,
    };
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
    if (m2.length === 0) {
      mirror(mean, P);
      return { fisher: mean, labelError: null, dataError: null, standardError: null };
    }
    const standardError = new Float64Array(P * P);
    const known = { label: true, data: true, total: true };
    for (let i = 0; i < P; i++) {
      const n = this.counts[i];
      const factor = this.weighted ? (n / this.weighted.total[i]) ** 2 : 1;
      const of = { ...design, examples: n };
      for (let j = 0; j <= i; j++) {
        const at = i * P + j;
        // Rounding may leave less than nothing.
        const s2 = n > 1 ? (factor * Math.max(0, m2[at])) / (n - 1) : NaN;
        const labels = factor * label[at];
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
