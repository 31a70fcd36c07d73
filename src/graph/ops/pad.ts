import * as b from '../build.js';
import { ownAxis } from '../infer.js';
import type { Operator } from '../registry.js';
import { shapeError } from '../value.js';

/** Zeros before, after, and step − 1 of them between the elements along one axis. Reverse: the slice that takes them out. */
export const Pad: Operator = {
  name: 'Pad',
  infer: ([x], attrs) => {
    const { axis, before, after, step } = attrs as Record<string, number>;
    ownAxis('Pad', x, axis);
    if (!(before >= 0 && after >= 0 && step >= 1))
      throw shapeError('Pad', [x], 'padding must not be negative');
    const d = x.shape[axis] as number;
    const length = before + after + (d === 0 ? 0 : (d - 1) * step + 1);
    return { dtype: x.dtype, shape: x.shape.map((s, i) => (i === axis ? length : s)) };
  },
  vjp(ctx, { inputs: [x], attrs }, ct) {
    const { axis, before, step } = attrs as Record<string, number>;
    const d = x.shape[axis] as number;
    const used = d === 0 ? 0 : (d - 1) * step + 1;
    return [b.slice(ct, ctx.axis(x.shape, axis), before, before + used, step)];
  },
  jvp(ctx, { inputs: [x], attrs }, [t]) {
    const { axis, before, after, step } = attrs as Record<string, number>;
    return t && b.pad(t, ctx.axis(x.shape, axis), before, after, step);
  },
};
