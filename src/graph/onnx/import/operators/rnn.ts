/**
 * @module graph/onnx/import/operators/rnn
 *
 * RNN, the plain recurrent cell: h′ = f(x W + h R + b). Source: onnx/onnx, Operators.md (RNN, opset 7, 14, 22).
 */
import * as b from '../../../build.js';
import type { Normaliser } from '../context.js';
import { plus, recurrent } from './recurrent.js';

/** RNN: Y, Y_h. Throws `graph/shape`, `graph/examples-coupled`, `onnx/form`. */
export const rnn: Normaliser = (c) =>
  recurrent(c, {
    gates: 1,
    activations: ['Tanh'],
    cell: (d, input, { h }) => ({
      h: d.activations[0](plus(input, h && b.matmul(h, d.recurrent))),
      c: null,
    }),
  });
