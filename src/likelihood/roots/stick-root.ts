/**
 * @module likelihood/roots/stick-root
 *
 * Stick-breaking root of a categorical I(h) = diag p − ppᵀ, O(T) a draw and without eigenvectors (theory (13.5)): classes in descending p,
 * s_k = Σ_{j≥k} p_j, and column k < T
 *
 *   Δ_k = e_k − Σ_{j>k} (p_j/s_{k+1}) e_j,   w_k = p_k s_{k+1}/s_k:
 *
 * whether the label is class k, given that it is none of those before. Its first columns are nearly the leading eigenpairs where p is
 * concentrated. The order is by p rounded to three significant digits, ties by class index: draws do not move with the last bits of h.
 */
import type { FloatArray } from '../../core/tensor.js';
import { room } from '../batch.js';
import { SoftmaxRow } from '../softmax-row.js';
import type { Draws, Outputs, Span } from '../types.js';
import type { Root } from './root.js';

/** The stick-breaking root of a categorical likelihood. */
export class StickRoot implements Root {
  readonly name = 'stick-breaking';
  private readonly row = new SoftmaxRow();
  /** Classes in their order, and s_k of the last row loaded; s has one more element, 0. */
  private order: Uint32Array<ArrayBuffer> = new Uint32Array(0);
  private rest = new Float64Array(0);

  columnCount(T: number): number {
    return T - 1;
  }

  trace(h: Outputs, out: FloatArray): void {
    for (let i = 0; i < h.n; i++) out[i] = this.row.load(h.data, i * h.T, h.T).variance;
  }

  /** Loads row i: p, the order of its classes and what is left of the stick. */
  private load(h: Outputs, i: number): Float64Array {
    const { T } = h;
    const { p } = this.row.load(h.data, i * T, T);
    if (this.order.length !== T) this.order = new Uint32Array(T);
    if (this.rest.length !== T + 1) this.rest = new Float64Array(T + 1);
    const rounded = p.map(threeDigits);
    for (let c = 0; c < T; c++) this.order[c] = c;
    this.order.sort((a, b) => rounded[b] - rounded[a] || a - b);
    this.rest[T] = 0;
    for (let k = T - 1; k >= 0; k--) this.rest[k] = this.rest[k + 1] + p[this.order[k]];
    return p;
  }

  /** w_k. */
  private weight(p: Float64Array, k: number): number {
    const left = this.rest[k + 1];
    return left === 0 ? 0 : (p[this.order[k]] * left) / this.rest[k];
  }

  columns(h: Outputs, out: FloatArray, weights: FloatArray, { from, count }: Span): void {
    const { n, T } = h;
    room(out, n * count * T, 'columns');
    room(weights, n * count, 'columns');
    out.fill(0, 0, n * count * T);
    for (let i = 0; i < n; i++) {
      const p = this.load(h, i);
      for (let c = 0; c < count; c++) {
        const k = from + c;
        const w = this.weight(p, k);
        weights[i * count + c] = w;
        if (w === 0) continue;
        const at = (i * count + c) * T;
        out[at + this.order[k]] = 1;
        for (let j = k + 1; j < T; j++) out[at + this.order[j]] = -p[this.order[j]] / this.rest[k + 1];
      }
    }
  }

  signs(h: Outputs, draws: Draws, from: number, out: FloatArray): void {
    const { n, T } = h;
    const { stream, examples, occurrences, count } = draws;
    room(out, n * count * T, 'signs');
    const u = new Float64Array(T - 1);
    for (let i = 0; i < n; i++) {
      const p = this.load(h, i);
      for (let k = 0; k < count; k++) {
        stream.fill(u, 0, T - 1, examples[i], occurrences?.[i] ?? 0, draws.from + k);
        const at = (i * count + k) * T;
        // Σ_{r<j} of what each column before takes from class j, over p_j.
        let before = 0;
        for (let j = 0; j < T; j++) {
          const c = this.order[j];
          const w = j < from || j === T - 1 ? 0 : this.weight(p, j);
          const signed = w === 0 ? 0 : u[j] > 0.5 ? Math.sqrt(w) : -Math.sqrt(w);
          out[at + c] = signed - p[c] * before;
          if (w !== 0) before += signed / this.rest[j + 1];
        }
      }
    }
  }
}

/** To three significant digits. */
function threeDigits(x: number): number {
  if (x === 0) return 0;
  const unit = 10 ** (Math.floor(Math.log10(x)) - 2);
  return unit === 0 ? x : Math.round(x / unit) * unit;
}
