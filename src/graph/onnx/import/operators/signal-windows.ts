/**
 * @module graph/onnx/import/operators/signal-windows
 *
 * HannWindow, HammingWindow and BlackmanWindow are weights of a known number of samples, Σ_k a_k cos(2πkn/L), L the number of samples, or
 * one less where `periodic` is 0. Source: onnx/onnx, Operators.md (opset 17).
 */
import { isFloat } from '../../../../core/tensor.js';
import type { Normaliser } from '../context.js';
import { folded } from '../items.js';
import { typeOf } from '../types.js';

const window =
  (...a: readonly number[]): Normaliser =>
  (c) => {
    const size = c.limited(c.knownNumber(0, 'the number of samples'));
    const dtype = typeOf(c, c.int('output_datatype', 1));
    const period = c.flag('periodic', true) ? size : size - 1;
    // Both halves alike to the last bit: which of them a maximum takes is no matter of rounding.
    const at = (n: number): number =>
      a.reduce((sum, w, k) => sum + w * Math.cos((2 * Math.PI * k * Math.min(n, period - n)) / period), 0);
    const items = Array.from({ length: size }, (_, n) => (isFloat(dtype) ? at(n) : Math.trunc(at(n))));
    return folded(dtype, [size], items);
  };

export const hannWindow = window(0.5, -0.5);
export const hammingWindow = window(25 / 46, -21 / 46);
export const blackmanWindow = window(0.42, -0.5, 0.08);
