import { reduction } from '../onnx/export/writers.js';
import { type Operator, perElement, STRAIGHT } from '../operator.js';
import { keptShape, reducedSignature } from './reduce.js';
import { reduceElements } from './reference.js';

/**
 * Sum over axes. Reverse: the cotangent repeated along them. Of the examples too: graph/ops/reduce.
 */
export const ReduceSum: Operator = {
  name: 'ReduceSum',
  infer: ([x], attrs) => reducedSignature('ReduceSum', x, attrs),
  derivative: {
    vjp(ctx, { inputs: [x], attrs, output }, ct) {
      const kept = keptShape(x.shape, attrs);
      return [ctx.broadcastTo(ctx.place(ctx.reshape(ct, output.shape, kept), kept, x.shape), x)];
    },
    jvp(ctx, { inputs: [x], attrs, output }, [t]) {
      if (!t) return null;
      const kept = keptShape(x.shape, attrs);
      return ctx.reshape(ctx.reduceTo(t, x.shape, kept), kept, output.shape);
    },
  },
  second: STRAIGHT,
  elementwise: null,
  mover: false,
  flops: perElement,
  evaluate: ([x], attrs) => reduceElements(x, attrs.axes as readonly number[], (a, b) => a + b, 0),
  onnx: { write: reduction, doubleKernel: 'yes' },
};
