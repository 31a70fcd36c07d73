/**
 * @module graph/onnx/import/operators/pad
 *
 * Pad lengthens axes before and after by a value (`constant`), the image mirrored at its outermost elements (`reflect`), these repeated
 * (`edge`) or the image again (`wrap`); negative numbers take elements away first. Axis by axis, so that corners are padded by what is
 * padded already. fim's own files hold the form with zeros. Source: onnx/onnx, Operators.md (Pad, opset 1 to 25).
 */
import { tensor } from '../../../../core/tensor.js';
import * as b from '../../../build.js';
import { isBatch } from '../../../dims.js';
import { constant, type Value } from '../../../value.js';
import type { Normaliser, OpContext } from '../context.js';
import type { Item } from '../items.js';
import { pick } from '../pick.js';

/** Position in an axis of this length of the element at `i`, which may lie outside. */
const POSITIONS: Readonly<Record<string, (i: number, length: number) => number>> = {
  edge: (i, length) => Math.min(Math.max(i, 0), length - 1),
  reflect: (i, length) => {
    const period = Math.max(1, 2 * (length - 1));
    const at = ((i % period) + period) % period;
    return at < length ? at : period - at;
  },
  wrap: (i, length) => ((i % length) + length) % length,
};

/** Pad, with axes as an operand. Throws `graph/shape`, `graph/examples-coupled`, `onnx/form`. */
export const pad: Normaliser = (c) => {
  const rank = c.rank(0);
  const axes = c.has(3)
    ? c.integers(3, 'axes').map((a) => c.axis(a, rank))
    : Array.from({ length: rank }, (_, i) => i);
  return padBy(c, c.integers(1, 'pads'), axes, c.has(2) ? 2 : 0);
};

/** Before opset 11 the pads and the value are attributes. Throws `graph/shape`, `graph/examples-coupled`, `onnx/form`. */
export const padByAttributes: Normaliser = (c) =>
  padBy(
    c,
    c.needInts('pads'),
    Array.from({ length: c.rank(0) }, (_, i) => i),
    c.float('value', 0),
    true,
  );

/** `value` is the operand that holds it (0: none), or the number itself where it is an attribute. */
function padBy(
  c: OpContext,
  pads: readonly number[],
  axes: readonly number[],
  value: number,
  attribute = false,
): Item {
  const mode = c.text('mode', 'constant');
  const position = Object.hasOwn(POSITIONS, mode) ? POSITIONS[mode] : null;
  if (mode !== 'constant' && !position) throw c.refuse(`mode '${mode}' is unknown`);
  if (pads.length !== 2 * axes.length || new Set(axes).size !== axes.length) {
    throw c.refuse(`${pads.length} pads are not two for each of ${axes.length} axes`, 'graph/shape');
  }
  const fill = attribute || value === 0 ? null : filling(c, value);
  return axes.reduce((x, axis, i) => {
    const [before, after] = [pads[i], pads[i + axes.length]];
    if (before === 0 && after === 0) return x;
    const length = x.shape[axis];
    if (isBatch(length)) throw c.coupled(`axis ${axis} holds the examples`);
    const [start, end] = [Math.max(0, -before), length - Math.max(0, -after)];
    if (end < start) throw c.refuse(`takes more than the ${length} elements of axis ${axis}`, 'graph/shape');
    const [p, q] = [Math.max(0, before), Math.max(0, after)];
    const kept = b.slice(x, axis, start, end);
    c.limited(p + (end - start) + q);
    if (!position) return padded(kept, axis, [p, q], fill ?? b.scalar(attribute ? value : 0, x.dtype));
    if (p + q > 0 && end === start) throw c.refuse(`axis ${axis} has no elements to repeat`, 'graph/shape');
    const count = p + (end - start) + q;
    const from = Array.from({ length: c.limited(count) }, (_, j) => position(j - p, end - start));
    return p + q === 0 ? kept : pick(kept, axis, from);
  }, c.value(0));
}

/** What is padded with, a single number. */
function filling(c: OpContext, i: number): Value {
  const known = c.number(i);
  const x = c.value(0);
  if (known !== null && !c.learnable(i, [0, 1, -1, -Infinity])) return b.scalar(known, x.dtype);
  const value = c.value(i);
  if (value.shape.some((d) => d !== 1)) throw c.refuse('pads with one number', 'graph/shape');
  return b.reshape(b.cast(value, x.dtype), []);
}

/** A value before and after along one axis. */
function padded(x: Value, axis: number, [p, q]: readonly [number, number], fill: Value): Value {
  const wide = b.pad(x, axis, p, q);
  if (p + q === 0 || (fill.constant && Number(fill.constant.data[0]) === 0)) return wide;
  const length = wide.shape[axis] as number;
  const outside = Array.from({ length }, (_, i) => (i < p || i >= length - q ? 1 : 0));
  const behind = wide.shape.slice(axis + 1).map(() => 1);
  return b.where(constant(tensor('bool', [length, ...behind], outside)), fill, wide);
}
