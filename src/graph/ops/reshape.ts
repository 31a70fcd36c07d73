import { batchAxis, isBatch, type Shape, showShape, volume } from '../dims.js';
import { targetShape } from '../onnx/export/shapes.js';
import type { OnnxWriter } from '../onnx/export/writers.js';
import { free, type Operator, STRAIGHT } from '../operator.js';
import { couplingError, shapeError, type Value } from '../value.js';

const write: OnnxWriter = (e, node, [x], out) => {
  const { name, allowzero } = targetShape(e, node.inputs[0], node.attrs.shape as Shape);
  e.node('Reshape', [x, name], allowzero ? { allowzero: 1 } : {}, out);
};

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
  derivative: {
    vjp: (ctx, { inputs: [x], output }, ct) => [ctx.reshape(ct, output.shape, x.shape)],
    jvp: (ctx, { inputs: [x], output }, [t]) => t && ctx.reshape(t, x.shape, output.shape),
  },
  second: STRAIGHT,
  elementwise: null,
  mover: true,
  flops: free,
  evaluate: ([x]) => x.data.slice(),
  onnx: { write, doubleKernel: 'yes' },
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
