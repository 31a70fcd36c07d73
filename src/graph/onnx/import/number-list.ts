/**
 * @module graph/onnx/import/number-list
 *
 * Operands that are attributes in all but name: lists of known numbers of any type (scales, windows, regions).
 */
import { toFloat64 } from '../../../core/tensor.js';
import type { OpContext } from './context.js';
import { isFolded, isWeights, numbersOf } from './items.js';

/** The numbers of an operand, row-major. Throws `onnx/not-constant`. */
export function numberList(c: OpContext, i: number, what: string): number[] {
  const item = c.item(i);
  if (isWeights(item)) return [...toFloat64(item.tensor)];
  const numbers = isFolded(item) ? numbersOf(item) : null;
  if (numbers === null) throw c.refuse(`${what} must be known when the file is read`, 'onnx/not-constant');
  return numbers;
}
