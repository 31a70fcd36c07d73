/**
 * @module likelihood/roots/class-root
 *
 * Root of I(h) by the likelihood's own columns Δ_k, w_k: classes, or components. For independent outputs I(h) is diagonal, so this is
 * the eigen-root too. Without exact columns signs are the likelihood's own, bit for bit; the columns taken exactly are those of
 * largest w_k‖Δ_k‖² of the row, ties by number.
 */
import type { FloatArray } from '../../core/tensor.js';
import { room } from '../batch.js';
import type { Draws, Likelihood, Outputs, Span } from '../types.js';
import type { Root } from './root.js';

/** Columns that are looked at together. */
const SOME = 64;

/** The class root of any likelihood. */
export class ClassRoot implements Root {
  readonly name = 'class';

  constructor(private readonly likelihood: Likelihood) {}

  columnCount(T: number): number {
    return this.likelihood.weightedColumns(T);
  }

  trace(h: Outputs, out: FloatArray): void {
    const sizes = this.sizes(h);
    const K = this.columnCount(h.T);
    for (let i = 0; i < h.n; i++) {
      out[i] = 0;
      for (let k = i * K; k < (i + 1) * K; k++) out[i] += sizes[k];
    }
  }

  /** w_k‖Δ_k‖² [n, K]. */
  private sizes(h: Outputs): Float64Array {
    const { n, T } = h;
    const K = this.columnCount(T);
    const sizes = new Float64Array(n * K);
    if (this.likelihood.squaredLengths && K === this.likelihood.columnCount(T)) {
      const w = new Float64Array(n * K);
      this.likelihood.squaredLengths(h, sizes, w);
      return sizes.map((squares, j) => w[j] * squares);
    }
    for (let from = 0; from < K; from += SOME) {
      const count = Math.min(SOME, K - from);
      const delta = new Float64Array(n * count * T);
      const w = new Float64Array(n * count);
      this.likelihood.columns(h, delta, w, { from, count });
      for (let j = 0; j < n * count; j++) {
        let squares = 0;
        for (let a = j * T; a < (j + 1) * T; a++) squares += delta[a] * delta[a];
        sizes[Math.floor(j / count) * K + from + (j % count)] = w[j] * squares;
      }
    }
    return sizes;
  }

  /** The first `count` columns of each row in the order of their sizes, [n, count]. */
  private first(h: Outputs, count: number): Uint32Array {
    const K = this.columnCount(h.T);
    const sizes = this.sizes(h);
    const first = new Uint32Array(h.n * count);
    for (let i = 0; i < h.n; i++) {
      const order = Uint32Array.from({ length: K }, (_, k) => k);
      order.sort((a, b) => sizes[i * K + b] - sizes[i * K + a] || a - b);
      first.set(order.subarray(0, count), i * count);
    }
    return first;
  }

  columns(h: Outputs, out: FloatArray, weights: FloatArray, { from, count }: Span): void {
    const { n, T } = h;
    room(out, n * count * T, 'columns');
    room(weights, n * count, 'columns');
    const until = from + count;
    const first = this.first(h, until);
    const w = new Float64Array(1);
    const delta = new Float64Array(T);
    for (let i = 0; i < n; i++) {
      const row = { data: h.data.subarray(i * T, (i + 1) * T), n: 1, T };
      for (let c = 0; c < count; c++) {
        this.likelihood.columns(row, delta, w, { from: first[i * until + from + c], count: 1 });
        weights[i * count + c] = w[0];
        out.set(delta, (i * count + c) * T);
      }
    }
  }

  signs(h: Outputs, draws: Draws, from: number, out: FloatArray): void {
    this.likelihood.rademacher(h, draws, out);
    if (from === 0) return;
    const { n, T } = h;
    const { stream, examples, occurrences, count } = draws;
    const first = this.first(h, from);
    const delta = new Float64Array(n * from * T);
    const w = new Float64Array(n * from);
    this.columns(h, delta, w, { from: 0, count: from });
    for (let i = 0; i < n; i++) {
      for (let k = 0; k < count; k++) {
        for (let r = i * from; r < (i + 1) * from; r++) {
          // A sign belongs to the column, whatever its place in the order.
          const u = stream.at(examples[i], occurrences?.[i] ?? 0, draws.from + k, first[r]);
          const signed = u > 0.5 ? Math.sqrt(w[r]) : -Math.sqrt(w[r]);
          for (let a = 0; a < T; a++) out[(i * count + k) * T + a] -= signed * delta[r * T + a];
        }
      }
    }
  }
}
