/**
 * @module graph/onnx/import/operators/lstm
 *
 * LSTM, gates in the order i o f c: i = σ(x W_i + h R_i + p_i ⊙ c), f alike, c′ = f ⊙ c + i ⊙ g(x W_c + h R_c), o = σ(x W_o + h R_o + p_o ⊙ c′),
 * h′ = o ⊙ tanh c′; with `input_forget` f = 1 − i. Source: onnx/onnx, Operators.md (LSTM, opset 7, 14, 22).
 */
import * as b from '../../../build.js';
import type { Value } from '../../../value.js';
import type { Normaliser } from '../context.js';
import { type Cell, gate, plus, recurrent } from './recurrent.js';

const cellWith =
  (coupled: boolean): Cell =>
  (d, input, { h, c }) => {
    const { hidden, peepholes } = d;
    const [sigma, g, squash] = d.activations;
    const sum = plus(input, h && b.matmul(h, d.recurrent));
    const peep = (k: number, state: Value | null): Value | null =>
      peepholes && state && b.mul(state, gate(peepholes, k, hidden));
    const i = sigma(plus(gate(sum, 0, hidden), peep(0, c)));
    const f = coupled ? b.shift(b.neg(i), 1) : sigma(plus(gate(sum, 2, hidden), peep(2, c)));
    const next = plus(b.mul(i, g(gate(sum, 3, hidden))), c && b.mul(f, c));
    const o = sigma(plus(gate(sum, 1, hidden), peep(1, next)));
    return { h: b.mul(o, squash(next)), c: next };
  };

/** LSTM: Y, Y_h, Y_c. Throws `graph/shape`, `graph/examples-coupled`, `onnx/form`. */
export const lstm: Normaliser = (c) =>
  recurrent(c, {
    gates: 4,
    activations: ['Sigmoid', 'Tanh', 'Tanh'],
    cell: cellWith(c.flag('input_forget', false)),
    cellState: 6,
    peepholes: 7,
  });
