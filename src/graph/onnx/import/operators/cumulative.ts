/**
 * @module graph/onnx/import/operators/cumulative
 *
 * CumSum and CumProd replace each element along an axis by the sum or product of those up to it (`exclusive`: before it; `reverse`: from
 * the other end), in ⌈log₂ n⌉ steps: y_i ← y_i ∘ y_{i−s} for s = 1, 2, 4, …, as Hillis and Steele (1986) do. Both are written in Slice,
 * Concat and one operation, so that their derivatives follow. Source: onnx/onnx, Operators.md (opsets 11, 14; CumProd 26).
 */
import { isFloat } from '../../../../core/tensor.js';
import * as b from '../../../build.js';
import { isBatch } from '../../../dims.js';
import type { Value } from '../../../value.js';
import type { Normaliser, OpContext } from '../context.js';
import { folded, type Folded, isFolded } from '../items.js';

interface Rule {
  /** What an empty range gives. */
  readonly neutral: 0 | 1;
  readonly join: (x: Value, y: Value) => Value;
  readonly of: (x: number, y: number) => number;
}

const SUM: Rule = { neutral: 0, join: b.add, of: (x, y) => x + y };
const PRODUCT: Rule = { neutral: 1, join: b.mul, of: (x, y) => x * y };

/** The elements at `from`, from + 1, … below `to`. */
const part = (x: Value, axis: number, from: number, to: number): Value => b.slice(x, axis, from, to);

/** y_i = x_i ∘ x_{i−1} ∘ … ∘ x_0, or from the other end. */
function scanned(x: Value, axis: number, length: number, rule: Rule, reverse: boolean): Value {
  let y = x;
  for (let s = 1; s < length; s *= 2) {
    const both = rule.join(part(y, axis, s, length), part(y, axis, 0, length - s));
    y = b.concat(reverse ? [both, part(y, axis, length - s, length)] : [part(y, axis, 0, s), both], axis);
  }
  return y;
}

/** The same without x_i: moved by one, the neutral element at the end that is left open. */
function moved(x: Value, axis: number, length: number, rule: Rule, reverse: boolean): Value {
  const first = part(x, axis, 0, 1);
  const edge = b.expandLike(b.scalar(rule.neutral, x.dtype), first);
  return b.concat(reverse ? [part(x, axis, 1, length), edge] : [edge, part(x, axis, 0, length - 1)], axis);
}

function foldScan(c: OpContext, x: Folded, axis: number, rule: Rule): Folded {
  const [exclusive, reverse] = [c.flag('exclusive', false), c.flag('reverse', false)];
  const length = x.shape[axis];
  const inner = x.shape.slice(axis + 1).reduce((p, d) => p * d, 1);
  const items: number[] = new Array<number>(x.items.length).fill(0);
  for (let line = 0; line < items.length / Math.max(length, 1); line++) {
    const from = Math.floor(line / inner) * length * inner + (line % inner);
    let total: number = rule.neutral;
    for (let k = 0; k < length; k++) {
      const at = from + (reverse ? length - 1 - k : k) * inner;
      const d = x.items[at];
      if (isBatch(d)) throw c.coupled('a number is computed from the number of examples');
      const next = rule.of(total, d);
      items[at] = exclusive ? total : next;
      total = next;
    }
  }
  return folded(x.dtype, x.shape, items);
}

const cumulative =
  (rule: Rule): Normaliser =>
  (c) => {
    const item = c.item(0);
    const axis = c.axis(c.knownNumber(1, 'the axis'), c.rank(0));
    if (isFolded(item)) return foldScan(c, item, axis, rule);
    const own = c.value(0);
    // Whole numbers (positions from a mask) are summed in float64.
    const x = isFloat(own.dtype) ? own : b.cast(own, 'float64');
    const length = x.shape[axis];
    if (isBatch(length)) throw c.coupled(`axis ${axis} holds the examples`);
    if (length === 0) return item;
    const reverse = c.flag('reverse', false);
    const operand = c.flag('exclusive', false) ? moved(x, axis, length, rule, reverse) : x;
    return b.cast(scanned(operand, axis, length, rule, reverse), own.dtype);
  };

/** CumSum. Throws `graph/examples-coupled` along the examples. */
export const cumSum = cumulative(SUM);
/** CumProd. Throws `graph/examples-coupled` along the examples. */
export const cumProd = cumulative(PRODUCT);
