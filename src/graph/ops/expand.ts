import { isBatch, type Shape, showShape } from '../dims.js';
import { broadcastShapes } from '../infer.js';
import type { Operator } from '../registry.js';
import { shapeError } from '../value.js';

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
  vjp: (ctx, { inputs: [x], output }, ct) => [ctx.reduceTo(ct, output.shape, x.shape)],
  jvp: (ctx, { inputs: [x], output }, [t]) =>
    t && ctx.broadcastTo(ctx.place(t, x.shape, output.shape), output),
};
