import { floatType, ownAxis } from '../infer.js';
import { alongAxis } from '../onnx/export/writers.js';
import { type Operator, perElement } from '../operator.js';
import { normaliseElements } from './reference.js';
import { weightedSpread } from './softmax.js';

/**
 * y = x − ln Σ eˣ over one axis; J = 1 − 1·softmaxᵀ: reverse ct − p Σct, forward t − ⟨p, t⟩ with p = e^y; second order −⟨p, c²⟩,
 * c = ẋ − ⟨p, ẋ⟩.
 */
export const LogSoftmax: Operator = {
  name: 'LogSoftmax',
  infer: ([x], attrs) => {
    ownAxis('LogSoftmax', x, attrs.axis as number);
    return { dtype: floatType('LogSoftmax', [x]), shape: x.shape };
  },
  derivative: {
    vjp(ctx, { output, attrs }, ct) {
      const { b } = ctx;
      const axis = ctx.axis(output.shape, attrs.axis as number);
      const p = ctx.align(b.exp(output), output.shape);
      return [b.sub(ct, b.mul(p, b.reduceSum(ct, [axis], true)))];
    },
    jvp(ctx, { output, attrs }, [t]) {
      const { b } = ctx;
      if (!t) return null;
      const axis = ctx.axis(output.shape, attrs.axis as number);
      const p = ctx.align(b.exp(output), output.shape);
      return b.sub(t, b.reduceSum(b.mul(p, t), [axis], true));
    },
  },
  second: {
    kind: 'form',
    curved: (moves) => moves[0],
    form(ctx, node, tangents) {
      const { spread } = weightedSpread(ctx, node, tangents, ctx.b.exp(node.output));
      return ctx.b.neg(ctx.broadcastTo(spread, node.output));
    },
  },
  elementwise: null,
  mover: false,
  flops: perElement,
  evaluate: ([x], attrs) =>
    normaliseElements(x, attrs.axis as number, (v, top, sum) => v - top - Math.log(sum)),
  onnx: { write: alongAxis, doubleKernel: 'yes' },
};
