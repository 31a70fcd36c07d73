import { sizeOf, stridesOf } from '../../core/tensor.js';
import { free, type Operator, STRAIGHT } from '../operator.js';
import { shapeError } from '../value.js';
import { each, offsetAt } from './reference.js';

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
  derivative: {
    vjp(ctx, { inputs: [x], attrs, output }, ct) {
      const perm = attrs.perm as readonly number[];
      const source = x.shape.map((_, i) => perm.indexOf(i));
      return [ctx.rearrange(ct, output.shape, x.shape, source)];
    },
    jvp: (ctx, { inputs: [x], attrs, output }, [t]) =>
      t && ctx.rearrange(t, x.shape, output.shape, attrs.perm as readonly number[]),
  },
  second: STRAIGHT,
  elementwise: null,
  mover: true,
  flops: free,
  evaluate([x], attrs, shape) {
    const own = stridesOf(x.shape);
    const strides = (attrs.perm as readonly number[]).map((p) => own[p]);
    const out = new Float64Array(sizeOf(shape));
    each(shape, (flat, index) => {
      out[flat] = x.data[offsetAt(index, strides)];
    });
    return out;
  },
  onnx: {
    write: (e, node, inputs, out) => {
      e.node('Transpose', inputs, { perm: node.attrs.perm as readonly number[] }, out);
    },
    doubleKernel: 'yes',
  },
};
