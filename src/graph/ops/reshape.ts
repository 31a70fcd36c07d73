import { batchAxis, isBatch, type Shape, showShape, volume } from '../dims.js';
import type { Operator } from '../registry.js';
import { couplingError, shapeError, type Value } from '../value.js';

/**
 * The same elements in row-major order under another shape. Element order is examples-major only if what stands before the batch
 * axis keeps its size and the axis grows or shrinks by what stands behind it; anything else would hand elements of one example
 * to another.
 */
export const Reshape: Operator = {
  name: 'Reshape',
  infer: ([x], attrs) => {
    const shape = attrs.shape as Shape;
    check(x, shape);
    return { dtype: x.dtype, shape };
  },
  vjp: (ctx, { inputs: [x], output }, ct) => [ctx.reshape(ct, output.shape, x.shape)],
  jvp: (ctx, { inputs: [x], output }, [t]) => t && ctx.reshape(t, x.shape, output.shape),
};

function check(x: Value, shape: Shape): void {
  const a = volume(x.shape);
  const c = volume(shape);
  if (a.size !== c.size || a.power !== c.power) {
    throw shapeError('Reshape', [x], `cannot have shape ${showShape(shape)}: another number of elements`);
  }
  if (a.power > 0 && before(x.shape) !== before(shape)) {
    throw couplingError('Reshape', [x], `${showShape(shape)} takes elements of one example for another's`);
  }
}

function before(shape: Shape): number {
  let size = 1;
  for (const d of shape.slice(0, batchAxis(shape))) if (!isBatch(d)) size *= d;
  return size;
}
