/**
 * @module graph/ops/reduce
 *
 * Reductions over axes share their shapes. The examples' axis may not be reduced together with any other meaning than the sum of a
 * derived graph's statistics, which `ReduceSum` alone permits.
 */
import { type Dim, isBatch, type Shape } from '../dims.js';
import { floatType } from '../infer.js';
import { type Attributes, couplingError, shapeError, type Signature, type Value } from '../value.js';

/** Shape and type of a reduction over `axes`. Throws `graph/examples-coupled` and `graph/shape`. */
export function reducedSignature(op: string, x: Value, attrs: Attributes): Signature {
  const axes = attrs.axes as readonly number[];
  for (const a of axes) {
    if (!(a >= 0 && a < x.shape.length)) throw shapeError(op, [x], `has no axis ${a}`);
    if (isBatch(x.shape[a]) && op !== 'ReduceSum')
      throw couplingError(op, [x], `axis ${a} holds the examples`);
  }
  const shape = attrs.keepdims ? keptShape(x.shape, attrs) : x.shape.filter((_, i) => !axes.includes(i));
  return { dtype: floatType(op, [x]), shape };
}

/** The shape with the reduced axes still there, as 1s. */
export function keptShape(shape: Shape, attrs: Attributes): Dim[] {
  const axes = attrs.axes as readonly number[];
  return shape.map((d, i) => (axes.includes(i) ? 1 : d));
}
