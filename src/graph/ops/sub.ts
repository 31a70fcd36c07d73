import { oneType } from '../infer.js';
import { type Operator, STRAIGHT } from '../operator.js';
import { elementwiseOfTwo, sumTangents } from './binary.js';

/** y = a − b with broadcasting. */
export const Sub: Operator = {
  ...elementwiseOfTwo('Sub', (a, b) => a - b, oneType),
  derivative: {
    vjp: (ctx, { inputs: [p, q], output }, ct, wanted) => [
      wanted[0] ? ctx.reduceTo(ct, output.shape, p.shape) : null,
      wanted[1] ? ctx.b.neg(ctx.reduceTo(ct, output.shape, q.shape)) : null,
    ],
    jvp: (ctx, node, tangents) => sumTangents(ctx, node, tangents, ctx.b.sub, ctx.b.neg),
  },
  second: STRAIGHT,
};
