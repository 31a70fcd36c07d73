import { sizeOf } from '../../core/tensor.js';
import { sameDim } from '../dims.js';
import { oneType, ownAxis } from '../infer.js';
import { alongAxis } from '../onnx/export/writers.js';
import { free, type Operator, STRAIGHT } from '../operator.js';
import { shapeError, type Value } from '../value.js';
import { putAlong } from './reference.js';

/**
 * Joins operands along one axis. An operand without a batch axis (a class token) must be expanded first. Reverse: the matching
 * slice of the cotangent; forward: the tangents joined, zeros where there is none.
 */
export const Concat: Operator = {
  name: 'Concat',
  infer: (inputs, attrs) => {
    const axis = attrs.axis as number;
    const [first] = inputs;
    ownAxis('Concat', first, axis);
    let total = 0;
    for (const v of inputs) {
      if (
        v.shape.length !== first.shape.length ||
        v.shape.some((d, i) => i !== axis && !sameDim(d, first.shape[i]))
      ) {
        throw shapeError('Concat', inputs, `shapes must agree except on axis ${axis}`);
      }
      ownAxis('Concat', v, axis);
      total += v.shape[axis] as number;
    }
    return { dtype: oneType('Concat', inputs), shape: first.shape.map((d, i) => (i === axis ? total : d)) };
  },
  derivative: {
    vjp(ctx, { inputs, attrs, output }, ct, wanted) {
      const axis = attrs.axis as number;
      const position = ctx.axis(output.shape, axis);
      let start = 0;
      return inputs.map((v, i) => {
        const from = start;
        start += v.shape[axis] as number;
        return wanted[i] ? ctx.b.slice(ct, position, from, start) : null;
      });
    },
    jvp(ctx, { inputs, attrs, output }, tangents) {
      const { b } = ctx;
      const axis = attrs.axis as number;
      const position = ctx.axis(output.shape, axis);
      const known = tangents.filter((t): t is Value => t !== null);
      if (known.length === tangents.length) return b.concat(known, position);
      const total = output.shape[axis] as number;
      let start = 0;
      return tangents.reduce((sum, t, i) => {
        const length = inputs[i].shape[axis] as number;
        const whole = t && b.pad(t, position, start, total - start - length);
        start += length;
        return sum && whole ? b.add(sum, whole) : (sum ?? whole);
      }, null);
    },
  },
  second: STRAIGHT,
  elementwise: null,
  mover: true,
  flops: free,
  evaluate(inputs, attrs, shape) {
    const axis = attrs.axis as number;
    const out = new Float64Array(sizeOf(shape));
    let offset = 0;
    for (const x of inputs) {
      const before = offset;
      putAlong(out, shape, x, axis, (i) => before + i);
      offset += x.shape[axis];
    }
    return out;
  },
  onnx: { write: alongAxis, doubleKernel: 'yes' },
};
