/**
 * @module graph/infer
 *
 * Shape rules that several operators share: broadcasting, axes, and the refusal of anything that would mix examples.
 */
import { isFloat } from '../core/tensor.js';
import { type Dim, isBatch, sameDim, type Shape, showShape } from './dims.js';
import { couplingError, shapeError, type Value } from './value.js';

/** Numpy broadcasting; two batch axes must meet. Throws `graph/examples-coupled` and `graph/shape`. */
export function broadcastShapes(op: string, inputs: readonly Value[], shapes: readonly Shape[]): Dim[] {
  const rank = Math.max(...shapes.map((s) => s.length));
  const out: Dim[] = [];
  for (let i = 0; i < rank; i++) {
    let d: Dim = 1;
    for (const s of shapes) {
      const own = i - (rank - s.length) < 0 ? 1 : s[i - (rank - s.length)];
      if (own === 1) continue;
      if (d === 1) d = own;
      else if (!sameDim(d, own)) {
        if (isBatch(d) || isBatch(own)) {
          throw couplingError(op, inputs, 'the batch axis of one operand meets another axis of the other');
        }
        throw shapeError(op, inputs, 'shapes do not broadcast');
      }
    }
    out.push(d);
  }
  if (out.filter(isBatch).length > 1) {
    throw couplingError(op, inputs, `the result ${showShape(out)} pairs every example with every other`);
  }
  return out;
}

/** All inputs have one type, which is floating point. Throws `graph/shape`. */
export function floatType(op: string, inputs: readonly Value[]): Value['dtype'] {
  const dtype = inputs[0].dtype;
  if (!inputs.every((v) => v.dtype === dtype))
    throw shapeError(op, inputs, 'operands must have one element type');
  if (!isFloat(dtype)) throw shapeError(op, inputs, 'operands must be floating point');
  return dtype;
}

/** All inputs have one type. Throws `graph/shape`. */
export function oneType(op: string, inputs: readonly Value[]): Value['dtype'] {
  const dtype = inputs[0].dtype;
  if (!inputs.every((v) => v.dtype === dtype))
    throw shapeError(op, inputs, 'operands must have one element type');
  return dtype;
}

/** The axis must exist and must not hold the examples. Throws `graph/examples-coupled` and `graph/shape`. */
export function ownAxis(op: string, x: Value, axis: number): void {
  if (!(axis >= 0 && axis < x.shape.length)) throw shapeError(op, [x], `has no axis ${axis}`);
  if (isBatch(x.shape[axis])) throw couplingError(op, [x], `axis ${axis} holds the examples`);
}
