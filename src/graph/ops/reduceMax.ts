import type { FloatType } from '../../core/tensor.js';
import * as b from '../build.js';
import type { Layout } from '../layout.js';
import type { Operator } from '../registry.js';
import type { Node, Value } from '../value.js';
import { reducedSignature } from './reduce.js';
import { restoreAxes } from './reduceSum.js';

/** Maximum over axes; where it is attained more than once the derivative is shared equally. */
export const ReduceMax: Operator = {
  name: 'ReduceMax',
  infer: ([x], attrs) => reducedSignature('ReduceMax', x, attrs),
  vjp(ctx, node, ct) {
    const {
      inputs: [x],
      attrs,
      output,
    } = node;
    const axes = attrs.axes as readonly number[];
    const back = restoreAxes(ctx, ct, x.shape, output.shape, axes);
    return [b.mul(back, ctx.align(share(node), x.shape))];
  },
  jvp(ctx: Layout, node, [t]) {
    if (!t) return null;
    const {
      inputs: [x],
      attrs,
      output,
    } = node;
    const axes = (attrs.axes as readonly number[]).map((a) => ctx.axis(x.shape, a));
    const picked = b.mul(t, ctx.align(share(node), x.shape));
    return b.reshape(b.reduceSum(picked, axes), ctx.shapeOf(output.shape));
  },
};

function share({ inputs: [x], attrs, output }: Node): Value {
  const axes = attrs.axes as readonly number[];
  const top = b.reshape(
    output,
    x.shape.map((d, i) => (axes.includes(i) ? 1 : d)),
  );
  const hit = b.indicator(b.equal(x, top), x.dtype as FloatType);
  return b.div(hit, b.reduceSum(hit, axes, true));
}
