import type { FloatType } from '../../core/tensor.js';
import * as b from '../build.js';
import type { Operator } from '../registry.js';
import type { Node, Value } from '../value.js';
import { keptShape, reducedSignature } from './reduce.js';

/** Maximum over axes; where it is attained more than once the derivative is shared equally. */
export const ReduceMax: Operator = {
  name: 'ReduceMax',
  infer: ([x], attrs) => reducedSignature('ReduceMax', x, attrs),
  vjp(ctx, node, ct) {
    const [x] = node.inputs;
    const back = ctx.reshape(ct, node.output.shape, keptShape(x.shape, node.attrs));
    return [b.mul(back, ctx.align(share(node), x.shape))];
  },
  jvp(ctx, node, [t]) {
    if (!t) return null;
    const [x] = node.inputs;
    const kept = keptShape(x.shape, node.attrs);
    const picked = b.mul(t, ctx.align(share(node), x.shape));
    return ctx.reshape(ctx.reduceTo(picked, x.shape, kept), kept, node.output.shape);
  },
};

/** The part of each element in its maximum: 1 where it stands alone, 0 below it. */
function share({ inputs: [x], attrs, output }: Node): Value {
  const top = b.reshape(output, keptShape(x.shape, attrs));
  const hit = b.indicator(b.equal(x, top), x.dtype as FloatType);
  return b.div(hit, b.reduceSum(hit, attrs.axes as readonly number[], true));
}
