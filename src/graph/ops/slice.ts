import * as b from '../build.js';
import { ownAxis } from '../infer.js';
import type { Operator } from '../registry.js';
import { shapeError } from '../value.js';

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
  vjp(ctx, { inputs: [x], attrs, output }, ct) {
    const { axis, start, step } = attrs as Record<string, number>;
    const count = output.shape[axis] as number;
    const length = x.shape[axis] as number;
    const used = count === 0 ? 0 : (count - 1) * step + 1;
    return [b.pad(ct, ctx.axis(x.shape, axis), start, length - start - used, step)];
  },
  jvp(ctx, { inputs: [x], attrs }, [t]) {
    const { axis, start, end, step } = attrs as Record<string, number>;
    return t && b.slice(t, ctx.axis(x.shape, axis), start, end, step);
  },
};
