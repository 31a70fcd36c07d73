import * as b from '../build.js';
import { floatType } from '../infer.js';
import type { Operator } from '../registry.js';

/** y = −x. */
export const Neg: Operator = {
  name: 'Neg',
  infer: (inputs) => ({ dtype: floatType('Neg', inputs), shape: inputs[0].shape }),
  vjp: (_ctx, _node, ct) => [b.neg(ct)],
  jvp: (_ctx, _node, [t]) => t && b.neg(t),
};
