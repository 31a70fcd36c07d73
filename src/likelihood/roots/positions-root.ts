/**
 * @module likelihood/roots/positions-root
 *
 * Root of a product over positions: the columns of a root of each position, signs independent for all. The columns taken exactly are those
 * of largest w‖Δ‖² of the row over all positions, ties by number: position after position, in the order of the position's own root.
 */
import type { FloatArray } from '../../core/tensor.js';
import { room } from '../batch.js';
import { copyRows, someOutputs } from '../product.js';
import { shiftedStream } from '../shifted-stream.js';
import type { Draws, Outputs, Span } from '../types.js';
import type { Root, RootName } from './root.js';

/** `base` at each of `positions` positions. */
export class PositionsRoot implements Root {
  readonly name: RootName;

  constructor(
    private readonly base: Root,
    private readonly positions: number,
  ) {
    this.name = base.name;
  }

  private own(T: number): number {
    return T / this.positions;
  }

  columnCount(T: number): number {
    return this.positions * this.base.columnCount(this.own(T));
  }

  trace(h: Outputs, out: FloatArray): void {
    const S = this.positions;
    const rows = new Float64Array(h.n * S);
    this.base.trace({ data: h.data, n: h.n * S, T: this.own(h.T) }, rows);
    for (let i = 0; i < h.n; i++) {
      out[i] = 0;
      for (let s = 0; s < S; s++) out[i] += rows[i * S + s];
    }
  }

  /** All columns of a row, each in its position's outputs, [K, C] and [K], and their order. */
  private row(h: Outputs, i: number) {
    const S = this.positions;
    const C = this.own(h.T);
    const R = this.base.columnCount(C);
    const delta = new Float64Array(S * R * C);
    const w = new Float64Array(S * R);
    const rows = { data: h.data.subarray(i * h.T, (i + 1) * h.T), n: S, T: C };
    this.base.columns(rows, delta, w, { from: 0, count: R });
    const sizes = w.map((x, k) => {
      let squares = 0;
      for (let a = k * C; a < (k + 1) * C; a++) squares += delta[a] * delta[a];
      return x * squares;
    });
    const order = Uint32Array.from(w, (_, k) => k).sort((a, b) => sizes[b] - sizes[a] || a - b);
    return { delta, w, order, C, R };
  }

  columns(h: Outputs, out: FloatArray, weights: FloatArray, { from, count }: Span): void {
    const { n, T } = h;
    room(out, n * count * T, 'columns');
    room(weights, n * count, 'columns');
    out.fill(0, 0, n * count * T);
    for (let i = 0; i < n; i++) {
      const { delta, w, order, C, R } = this.row(h, i);
      for (let c = 0; c < count; c++) {
        const k = order[from + c];
        weights[i * count + c] = w[k];
        out.set(delta.subarray(k * C, (k + 1) * C), (i * count + c) * T + Math.floor(k / R) * C);
      }
    }
  }

  signs(h: Outputs, draws: Draws, from: number, out: FloatArray): void {
    const { n, T } = h;
    const { stream, examples, occurrences, count } = draws;
    const C = this.own(T);
    const R = this.base.columnCount(C);
    room(out, n * count * T, 'signs');
    for (let s = 0; s < this.positions; s++) {
      const signed = new Float64Array(n * count * C);
      const own = { ...draws, stream: shiftedStream(stream, s * R) };
      this.base.signs(someOutputs(h, s * C, C), own, 0, signed);
      copyRows(n * count, C, { data: signed, at: 0, width: C }, { data: out, at: s * C, width: T });
    }
    if (from === 0) return;
    for (let i = 0; i < n; i++) {
      const { delta, w, order } = this.row(h, i);
      for (let j = 0; j < count; j++) {
        for (const k of order.subarray(0, from)) {
          // A sign belongs to the column, whatever its place in the order.
          const u = stream.at(examples[i], occurrences?.[i] ?? 0, draws.from + j, k);
          const signed = u > 0.5 ? Math.sqrt(w[k]) : -Math.sqrt(w[k]);
          const at = (i * count + j) * T + Math.floor(k / R) * C;
          for (let a = 0; a < C; a++) out[at + a] -= signed * delta[k * C + a];
        }
      }
    }
  }
}
