/**
 * @module graph/ops/reduce
 *
 * Reductions over axes share their shapes. A reduction over the examples' axis is allowed where a derived graph ends
 * in it, as its statistics do: what depends on no single example has no derivative by one (graph/derive), and inference of an imported
 * network refuses it.
 */
import type { Dim, Shape } from '../dims.js';
import { floatType } from '../infer.js';
import { type Attributes, shapeError, type Signature, type Value } from '../value.js';

/** Shape and type of a reduction over `axes`. Throws `graph/shape`. */
export function reducedSignature(op: string, x: Value, attrs: Attributes): Signature {
  const axes = attrs.axes as readonly number[];
  for (const a of axes) {
    if (!(a >= 0 && a < x.shape.length)) throw shapeError(op, [x], `has no axis ${a}`);
  }
  const shape = attrs.keepdims ? keptShape(x.shape, attrs) : x.shape.filter((_, i) => !axes.includes(i));
  return { dtype: floatType(op, [x]), shape };
}

/** The shape with the reduced axes still there, as 1s. */
export function keptShape(shape: Shape, attrs: Attributes): Dim[] {
  const axes = attrs.axes as readonly number[];
  return shape.map((d, i) => (axes.includes(i) ? 1 : d));
}
