import { oneType } from '../infer.js';
import { type Operator, STRAIGHT } from '../operator.js';
import { elementwiseOfTwo, sumTangents } from './binary.js';

/** y = a + b with broadcasting; cotangents are summed over what was broadcast. */
export const Add: Operator = {
  ...elementwiseOfTwo('Add', (a, b) => a + b, oneType, true),
  derivative: {
    vjp: (ctx, { inputs, output }, ct, wanted) =>
      inputs.map((v, i) => (wanted[i] ? ctx.reduceTo(ct, output.shape, v.shape) : null)),
    jvp: (ctx, node, tangents) => sumTangents(ctx, node, tangents, ctx.b.add, (t) => t),
  },
  second: STRAIGHT,
};
