import * as b from '../build.js';
import type { Shape } from '../dims.js';
import type { Layout } from '../layout.js';
import type { Operator } from '../registry.js';
import { reducedSignature } from './reduce.js';
import type { Value } from '../value.js';

/**
 * Sum over axes. Reverse: the cotangent repeated along them. A sum over the examples is allowed where a derived graph ends in it
 * (its result depends on no single example); inference of an imported network refuses it.
 */
export const ReduceSum: Operator = {
  name: 'ReduceSum',
  infer: ([x], attrs) => reducedSignature('ReduceSum', x, attrs),
  vjp(ctx, { inputs: [x], attrs, output }, ct) {
    const axes = attrs.axes as readonly number[];
    return [ctx.broadcastTo(restoreAxes(ctx, ct, x.shape, output.shape, axes), x.shape)];
  },
  jvp(ctx, { inputs: [x], attrs, output }, [t]) {
    if (!t) return null;
    const axes = (attrs.axes as readonly number[]).map((a) => ctx.axis(x.shape, a));
    return b.reshape(b.reduceSum(t, axes), ctx.shapeOf(output.shape));
  },
};

/** A value in the layout of the reduced shape, with the reduced axes back as 1s in the layout of the full shape. */
export function restoreAxes(
  ctx: Layout,
  value: Value,
  full: Shape,
  reduced: Shape,
  axes: readonly number[],
): Value {
  return ctx.reshape(
    value,
    reduced,
    full.map((d, i) => (axes.includes(i) ? 1 : d)),
  );
}
