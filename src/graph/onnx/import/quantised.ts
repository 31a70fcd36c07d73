/**
 * @module graph/onnx/import/quantised
 *
 * Quantised files refused as what they are: weights or activations in few bits, whose rounding has no derivative. One complaint says so and
 * asks for the floating-point file. Source: onnx/onnx, Operators.md (QuantizeLinear and its kin); microsoft/onnxruntime, ContribOperators.md.
 */
import { FimError } from '../../../core/errors.js';

/** Operators that only quantised files have. */
const QUANTISED =
  /^(QuantizeLinear|DequantizeLinear|Dynamic(Quantize\w+)|(MatMul|Conv)Integer(ToFloat)?|QLinear\w+|QGemm|QMoE|QAttention|QOrdered\w+|QEmbedLayerNormalization|MatMul(NBits|BnB4|Fp8|FpQ4|NBitsQkv)|GatherBlockQuantized|Dequantize\w+)$/;

/** Whether an operator is one of quantised files. */
export const isQuantised = (operator: string): boolean => QUANTISED.test(operator);

/** The complaint; `operators` as they are listed. */
export function quantisedError(where: string, operators: string): FimError {
  return new FimError({
    code: 'onnx/quantised',
    kind: 'unsupported',
    where,
    rule: 'a network has floating-point weights; this is a quantised file',
    got: operators,
    cause:
      'it was made for fast inference (names like model_quantized.onnx, model_int8.onnx or model_q4.onnx)',
    next: 'take the floating-point file that it was made from, often model.onnx beside it',
  });
}
