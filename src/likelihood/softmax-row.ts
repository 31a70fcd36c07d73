/**
 * @module likelihood/softmax-row
 *
 * The softmax of one row without cancellation at either end. With m the largest logit, e_c = exp(h_c − m) and
 * rest = Σ_{c≠mode} e_c:
 *
 *   p_c = e_c/(1 + rest),   1 − p_mode = rest/(1 + rest),   log p_c = h_c − m − log1p(rest).
 *
 * 1 − p of the mode is never formed by subtraction, so p = 1 − 1e-30 keeps all its digits; every other p is at most ½.
 */
import type { FloatArray } from '../core/tensor.js';

export class SoftmaxRow {
  /** Probabilities and their complements, of the row last loaded. */
  p = new Float64Array(0);
  q = new Float64Array(0);
  /** Index of the largest logit (the first, if tied), and its value. */
  mode = 0;
  max = 0;
  private rest = 0;

  /** log Σ exp(h − max) = −log p_mode. */
  get logRest(): number {
    return Math.log1p(this.rest);
  }

  /** Σ p(1 − p) = tr I(h) = 1 − ‖p‖². */
  get variance(): number {
    let sum = 0;
    for (let c = 0; c < this.p.length; c++) sum += this.p[c] * this.q[c];
    return sum;
  }

  /** Reads T logits from data[offset]. */
  load(data: FloatArray, offset: number, T: number): this {
    if (this.p.length !== T) {
      this.p = new Float64Array(T);
      this.q = new Float64Array(T);
    }
    const { p, q } = this;
    let mode = 0;
    for (let c = 1; c < T; c++) if (data[offset + c] > data[offset + mode]) mode = c;
    const max = data[offset + mode];
    let rest = 0;
    for (let c = 0; c < T; c++) {
      p[c] = c === mode ? 1 : Math.exp(data[offset + c] - max);
      if (c !== mode) rest += p[c];
    }
    const scale = 1 / (1 + rest);
    for (let c = 0; c < T; c++) {
      p[c] *= scale;
      q[c] = 1 - p[c];
    }
    q[mode] = rest * scale;
    this.mode = mode;
    this.max = max;
    this.rest = rest;
    return this;
  }
}
