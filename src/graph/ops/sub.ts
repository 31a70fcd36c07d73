import * as b from '../build.js';
import { broadcastShapes, oneType } from '../infer.js';
import type { Operator } from '../registry.js';
import { sumTangents } from './binary.js';

/** y = a − b with broadcasting. */
export const Sub: Operator = {
  name: 'Sub',
  infer: (inputs) => ({
    dtype: oneType('Sub', inputs),
    shape: broadcastShapes(
      'Sub',
      inputs,
      inputs.map((v) => v.shape),
    ),
  }),
  vjp: (ctx, { inputs: [p, q], output }, ct, wanted) => [
    wanted[0] ? ctx.reduceTo(ct, output.shape, p.shape) : null,
    wanted[1] ? b.neg(ctx.reduceTo(ct, output.shape, q.shape)) : null,
  ],
  jvp: (ctx, node, tangents) => sumTangents(ctx, node, tangents, b.sub, b.neg),
};
