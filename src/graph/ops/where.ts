import * as b from '../build.js';
import { broadcastShapes, oneType } from '../infer.js';
import type { Operator } from '../registry.js';
import { shapeError, type Value } from '../value.js';

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
  vjp(ctx, { inputs: [c, p, q], output }, ct, wanted) {
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
    const zero = b.scalar(0, output.dtype);
    const at = (t: Value | null | undefined, v: Value) => (t ? ctx.place(t, v.shape, output.shape) : zero);
    return ctx.broadcastTo(b.where(cond, at(tp, p), at(tq, q)), output);
  },
};
