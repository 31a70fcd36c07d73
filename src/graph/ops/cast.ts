import { type DType, isFloat } from '../../core/tensor.js';
import * as b from '../build.js';
import type { Operator } from '../registry.js';

/** Change of element type; between floating-point types it is linear, from or to anything else it has no derivative. */
export const Cast: Operator = {
  name: 'Cast',
  infer: (inputs, attrs) => ({ dtype: attrs.to as DType, shape: inputs[0].shape }),
  vjp: (_ctx, { inputs: [x], output }, ct) => [
    isFloat(x.dtype) && isFloat(output.dtype) ? b.cast(ct, x.dtype) : null,
  ],
  jvp: (_ctx, { inputs: [x], output }, [t]) =>
    t && isFloat(x.dtype) && isFloat(output.dtype) ? b.cast(t, output.dtype) : null,
};
