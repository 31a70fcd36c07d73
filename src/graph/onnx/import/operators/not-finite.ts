/**
 * @module graph/onnx/import/operators/not-finite
 *
 * IsNaN and IsInf ask of each element whether it is no number, or infinite (`detect_negative`, `detect_positive`: of which sign). Booleans
 * have no derivative. Source: onnx/onnx, Operators.md (opsets 9, 10; the meaning never changed).
 */
import * as b from '../../../build.js';
import { isBatch } from '../../../dims.js';
import type { Value } from '../../../value.js';
import { elementwise } from '../arithmetic.js';
import type { Normaliser } from '../context.js';
import { folded, isFolded } from '../items.js';

/** IsNaN: x ≠ x. */
export const isNaN: Normaliser = elementwise('IsNaN', 1, (_c, [x]) => b.not(b.equal(x, x)));

/** IsInf. */
export const isInf: Normaliser = (c) => {
  const signs = [
    ...(c.flag('detect_positive', true) ? [Infinity] : []),
    ...(c.flag('detect_negative', true) ? [-Infinity] : []),
  ];
  const item = c.item(0);
  if (isFolded(item)) {
    const items = item.items.map((d) => Number(!isBatch(d) && signs.includes(d)));
    return folded('bool', item.shape, items);
  }
  const x = c.real(0);
  const is = (v: Value, sign: number): Value => b.equal(v, b.scalar(sign, v.dtype));
  if (signs.length === 2) return is(b.abs(x), Infinity);
  return signs.length === 1 ? is(x, signs[0]) : b.less(x, b.scalar(-Infinity, x.dtype));
};
