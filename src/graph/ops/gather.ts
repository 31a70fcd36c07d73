import { oneType } from '../infer.js';
import type { Emitter } from '../onnx/export/emitter.js';
import type { OnnxWriter } from '../onnx/export/writers.js';
import { codeOf } from '../onnx/proto/schema.js';
import { free, type Operator, STRAIGHT } from '../operator.js';
import { type Node, shapeError, type Value } from '../value.js';
import { eachRow, extentsOf, gatheredShape, type IndexForm, indexedAxis, indexForm } from './indexed.js';

/**
 * Elements of a table along one axis by integer indices: inputs (X, i), attributes `axis` of X and `form`. Its forms are those of graph/ops/indexed;
 * an embedding is X = W [V, D], i [N, S], axis 0: Y [N, S, D]. Linear in X, without derivative in i. Reverse: ScatterAdd of the
 * cotangent, rows of one index added; per example into a table for each, else into one. Forward: the tangent's elements.
 */
export const Gather: Operator = {
  name: 'Gather',
  infer: ([x, i], attrs) => {
    const axis = attrs.axis as number;
    const form = indexForm('Gather', x, i);
    if (attrs.form !== form) throw shapeError('Gather', [x, i], `is in form ${form}`);
    indexedAxis('Gather', x, axis);
    return { dtype: oneType('Gather', [x]), shape: gatheredShape(form, x.shape, i.shape, axis) };
  },
  derivative: {
    vjp(ctx, { inputs: [x, i], attrs }, ct) {
      const axis = attrs.axis as number;
      const summed = attrs.form === 'lookup' && !ctx.perExample;
      const length = x.shape[axis] as number;
      return [ctx.b.scatterAdd(ct, i, { axis: ctx.axis(x.shape, axis), length, summed }), null];
    },
    jvp: (ctx, { inputs: [x, i], attrs }, [t]) =>
      t && ctx.b.gather(t, i, ctx.axis(x.shape, attrs.axis as number)),
  },
  second: STRAIGHT,
  elementwise: null,
  mover: true,
  flops: free,
  evaluate([x, i], attrs, shape) {
    const out = new Float64Array(shape.reduce((p, d) => p * d, 1));
    const axis = attrs.axis as number;
    const form = attrs.form as IndexForm;
    const extents = extentsOf(form, x.shape, i.shape, axis);
    eachRow(
      form,
      extents,
      (k) => i.data[k],
      (from, to) => out.set(x.data.subarray(from, from + extents.behind), to),
    );
    return out;
  },
  onnx: { write, doubleKernel: 'yes' },
};

function write(...[e, node, [x, i], out]: Parameters<OnnxWriter>): void {
  const axis = node.attrs.axis as number;
  const form = node.attrs.form as string;
  if (form === 'rows' || (form === 'lookup' && axis === 0)) e.node('Gather', [x, i], { axis }, out);
  else if (form === 'lookup') {
    const rank = node.output.shape.length;
    const read = e.node('Gather', [x, i], { axis });
    e.node('Transpose', [read], { perm: moved(rank, axis, 0) }, out);
  } else own(e, node, [x, i], out);
}

/** The indexed axis moved behind N, GatherND, and what was before it moved back: [N, V, A, D] by [N, K, 1] is [N, K, A, D]. */
function own(e: Emitter, { inputs, attrs }: Node, [x, i]: readonly string[], out: string): void {
  const axis = attrs.axis as number;
  const [table, indices] = inputs as [Value, Value];
  const rank = table.shape.length;
  const front = axis === 1 ? x : e.node('Transpose', [x], { perm: moved(rank, axis, 1) });
  const wide = indices.dtype === 'int64' ? i : e.node('Cast', [i], { to: codeOf('int64') });
  const last = e.node('Unsqueeze', [wide, e.integers([indices.shape.length])]);
  const k = indices.shape.length - 1;
  const read = e.node('GatherND', [front, last], { batch_dims: 1 }, axis === 1 ? out : undefined);
  if (axis === 1) return;
  const before = Array.from({ length: axis - 1 }, (_, a) => 1 + k + a);
  const keys = Array.from({ length: k }, (_, a) => 1 + a);
  const behind = Array.from({ length: rank - 1 - axis }, (_, a) => k + axis + a);
  e.node('Transpose', [read], { perm: [0, ...before, ...keys, ...behind] }, out);
}

/** The order of axes in which the one at `from` stands at `to`. */
function moved(rank: number, from: number, to: number): number[] {
  const order = Array.from({ length: rank }, (_, i) => i);
  order.splice(to, 0, ...order.splice(from, 1));
  return order;
}
