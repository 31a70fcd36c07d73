import { type DType, sizeOf } from '../../core/tensor.js';
import { ownAxis } from '../infer.js';
import type { Emitter } from '../onnx/export/emitter.js';
import { targetShape } from '../onnx/export/shapes.js';
import type { OnnxWriter } from '../onnx/export/writers.js';
import { free, type Operator, STRAIGHT } from '../operator.js';
import { shapeError } from '../value.js';
import { putAlong } from './reference.js';

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
  derivative: {
    vjp(ctx, { inputs: [x], attrs }, ct) {
      const { axis, before, step } = attrs as Record<string, number>;
      const d = x.shape[axis] as number;
      const used = d === 0 ? 0 : (d - 1) * step + 1;
      return [ctx.b.slice(ct, ctx.axis(x.shape, axis), before, before + used, step)];
    },
    jvp(ctx, { inputs: [x], attrs }, [t]) {
      const { axis, before, after, step } = attrs as Record<string, number>;
      return t && ctx.b.pad(t, ctx.axis(x.shape, axis), before, after, step);
    },
  },
  second: STRAIGHT,
  elementwise: null,
  mover: true,
  flops: free,
  evaluate([x], attrs, shape) {
    const { axis, before, step } = attrs as Record<string, number>;
    const out = new Float64Array(sizeOf(shape));
    putAlong(out, shape, x, axis, (i) => before + i * step);
    return out;
  },
  onnx: { write: pad, doubleKernel: 'yes' },
};

/**
 * Zeros around an axis, and between its elements: for a step s each element becomes a row of s with zeros behind it, the rows are
 * joined, and the s − 1 zeros behind the last are taken off by the negative part of the padding.
 */
function pad(...[e, node, [x], out]: Parameters<OnnxWriter>): void {
  const { axis, before, after, step } = node.attrs as Record<string, number>;
  const value = node.inputs[0];
  const length = value.shape[axis] as number;
  const spread = step > 1 && length > 0;
  let from = x;
  if (spread) {
    const row = [...value.shape];
    row.splice(axis + 1, 0, 1);
    const split = e.node('Reshape', [x, targetShape(e, value, row).name]);
    const rows = padAxis(
      e,
      split,
      { rank: row.length, axis: axis + 1, before: 0, after: step - 1 },
      value.dtype,
    );
    const joined = value.shape.map((d, i) => (i === axis ? length * step : d));
    from = e.node('Reshape', [rows, targetShape(e, value, joined).name]);
  }
  const trimmed = spread ? after - (step - 1) : after;
  padAxis(e, from, { rank: value.shape.length, axis, before, after: trimmed }, value.dtype, out);
}

interface Padding {
  readonly rank: number;
  readonly axis: number;
  readonly before: number;
  readonly after: number;
}

function padAxis(e: Emitter, x: string, padding: Padding, dtype: DType, out?: string): string {
  const { rank, axis, before, after } = padding;
  const pads = new Array<number>(2 * rank).fill(0);
  pads[axis] = before;
  pads[rank + axis] = after;
  return e.node('Pad', [x, e.integers(pads), e.scalar(0, dtype)], { mode: 'constant' }, out);
}
