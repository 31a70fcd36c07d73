import { isBatch, type Shape, showShape } from '../dims.js';
import { broadcastShapes } from '../infer.js';
import type { OnnxWriter } from '../onnx/export/writers.js';
import { free, type Operator, STRAIGHT } from '../operator.js';
import { shapeError } from '../value.js';
import { mapElements } from './reference.js';

/** Only an operand that has the examples may keep them, so a symbolic dimension is written 1: "as the operand has it". */
const write: OnnxWriter = (e, node, [x], out) => {
  const shape = (node.attrs.shape as Shape).map((d) => (isBatch(d) ? 1 : d));
  e.node('Expand', [x, e.integers(shape)], {}, out);
};

/** Broadcasts to a larger shape; a 1 in `shape` keeps the operand's own dimension. Reverse: the sum over what was repeated. */
export const Expand: Operator = {
  name: 'Expand',
  infer: ([x], attrs) => {
    const shape = attrs.shape as Shape;
    if (shape.some((d, i) => isBatch(d) && !isBatch(x.shape[i - (shape.length - x.shape.length)] ?? 1))) {
      throw shapeError('Expand', [x], `cannot make examples: ${showShape(shape)}`);
    }
    return { dtype: x.dtype, shape: broadcastShapes(`Expand to ${showShape(shape)}`, [x], [x.shape, shape]) };
  },
  derivative: {
    vjp: (ctx, { inputs: [x], output }, ct) => [ctx.reduceTo(ct, output.shape, x.shape)],
    jvp: (ctx, { inputs: [x], output }, [t]) =>
      t && ctx.broadcastTo(ctx.place(t, x.shape, output.shape), output),
  },
  second: STRAIGHT,
  elementwise: null,
  mover: true,
  flops: free,
  evaluate: (inputs, _attrs, shape) => mapElements(inputs, shape, (x) => x),
  onnx: { write, doubleKernel: 'yes' },
};
