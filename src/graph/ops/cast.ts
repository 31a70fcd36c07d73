import { type DType, isFloat } from '../../core/tensor.js';
import { codeOf } from '../onnx/proto/schema.js';
import { free, type Operator, STRAIGHT } from '../operator.js';

/** Change of element type; between floating-point types it is linear, from or to anything else it has no derivative. */
export const Cast: Operator = {
  name: 'Cast',
  infer: (inputs, attrs) => ({ dtype: attrs.to as DType, shape: inputs[0].shape }),
  derivative: {
    vjp: (ctx, { inputs: [x], output }, ct) => [
      isFloat(x.dtype) && isFloat(output.dtype) ? ctx.b.cast(ct, x.dtype) : null,
    ],
    jvp: (ctx, { inputs: [x], output }, [t]) =>
      t && isFloat(x.dtype) && isFloat(output.dtype) ? ctx.b.cast(t, output.dtype) : null,
  },
  second: STRAIGHT,
  elementwise: { operands: 1, of: (x) => x },
  mover: true,
  flops: free,
  evaluate: ([x]) => x.data.slice(),
  onnx: {
    write: (e, node, inputs, out) => {
      e.node('Cast', inputs, { to: codeOf(node.attrs.to as DType) }, out);
    },
    doubleKernel: 'yes',
  },
};
