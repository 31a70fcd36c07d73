/**
 * @module graph/onnx/import/operators/gru
 *
 * GRU, gates in the order z r h: h′ = (1 − z) ⊙ n + z ⊙ h, n = g(x W_h + (r ⊙ h) R_h + b_h), or with `linear_before_reset`
 * n = g(x W_h + r ⊙ (h R_h + b_h)), as PyTorch has it. Source: onnx/onnx, Operators.md (GRU, opset 7, 14, 22).
 */
import * as b from '../../../build.js';
import type { Normaliser } from '../context.js';
import { type Cell, gate, plus, recurrent } from './recurrent.js';

const cellWith =
  (linearBeforeReset: boolean): Cell =>
  (d, input, { h }) => {
    const { hidden, stateBias } = d;
    const [sigma, g] = d.activations;
    const part = (k: number) => stateBias && gate(stateBias, k, hidden);
    const product =
      h && b.matmul(h, linearBeforeReset ? d.recurrent : b.slice(d.recurrent, 1, 0, 2 * hidden));
    const [z, r] = [0, 1].map((k) =>
      sigma(plus(plus(gate(input, k, hidden), part(k)), product && gate(product, k, hidden))),
    );
    const reset = linearBeforeReset
      ? ((product && plus(gate(product, 2, hidden), part(2))) ?? part(2))
      : h && b.matmul(b.mul(r, h), gate(d.recurrent, 2, hidden));
    const moved = reset && (linearBeforeReset ? b.mul(r, reset) : reset);
    const n = g(plus(plus(gate(input, 2, hidden), moved), linearBeforeReset ? null : part(2)));
    return { h: plus(b.mul(b.shift(b.neg(z), 1), n), h && b.mul(z, h)), c: null };
  };

/** GRU: Y, Y_h. Throws `graph/shape`, `graph/examples-coupled`, `onnx/form`. */
export const gru: Normaliser = (c) =>
  recurrent(c, {
    gates: 3,
    activations: ['Sigmoid', 'Tanh'],
    cell: cellWith(c.flag('linear_before_reset', false)),
    biasApart: true,
  });
