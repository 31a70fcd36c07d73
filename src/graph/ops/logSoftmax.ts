import * as b from '../build.js';
import { floatType, ownAxis } from '../infer.js';
import type { Operator } from '../registry.js';

/** y = x − ln Σ eˣ over one axis; J = 1 − 1·softmaxᵀ: reverse ct − p Σct, forward t − ⟨p, t⟩ with p = e^y. */
export const LogSoftmax: Operator = {
  name: 'LogSoftmax',
  infer: ([x], attrs) => {
    ownAxis('LogSoftmax', x, attrs.axis as number);
    return { dtype: floatType('LogSoftmax', [x]), shape: x.shape };
  },
  vjp(ctx, { output, attrs }, ct) {
    const axis = ctx.axis(output.shape, attrs.axis as number);
    const p = ctx.align(b.exp(output), output.shape);
    return [b.sub(ct, b.mul(p, b.reduceSum(ct, [axis], true)))];
  },
  jvp(ctx, { output, attrs }, [t]) {
    if (!t) return null;
    const axis = ctx.axis(output.shape, attrs.axis as number);
    const p = ctx.align(b.exp(output), output.shape);
    return b.sub(t, b.reduceSum(b.mul(p, t), [axis], true));
  },
};
