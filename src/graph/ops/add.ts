import * as b from '../build.js';
import { broadcastShapes, oneType } from '../infer.js';
import type { Operator } from '../registry.js';
import { sumTangents } from './binary.js';

/** y = a + b with broadcasting; cotangents are summed over what was broadcast. */
export const Add: Operator = {
  name: 'Add',
  infer: (inputs) => ({
    dtype: oneType('Add', inputs),
    shape: broadcastShapes(
      'Add',
      inputs,
      inputs.map((v) => v.shape),
    ),
  }),
  vjp: (ctx, { inputs, output }, ct, wanted) =>
    inputs.map((v, i) => (wanted[i] ? ctx.reduceTo(ct, output.shape, v.shape) : null)),
  jvp: (ctx, node, tangents) => sumTangents(ctx, node, tangents, b.add, (t) => t),
};
