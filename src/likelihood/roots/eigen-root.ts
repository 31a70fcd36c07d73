/**
 * @module likelihood/roots/eigen-root
 *
 * Eigen-root of a categorical I(h) = diag p − ppᵀ = VΛVᵀ (theory (13.4)): R = V√Λ, λ descending, T − 1 columns. RᵀR is diagonal, so where JJᵀ ∝ 1 (the
 * last layer) random signs leave no error in the trace; on confident networks the first pairs carry nearly all of I(h). O(T²) a row
 * (likelihood/roots/secular): for T ≤ 256.
 */
import type { FloatArray } from '../../core/tensor.js';
import { room } from '../batch.js';
import { SoftmaxRow } from '../softmax-row.js';
import type { Draws, Outputs, Span } from '../types.js';
import type { Root } from './root.js';
import { eigenpairs } from './secular.js';

/** Outputs beyond which eigenvectors cost more than they save, and the stick-breaking root is taken. */
export const LARGEST_EIGEN = 256;

/** The eigen-root of a categorical likelihood. */
export class EigenRoot implements Root {
  readonly name = 'eigen';
  private readonly row = new SoftmaxRow();
  private values = new Float64Array(0);
  private vectors = new Float64Array(0);

  columnCount(T: number): number {
    return T - 1;
  }

  trace(h: Outputs, out: FloatArray): void {
    for (let i = 0; i < h.n; i++) out[i] = this.row.load(h.data, i * h.T, h.T).variance;
  }

  /** Loads the first `count` pairs of row i. */
  private load(h: Outputs, i: number, count: number): void {
    if (this.values.length < count) this.values = new Float64Array(count);
    if (this.vectors.length < count * h.T) this.vectors = new Float64Array(count * h.T);
    eigenpairs(this.row.load(h.data, i * h.T, h.T).p, count, this.values, this.vectors);
  }

  columns(h: Outputs, out: FloatArray, weights: FloatArray, { from, count }: Span): void {
    const { n, T } = h;
    room(out, n * count * T, 'columns');
    room(weights, n * count, 'columns');
    for (let i = 0; i < n; i++) {
      this.load(h, i, from + count);
      for (let k = 0; k < count; k++) weights[i * count + k] = this.values[from + k];
      out.set(this.vectors.subarray(from * T, (from + count) * T), i * count * T);
    }
  }

  signs(h: Outputs, draws: Draws, from: number, out: FloatArray): void {
    const { n, T } = h;
    const { stream, examples, occurrences, count } = draws;
    const R = this.columnCount(T);
    room(out, n * count * T, 'signs');
    const u = new Float64Array(R);
    const sum = new Float64Array(T);
    for (let i = 0; i < n; i++) {
      this.load(h, i, R);
      for (let k = 0; k < count; k++) {
        stream.fill(u, 0, R, examples[i], occurrences?.[i] ?? 0, draws.from + k);
        sum.fill(0);
        for (let r = from; r < R; r++) {
          const signed = u[r] > 0.5 ? Math.sqrt(this.values[r]) : -Math.sqrt(this.values[r]);
          for (let a = 0; a < T; a++) sum[a] += signed * this.vectors[r * T + a];
        }
        out.set(sum, (i * count + k) * T);
      }
    }
  }
}
