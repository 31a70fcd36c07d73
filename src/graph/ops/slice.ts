import { ownAxis } from '../infer.js';
import type { OnnxWriter } from '../onnx/export/writers.js';
import { free, type Operator, STRAIGHT } from '../operator.js';
import { shapeError } from '../value.js';
import { takeAlong } from './reference.js';

const write: OnnxWriter = (e, node, [x], out) => {
  const { axis, start, end, step } = node.attrs as Record<string, number>;
  const bounds = [start, end, axis, step].map((i) => e.integers([i]));
  e.node('Slice', [x, ...bounds], {}, out);
};

/** Elements start, start+step, … before end along one axis (step ≥ 1). Reverse: zeros put back around and between them. */
export const Slice: Operator = {
  name: 'Slice',
  infer: ([x], attrs) => {
    const { axis, start, end, step } = attrs as Record<string, number>;
    ownAxis('Slice', x, axis);
    const d = x.shape[axis] as number;
    if (!(start >= 0 && end <= d && start <= end && step >= 1)) {
      throw shapeError('Slice', [x], `cannot take ${start}:${end}:${step} of axis ${axis}`);
    }
    const count = Math.ceil((end - start) / step);
    return { dtype: x.dtype, shape: x.shape.map((s, i) => (i === axis ? count : s)) };
  },
  derivative: {
    vjp(ctx, { inputs: [x], attrs, output }, ct) {
      const { axis, start, step } = attrs as Record<string, number>;
      const count = output.shape[axis] as number;
      const length = x.shape[axis] as number;
      const used = count === 0 ? 0 : (count - 1) * step + 1;
      return [ctx.b.pad(ct, ctx.axis(x.shape, axis), start, length - start - used, step)];
    },
    jvp(ctx, { inputs: [x], attrs }, [t]) {
      const { axis, start, end, step } = attrs as Record<string, number>;
      return t && ctx.b.slice(t, ctx.axis(x.shape, axis), start, end, step);
    },
  },
  second: STRAIGHT,
  elementwise: null,
  mover: true,
  flops: free,
  evaluate([x], attrs, shape) {
    const { axis, start, step } = attrs as Record<string, number>;
    return takeAlong(shape, x, axis, (i) => start + i * step);
  },
  onnx: { write, doubleKernel: 'yes' },
};
