import type { Operator } from '../registry.js';
import { keptShape, reducedSignature } from './reduce.js';

/**
 * Sum over axes. Reverse: the cotangent repeated along them. A sum over the examples is allowed where a derived graph ends in it
 * (its result depends on no single example); inference of an imported network refuses it.
 */
export const ReduceSum: Operator = {
  name: 'ReduceSum',
  infer: ([x], attrs) => reducedSignature('ReduceSum', x, attrs),
  vjp(ctx, { inputs: [x], attrs, output }, ct) {
    const kept = keptShape(x.shape, attrs);
    return [ctx.broadcastTo(ctx.place(ctx.reshape(ct, output.shape, kept), kept, x.shape), x)];
  },
  jvp(ctx, { inputs: [x], attrs, output }, [t]) {
    if (!t) return null;
    const kept = keptShape(x.shape, attrs);
    return ctx.reshape(ctx.reduceTo(t, x.shape, kept), kept, output.shape);
  },
};
