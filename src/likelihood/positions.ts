/**
 * @module likelihood/positions
 *
 * A choice of one of C classes at each of S positions (tokens, pixels), independent given x: h [n, S·C], position after position,
 *
 *   log p(y|x) = Σ_s log p(y_s|h_s),   I(h) = diag(I(h_1), …, I(h_S)),   δ = (δ_1, …, δ_S)
 *
 * K = S·C columns, those of position s in its own outputs; a draw is one label for every position, its uniform that of component s, and
 * its residual one cotangent: scores of different positions have mean zero and are independent, so that one backward pass of all of them is
 * unbiased. Signs are independent, by position. A square of a sum of independent blocks varies by (theory (3.8))
 *
 *   Var s² = Σ_s Var s_s² + 4 Σ_{s<t} v_s v_t,   v_s = E s_s² = Σ_k w_k s_k² over the columns of s.
 */
import { type FloatArray, sizeOf, type Tensor } from '../core/tensor.js';
import { room, wholeSpan } from './batch.js';
import type { InGraph } from './graph/in-graph.js';
import { positionsInGraph } from './graph/positions.js';
import { shiftedStream } from './shifted-stream.js';
import { copyRows, someOutputs } from './product.js';
import type { Draws, Labels, Likelihood, Outputs, TargetOptions } from './types.js';

/** `base` at each of `positions` positions. */
export function overPositions(base: Likelihood, positions: number): Likelihood {
  return positions === 1 ? base : new Positions(base, positions);
}

class Positions implements Likelihood {
  readonly name: string;
  readonly options: Likelihood['options'];
  readonly labelKind = 'blocks';
  readonly components = null;
  readonly pairThird = null;
  readonly unitColumns = false;
  readonly coordinates: string;
  readonly natural = null;

  readonly inGraph: InGraph | undefined;
  readonly repeated: { readonly base: Likelihood; readonly positions: number };

  constructor(
    private readonly base: Likelihood,
    private readonly positions: number,
  ) {
    this.repeated = { base, positions };
    this.inGraph = base.inGraph && positionsInGraph(base.inGraph, positions);
    this.name = base.name;
    this.options = base.options;
    this.coordinates = base.coordinates;
  }

  /** Outputs of one position. */
  private own(T: number): number {
    return T / this.positions;
  }

  /** Every position a row: the same numbers. */
  private rows(h: Outputs): Outputs {
    return { data: h.data, n: h.n * this.positions, T: this.own(h.T) };
  }

  checkOutputs(T: number): void {
    this.base.checkOutputs(this.own(T));
  }

  checkDomain(h: Outputs): void {
    this.base.checkDomain(this.rows(h));
  }

  columnCount(T: number): number {
    return this.positions * this.base.columnCount(this.own(T));
  }

  weightedColumns(T: number): number {
    return this.positions * this.base.weightedColumns(this.own(T));
  }

  blockColumns(T: number): number {
    return this.base.columnCount(this.own(T));
  }

  labelWidth(T: number): number {
    return this.positions * this.base.labelWidth(this.own(T));
  }

  logPartition(h: Outputs, out: FloatArray): void {
    const rows = new Float64Array(h.n * this.positions);
    this.base.logPartition(this.rows(h), rows);
    this.sums(rows, h.n, 1, out);
  }

  /** Σ_s of rows [n, S, count] → [n, count]. */
  private sums(rows: Float64Array, n: number, count: number, out: FloatArray): void {
    room(out, n * count, 'positions');
    out.fill(0, 0, n * count);
    for (let i = 0; i < n; i++)
      for (let s = 0; s < this.positions; s++)
        for (let k = 0; k < count; k++) out[i * count + k] += rows[(i * this.positions + s) * count + k];
  }

  mean(h: Outputs, out: FloatArray): void {
    this.base.mean(this.rows(h), out);
  }

  information(h: Outputs, out: FloatArray): void {
    const { n, T } = h;
    const C = this.own(T);
    room(out, n * T * T, 'information');
    out.fill(0, 0, n * T * T);
    const blocks = new Float64Array(n * T * C);
    this.base.information(this.rows(h), blocks);
    for (let i = 0; i < n; i++)
      for (let a = 0; a < T; a++) {
        const s = Math.floor(a / C);
        for (let b = 0; b < C; b++) out[(i * T + a) * T + s * C + b] = blocks[(i * T + a) * C + b];
      }
  }

  columns(h: Outputs, out: FloatArray, weights: FloatArray, span = wholeSpan(this.columnCount(h.T))): void {
    const { n, T } = h;
    const C = this.own(T);
    const K = this.base.columnCount(C);
    room(out, n * span.count * T, 'columns');
    room(weights, n * span.count, 'columns');
    out.fill(0, 0, n * span.count * T);
    const end = span.from + span.count;
    for (let s = Math.floor(span.from / K); s * K < end; s++) {
      const from = Math.max(span.from - s * K, 0);
      const count = Math.min(end - s * K, K) - from;
      const ct = new Float64Array(n * count * C);
      const w = new Float64Array(n * count);
      this.base.columns(someOutputs(h, s * C, C), ct, w, { from, count });
      const first = s * K + from - span.from;
      copyRows(n, count, { data: w, at: 0, width: count }, { data: weights, at: first, width: span.count });
      for (let k = 0; k < count; k++) {
        copyRows(
          n,
          C,
          { data: ct, at: k * C, width: count * C },
          { data: out, at: (first + k) * T + s * C, width: span.count * T },
        );
      }
    }
  }

  thirdCumulant(h: Outputs, row: number): Float64Array {
    return this.diagonal(h, row, 3, (own, i) => this.base.thirdCumulant(own, i));
  }

