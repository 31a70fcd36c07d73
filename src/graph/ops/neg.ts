import { floatType } from '../infer.js';
import { same } from '../onnx/export/writers.js';
import { type Operator, perElement, STRAIGHT } from '../operator.js';

/** y = −x. */
export const Neg: Operator = {
  name: 'Neg',
  infer: (inputs) => ({ dtype: floatType('Neg', inputs), shape: inputs[0].shape }),
  derivative: {
    vjp: (ctx, _node, ct) => [ctx.b.neg(ct)],
    jvp: (ctx, _node, [t]) => t && ctx.b.neg(t),
  },
  second: STRAIGHT,
  elementwise: { operands: 1, of: (x) => -x },
  mover: false,
  flops: perElement,
  evaluate: ([x]) => x.data.map((v) => -v),
  onnx: { write: same, doubleKernel: 'yes' },
};
