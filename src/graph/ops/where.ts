import { broadcastShapes, oneType } from '../infer.js';
import { same } from '../onnx/export/writers.js';
import { type Operator, perElement, STRAIGHT } from '../operator.js';
import { shapeError, type Value } from '../value.js';
import { mapElements } from './reference.js';

/** y = condition ? a : b with broadcasting; the branch not taken gets an exact zero, even where it is not finite. */
export const Where: Operator = {
  name: 'Where',
  infer: (inputs) => {
    if (inputs[0].dtype !== 'bool') throw shapeError('Where', inputs, 'condition must be boolean');
    const dtype = oneType('Where', inputs.slice(1));
    return {
      dtype,
      shape: broadcastShapes(
        'Where',
        inputs,
        inputs.map((v) => v.shape),
      ),
    };
  },
  derivative: {
    vjp(ctx, { inputs: [c, p, q], output }, ct, wanted) {
      const { b } = ctx;
      const cond = ctx.align(c, output.shape);
      const zero = b.scalar(0, ct.dtype);
      return [
        null,
        wanted[1] ? ctx.reduceTo(b.where(cond, ct, zero), output.shape, p.shape) : null,
        wanted[2] ? ctx.reduceTo(b.where(cond, zero, ct), output.shape, q.shape) : null,
      ];
    },
    jvp(ctx, { inputs: [c, p, q], output }, [, tp, tq]) {
      if (!tp && !tq) return null;
      const cond = ctx.align(c, output.shape);
      const zero = ctx.b.scalar(0, output.dtype);
      const at = (t: Value | null | undefined, v: Value) => (t ? ctx.place(t, v.shape, output.shape) : zero);
      return ctx.broadcastTo(ctx.b.where(cond, at(tp, p), at(tq, q)), output);
    },
  },
  second: STRAIGHT,
  elementwise: { operands: 3, of: (c, a, b) => (c ? a : b) },
  mover: false,
  flops: perElement,
  evaluate: (inputs, _attrs, shape) => mapElements(inputs, shape, (c, a, b) => (c ? a : b)),
  onnx: { write: same, doubleKernel: 'yes' },
};
