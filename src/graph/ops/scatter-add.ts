import { sizeOf, tensor } from '../../core/tensor.js';
import { batchAxis, type Dim, isBatch, mulDim, N, sameDims, type Shape } from '../dims.js';
import { floatType } from '../infer.js';
import type { Emitter } from '../onnx/export/emitter.js';
import { computedShape, targetShape } from '../onnx/export/shapes.js';
import type { OnnxWriter } from '../onnx/export/writers.js';
import { codeOf } from '../onnx/proto/schema.js';
import { type Operator, STRAIGHT } from '../operator.js';
import { type Node, shapeError, type Value } from '../value.js';
import { eachRow, extentsOf, gatheredShape, type IndexForm, indexForm } from './indexed.js';

/**
 * The transpose of Gather: adds rows of U to a table of zeros that has `length` elements along `axis`, those of one index together. Inputs
 * (U, i), U as Gather reads it; attributes `axis` and `length` of the table, and the form of that Gather (graph/ops/indexed): `rows`,
 * `own`, or `lookup`, which sums over the examples into one table. Reverse: Gather of the cotangent; forward: of the tangent likewise.
 */
export const ScatterAdd: Operator = {
  name: 'ScatterAdd',
  infer: ([u, i], attrs) => {
    const table = tableOf(u, i, attrs);
    return { dtype: floatType('ScatterAdd', [u]), shape: table };
  },
  derivative: {
    vjp: (ctx, { inputs: [, i], attrs, output }, ct) => [
      ctx.b.gather(ct, i, ctx.axis(output.shape, attrs.axis as number)),
      null,
    ],
    jvp: (ctx, { inputs: [, i], attrs, output }, [t]) =>
      t &&
      ctx.b.scatterAdd(t, i, {
        axis: ctx.axis(output.shape, attrs.axis as number),
        length: attrs.length as number,
        summed: attrs.form === 'lookup',
      }),
  },
  second: STRAIGHT,
  elementwise: null,
  mover: false,
  flops: ({ inputs: [u] }, size) => size(u.shape),
  evaluate([u, i], attrs, shape) {
    const out = new Float64Array(sizeOf(shape));
    const form = attrs.form as IndexForm;
    const extents = extentsOf(form, shape, i.shape, attrs.axis as number);
    eachRow(
      form,
      extents,
      (k) => i.data[k],
      (to, from) => {
        for (let d = 0; d < extents.behind; d++) out[to + d] += u.data[from + d];
      },
    );
    return out;
  },
  onnx: { write, doubleKernel: 'yes' },
};

/** Shape of the table that U was read from. Throws `graph/shape`, `graph/examples-coupled`. */
function tableOf(u: Value, i: Value, attrs: Node['attrs']): Dim[] {
  const axis = attrs.axis as number;
  const form = attrs.form as IndexForm;
  const at = form === 'lookup' ? axis + 1 : axis;
  const count = i.shape.length - (form === 'rows' ? 0 : 1);
  const shape = form === 'lookup' ? u.shape.slice(1) : [...u.shape];
  const table: Dim[] = [...shape.slice(0, axis), attrs.length as number, ...shape.slice(axis + count)];
  const stands: Value = { ...u, shape: table };
  if (
    at + count > u.shape.length ||
    indexForm('ScatterAdd', stands, i) !== form ||
    !sameDims(gatheredShape(form, table, i.shape, axis), u.shape)
  )
    throw shapeError('ScatterAdd', [u, i], 'rows and indices must fit');
  return table;
}

const product = (dims: Shape): Dim => dims.reduce((p, d) => mulDim(p, d) as Dim, 1);

/** [A, K, D] (or [N, A, K, D]) by ScatterElements, indices repeated for A and D; for one table of all examples K is N·K. */
function write(...[e, node, [u, i], out]: Parameters<OnnxWriter>): void {
  const { axis, length, form } = node.attrs as { axis: number; length: number; form: IndexForm };
  const [rows, indices] = node.inputs;
  const own = form === 'own';
  const table = node.output.shape;
  const before = product(table.slice(own ? 1 : 0, axis));
  const behind = product(table.slice(axis + 1));
  const k = product(form === 'rows' ? indices.shape : indices.shape.slice(1)) as number;
  const lead: Dim[] = own ? [N] : [];
  const count: Dim = form === 'lookup' ? { batch: k } : k;
  const from = form === 'lookup' ? together(e, u, rows, { before: before as number, k, behind }) : u;
  const shaped = (name: string, like: Value, shape: Shape): string => {
    const { name: target, allowzero } = targetShape(e, like, shape);
    return e.node('Reshape', [name, target], allowzero ? { allowzero: 1 } : {});
  };
  const updates = shaped(from, rows, [...lead, before, count, behind]);
  const target = targetShape(e, batchAxis(table) >= 0 ? rows : node.output, table);
  let added: string;
  if (e.opset < 16) {
    const hot = oneHot(e, shaped(i, indices, [...lead, 1, count]), length, rows.dtype);
    added = e.node('MatMul', [hot, updates]);
  } else {
    const narrow = shaped(i, indices, [...lead, 1, count, 1]);
    const wide = e.node('Expand', [narrow, e.node('Shape', [updates])]);
    const sizes = [...lead, before, length, behind];
    const shape = sizes.some(isBatch) ? computedShape(e, rows, sizes) : e.integers(sizes as number[]);
    const zeros = e.node('Expand', [e.scalar(0, rows.dtype), shape]);
    added = e.node('ScatterElements', [zeros, wide, updates], { axis: own ? 2 : 1, reduction: 'add' });
  }
  e.node('Reshape', [added, target.name], target.allowzero ? { allowzero: 1 } : {}, out);
}

/** Before opset 16 no scatter adds: indices [.., K] as a matrix [.., V, K] of 0 and 1, by which the rows are multiplied. */
function oneHot(e: Emitter, indices: string, length: number, dtype: Value['dtype']): string {
  const depth = e.constant(tensor('int64', [], [length]));
  const wide = e.node('Cast', [indices], { to: codeOf('int64') });
  const hot = e.node('OneHot', [wide, depth, e.constant(tensor('float32', [2], [0, 1]))], { axis: -2 });
  return e.node('Cast', [hot], { to: codeOf(dtype) });
}

/** [N, A, K, D] with A in front. */
function together(
  e: Emitter,
  u: string,
  rows: Value,
  { before, k, behind }: { before: number; k: number; behind: Dim },
): string {
  if (before === 1) return u;
  const split = targetShape(e, rows, [N, before, k, behind]);
  return e.node('Transpose', [e.node('Reshape', [u, split.name])], { perm: [1, 0, 2, 3] });
}
