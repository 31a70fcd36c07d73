import type { Operator } from '../registry.js';
import { shapeError } from '../value.js';

/** Axes in another order: axis i of the output is axis perm[i] of the input. */
export const Transpose: Operator = {
  name: 'Transpose',
  infer: ([x], attrs) => {
    const perm = attrs.perm as readonly number[];
    const seen = [...perm].sort((p, q) => p - q);
    if (perm.length !== x.shape.length || seen.some((a, i) => a !== i)) {
      throw shapeError('Transpose', [x], `[${perm.join(', ')}] is not an order of its axes`);
    }
    return { dtype: x.dtype, shape: perm.map((a) => x.shape[a]) };
  },
  vjp(ctx, { inputs: [x], attrs, output }, ct) {
    const perm = attrs.perm as readonly number[];
    const source = x.shape.map((_, i) => perm.indexOf(i));
    return [ctx.rearrange(ct, output.shape, x.shape, source)];
  },
  jvp: (ctx, { inputs: [x], attrs, output }, [t]) =>
    t && ctx.rearrange(t, x.shape, output.shape, attrs.perm as readonly number[]),
};
