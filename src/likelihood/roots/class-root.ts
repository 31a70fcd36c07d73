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

/** The class root of any likelihood. */
export class ClassRoot implements Root {
  readonly name = 'class';

  constructor(private readonly likelihood: Likelihood) {}

  columnCount(T: number): number {
    return this.likelihood.weightedColumns(T);
  }

  /** All columns of a batch, with the order of each row: Δ [n, K, T], w [n, K], order [n, K]. */
  private load(h: Outputs) {
    const K = this.columnCount(h.T);
    const delta = new Float64Array(h.n * K * h.T);
    const w = new Float64Array(h.n * K);
    this.likelihood.columns(h, delta, w, { from: 0, count: K });
    const order = new Uint32Array(h.n * K);
    const sizes = new Float64Array(K);
    for (let i = 0; i < h.n; i++) {
      for (let k = 0; k < K; k++) {
        let squares = 0;
        for (let a = (i * K + k) * h.T; a < (i * K + k + 1) * h.T; a++) squares += delta[a] * delta[a];
        sizes[k] = w[i * K + k] * squares;
        order[i * K + k] = k;
      }
      order.subarray(i * K, (i + 1) * K).sort((a, b) => sizes[b] - sizes[a] || a - b);
    }
    return { K, delta, w, order };
  }

  columns(h: Outputs, out: FloatArray, weights: FloatArray, { from, count }: Span): void {
    const { n, T } = h;
    room(out, n * count * T, 'columns');
    room(weights, n * count, 'columns');
    const { K, delta, w, order } = this.load(h);
    for (let i = 0; i < n; i++) {
      for (let c = 0; c < count; c++) {
        const j = i * K + order[i * K + from + c];
        weights[i * count + c] = w[j];
        out.set(delta.subarray(j * T, (j + 1) * T), (i * count + c) * T);
      }
    }
  }

  signs(h: Outputs, draws: Draws, from: number, out: FloatArray): void {
    if (from === 0) {
      this.likelihood.rademacher(h, draws, out);
      return;
    }
    const { n, T } = h;
    const { stream, examples, occurrences, count } = draws;
    room(out, n * count * T, 'signs');
    const { K, delta, w, order } = this.load(h);
    const u = new Float64Array(K);
    out.fill(0, 0, n * count * T);
    for (let i = 0; i < n; i++) {
      for (let k = 0; k < count; k++) {
        stream.fill(u, 0, K, examples[i], occurrences?.[i] ?? 0, draws.from + k);
        for (let r = from; r < K; r++) {
          // A sign belongs to the column, whatever its place in the order.
          const j = order[i * K + r];
          const signed = u[j] > 0.5 ? Math.sqrt(w[i * K + j]) : -Math.sqrt(w[i * K + j]);
          const at = (i * count + k) * T;
          for (let a = 0; a < T; a++) out[at + a] += signed * delta[(i * K + j) * T + a];
        }
      }
    }
  }
}
