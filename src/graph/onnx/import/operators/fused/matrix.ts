/**
 * @module graph/onnx/import/operators/fused/matrix
 *
 * Products that ONNX Runtime fuses: FusedMatMul α·A′B′, FusedGemm and FusedConv with an activation behind, FusedConv also with a summand
 * before it. Source: microsoft/onnxruntime, ContribOperators.md.
 */
import * as b from '../../../../build.js';
import type { Value } from '../../../../value.js';
import type { Normaliser } from '../../context.js';
import { isValue } from '../../items.js';
import { matmul, MATRIX } from '../../matrix.js';
import { conv } from '../conv.js';
import { activated } from './activations.js';

/** FusedMatMul. Throws `graph/shape`, `onnx/form`. */
export const fusedMatMul: Normaliser = (c) => {
  if (c.flag('transBatchA', false) || c.flag('transBatchB', false))
    throw c.refuse('transposes of the batch axes are not covered');
  const operand = (i: number, flag: string): Value =>
    c.flag(flag, false) ? b.swapLast(c.real(i)) : c.real(i);
  return b.scale(matmul(operand(0, 'transA'), operand(1, 'transB')), c.float('alpha', 1));
};

/** FusedGemm. Throws `graph/shape`, `onnx/form`. */
export const fusedGemm: Normaliser = (c) => {
  const parameter = (name: string): number | undefined => (c.attribute(name) ? c.float(name, 0) : undefined);
  return activated(c, MATRIX.Gemm(c) as Value, ['activation_alpha', 'activation_beta'].map(parameter));
};

/** FusedConv. Throws `graph/shape`, `onnx/form`. */
export const fusedConv: Normaliser = (c) => {
  const y = conv(c);
  const value = Array.isArray(y) ? (y as readonly Value[])[0] : (y as Value);
  if (!isValue(value)) throw c.refuse('convolves data');
  const sum = c.has(3) ? b.add(value, c.real(3)) : value;
  return activated(c, sum, c.floats('activation_params') ?? []);
};