  fourthCumulant(h: Outputs, row: number): Float64Array {
    return this.diagonal(h, row, 4, (own, i) => this.base.fourthCumulant(own, i));
  }

  fourthMoment(h: Outputs, row: number): Float64Array {
    const { T } = h;
    const C = this.own(T);
    const out = this.diagonal(h, row, 4, (own, i) => this.base.fourthMoment(own, i));
    const I = new Float64Array(T * T);
    this.information({ data: h.data.subarray(row * T, (row + 1) * T), n: 1, T }, I);
    const block = (a: number): number => Math.floor(a / C);
    for (let a = 0; a < T; a++)
      for (let b = 0; b < T; b++)
        for (let c = 0; c < T; c++)
          for (let d = 0; d < T; d++) {
            if (block(a) === block(b) && block(b) === block(c) && block(c) === block(d)) continue;
            out[((a * T + b) * T + c) * T + d] =
              I[a * T + b] * I[c * T + d] + I[a * T + c] * I[b * T + d] + I[a * T + d] * I[b * T + c];
          }
    return out;
  }

  /** Tensors of the positions on the diagonal of one of all outputs. */
  private diagonal(
    h: Outputs,
    row: number,
    order: number,
    of: (rows: Outputs, row: number) => Float64Array,
  ): Float64Array {
    const { T } = h;
    const C = this.own(T);
    const out = new Float64Array(T ** order);
    for (let s = 0; s < this.positions; s++) {
      const block = of(this.rows(h), row * this.positions + s);
      block.forEach((value, flat) => {
        let at = 0;
        for (let i = order - 1; i >= 0; i--) at = at * T + s * C + (Math.floor(flat / C ** i) % C);
        out[at] = value;
      });
    }
    return out;
  }

  sample(h: Outputs, draws: Draws, labels: Labels): void {
    const width = this.base.labelWidth(this.own(h.T));
    this.byPosition(h, (own, s) => {
      const drawn = { data: new Float64Array(h.n * labels.count * width), count: labels.count, width };
      this.base.sample(own, { ...draws, stream: shiftedStream(draws.stream, s * width) }, drawn);
      copyRows(
        h.n * labels.count,
        width,
        { data: drawn.data, at: 0, width },
        { data: labels.data, at: s * width, width: labels.width },
      );
    });
  }

  private byPosition(h: Outputs, body: (own: Outputs, position: number) => void): void {
    const C = this.own(h.T);
    for (let s = 0; s < this.positions; s++) body(someOutputs(h, s * C, C), s);
  }

  residual(h: Outputs, labels: Labels, out: FloatArray): void {
    const { T } = h;
    const C = this.own(T);
    const rows = h.n * labels.count;
    room(out, rows * T, 'residual');
    this.byPosition(h, (own, s) => {
      const delta = new Float64Array(rows * C);
      this.base.residual(own, this.labelsAt(labels, rows, s), delta);
      copyRows(rows, C, { data: delta, at: 0, width: C }, { data: out, at: s * C, width: T });
    });
  }

  /** The labels of one position. */
  private labelsAt({ data, count, width }: Labels, rows: number, s: number): Labels {
    const own = width / this.positions;
    const of = new Float64Array(rows * own);
    copyRows(rows, own, { data, at: s * own, width }, { data: of, at: 0, width: own });
    return { data: of, count, width: own };
  }

  logProbability(h: Outputs, labels: Labels, out: FloatArray): void {
    const rows = h.n * labels.count;
    room(out, rows, 'logProbability');
    out.fill(0, 0, rows);
    this.byPosition(h, (own, s) => {
      const log = new Float64Array(rows);
      this.base.logProbability(own, this.labelsAt(labels, rows, s), log);
      for (let j = 0; j < rows; j++) out[j] += log[j];
    });
  }

  rademacher(h: Outputs, draws: Draws, out: FloatArray): void {
    const { n, T } = h;
    const C = this.own(T);
    const K = this.base.columnCount(C);
    const { count } = draws;
    room(out, n * count * T, 'rademacher');
    this.byPosition(h, (own, s) => {
      const signed = new Float64Array(n * count * C);
      this.base.rademacher(own, { ...draws, stream: shiftedStream(draws.stream, s * K) }, signed);
      copyRows(n * count, C, { data: signed, at: 0, width: C }, { data: out, at: s * C, width: T });
    });
  }

  offMode(h: Outputs): number | null {
    return this.base.offMode(this.rows(h));
  }

  stepDistance = (h: Outputs, draws: Draws, out: FloatArray): void => {
    const size = h.n * draws.count;
    room(out, size, 'stepDistance');
    out.fill(Infinity, 0, size);
    const width = this.base.labelWidth(this.own(h.T));
    this.byPosition(h, (own, s) => {
      const far = new Float64Array(size);
      this.base.stepDistance?.(own, { ...draws, stream: shiftedStream(draws.stream, s * width) }, far);
      for (let j = 0; j < size; j++) out[j] = Math.min(out[j], far[j]);
    });
  };

  readTargets(y: Tensor, n: number, T: number, options: TargetOptions = {}): Labels {
    const S = this.positions;
    const C = this.own(T);
    const rows = n * S;
    const fits = y.shape[0] === n && (sizeOf(y.shape) === rows || sizeOf(y.shape) === rows * C);
    // What does not fit is named by the rules of one position.
    const flat = fits ? { ...y, shape: sizeOf(y.shape) === rows ? [rows] : [rows, C] } : y;
    const { data, width } = this.base.readTargets(flat, fits ? rows : n, C, options);
    return { data, count: 1, width: S * width };
  }
}
