/**
 * @module graph/onnx/import/operators/bitwise
 *
 * BitwiseAnd, -Or, -Xor, -Not and BitShift of known whole numbers; they have no derivative, and among the data are refused.
 * Source: onnx/onnx, Operators.md (opsets 11, 18).
 */
import { elementwise } from '../arithmetic.js';
import type { Normaliser } from '../context.js';
import { foldElementwise } from '../fold.js';
import { folded, isFolded } from '../items.js';
import { isBatch } from '../../../dims.js';

const known = (op: string, arity: number): Normaliser =>
  elementwise(op, arity, (c) => {
    throw c.refuse('bits of numbers must be known when the file is read', 'onnx/not-constant');
  });

export const bitwiseAnd = known('BitwiseAnd', 2);
export const bitwiseOr = known('BitwiseOr', 2);
export const bitwiseXor = known('BitwiseXor', 2);

/** BitwiseNot: −1 − x, of unsigned numbers 255 − x. */
export const bitwiseNot: Normaliser = (c) => {
  const x = c.item(0);
  if (!isFolded(x) || x.dtype !== 'uint8') return known('BitwiseNot', 1)(c);
  return folded(
    x.dtype,
    x.shape,
    x.items.map((d) => (isBatch(d) ? d : 255 - d)),
  );
};

/** BitShift of bytes: bits that leave on either side are gone. */
export const bitShift: Normaliser = (c) => {
  const [x, by] = [c.item(0), c.item(1)];
  if (!isFolded(x) || !isFolded(by) || x.dtype !== 'uint8') return known('BitShift', 2)(c);
  const left = c.text('direction', '') === 'LEFT';
  const power = { ...by, dtype: x.dtype, items: by.items.map((d) => (isBatch(d) ? d : 2 ** Math.min(d, 8))) };
  const moved = foldElementwise(c, left ? 'Mul' : 'Div', [x, power]);
  return folded(
    x.dtype,
    moved.shape,
    moved.items.map((d) => (isBatch(d) ? d : d % 256)),
  );
};
