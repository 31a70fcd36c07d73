/**
 * @module graph/onnx/import/operators/fused/activations
 *
 * Activations that ONNX Runtime fuses with what stands before them: BiasGelu(x, b) = GELU(x + b), FastGelu with the tanh form, QuickGelu
 * x·σ(αx), and those that FusedConv and FusedGemm name in an attribute. Source: microsoft/onnxruntime, ContribOperators.md.
 */
import * as b from '../../../../build.js';
import type { Value } from '../../../../value.js';
import { clamp, gelu, hardSigmoid } from '../../activations.js';
import type { Normaliser, OpContext } from '../../context.js';
import { swishOf } from '../swish.js';

const biased = (c: OpContext): Value => (c.has(1) ? b.add(c.real(0), c.real(1)) : c.real(0));

export const geluOfRuntime: Normaliser = (c) => gelu(c.real(0), 'none');
export const biasGelu: Normaliser = (c) => gelu(biased(c), 'none');
export const fastGelu: Normaliser = (c) => gelu(biased(c), 'tanh');
export const quickGelu: Normaliser = (c) => swishOf(c.real(0), c.float('alpha', 1.702));

/** BiasAdd: x + bias + skip. */
export const biasAdd: Normaliser = (c) => b.add(b.add(c.real(0), c.real(1)), c.real(2));

/** What an attribute `activation` does, with its parameters; none: nothing. Throws `onnx/form`. */
export function activated(c: OpContext, y: Value, parameters: readonly (number | undefined)[]): Value {
  const name = c.text('activation', '');
  const [p, q] = parameters;
  switch (name) {
    case '':
      return y;
    case 'Relu':
      return b.relu(y);
    case 'Tanh':
      return b.tanh(y);
    case 'Sigmoid':
      return b.sigmoid(y);
    case 'LeakyRelu':
      return b.where(b.greater(y, b.scalar(0, y.dtype)), y, b.scale(y, p ?? Math.fround(0.01)));
    case 'Clip':
      return clamp(y, p ?? -Infinity, q ?? Infinity);
    case 'HardSigmoid':
      return hardSigmoid(y, p ?? Math.fround(0.2), q ?? 0.5);
    default:
      throw c.refuse(`the fused activation ${name} is not covered`);
  }
}
