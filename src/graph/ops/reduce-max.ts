import type { FloatType } from '../../core/tensor.js';
import { reduction } from '../onnx/export/writers.js';
import { type Operator, perElement, STRAIGHT } from '../operator.js';
import type { RuleContext } from '../rule-context.js';
import type { Node, Value } from '../value.js';
import { keptShape, reducedSignature } from './reduce.js';
import { reduceElements } from './reference.js';

/** Maximum over axes; where it is attained more than once the derivative is shared equally. */
export const ReduceMax: Operator = {
  name: 'ReduceMax',
  infer: ([x], attrs) => reducedSignature('ReduceMax', x, attrs),
  derivative: {
    vjp(ctx, node, ct) {
      const [x] = node.inputs;
      const back = ctx.reshape(ct, node.output.shape, keptShape(x.shape, node.attrs));
      return [ctx.b.mul(back, ctx.align(share(ctx, node), x.shape))];
    },
    jvp(ctx, node, [t]) {
      if (!t) return null;
      const [x] = node.inputs;
      const kept = keptShape(x.shape, node.attrs);
      const picked = ctx.b.mul(t, ctx.align(share(ctx, node), x.shape));
      return ctx.reshape(ctx.reduceTo(picked, x.shape, kept), kept, node.output.shape);
    },
  },
  second: STRAIGHT,
  elementwise: null,
  mover: false,
  flops: perElement,
  evaluate: ([x], attrs) => reduceElements(x, attrs.axes as readonly number[], Math.max, -Infinity),
  onnx: { write: reduction, doubleKernel: 'yes' },
};

/** The part of each element in its maximum: 1 where it stands alone, 0 below it. */
function share({ b }: RuleContext, { inputs: [x], attrs, output }: Node): Value {
  const top = b.reshape(output, keptShape(x.shape, attrs));
  const hit = b.indicator(b.equal(x, top), x.dtype as FloatType);
  return b.div(hit, b.reduceSum(hit, attrs.axes as readonly number[], true));
}
