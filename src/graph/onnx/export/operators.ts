/**
 * @module graph/onnx/export/operators
 *
 * Core operators as ONNX nodes, one entry each. Most carry their ONNX name already; the rest differ in how axes, shapes and
 * padding are said, or need a few nodes. Source: onnx/onnx, Operators.md (opsets 13 to 22).
 */
import { FimError } from '../../../core/errors.js';
import { type DType, isFloat } from '../../../core/tensor.js';
import { isBatch, type Shape } from '../../dims.js';
import type { Node } from '../../value.js';
import { codeOf } from '../proto/schema.js';
import type { Emitter } from './emitter.js';
import { targetShape } from './shapes.js';

/** Writes one core node so that the value called `out` is its output. */
type Writer = (e: Emitter, node: Node, inputs: readonly string[], out: string) => void;

/** Name, operands and meaning are the same in ONNX. */
const SAME = [
  'Abs',
  'Add',
  'Div',
  'Equal',
  'Erf',
  'Exp',
  'Greater',
  'GreaterOrEqual',
  'Less',
  'LessOrEqual',
  'Log',
  'MatMul',
  'Max',
  'Min',
  'Mul',
  'Neg',
  'Not',
  'Pow',
  'Reciprocal',
  'Relu',
  'Sigmoid',
  'Sign',
  'Sqrt',
  'Sub',
  'Tanh',
  'Where',
] as const;

const same: Writer = (e, node, inputs, out) => {
  e.node(node.op, inputs, {}, out);
};

const alongAxis: Writer = (e, node, inputs, out) => {
  e.node(node.op, inputs, { axis: node.attrs.axis as number }, out);
};

/** Reductions: axes are an input of ReduceSum from opset 13, of the others from opset 18. */
const reduction: Writer = (e, node, inputs, out) => {
  const axes = node.attrs.axes as readonly number[];
  const keepdims = node.attrs.keepdims ? 1 : 0;
  if (axes.length === 0) e.node('Identity', inputs, {}, out);
  else if (node.op === 'ReduceSum' || e.opset >= 18)
    e.node(node.op, [inputs[0], e.integers(axes)], { keepdims }, out);
  else e.node(node.op, inputs, { axes, keepdims }, out);
};

/** ln(1 + eˣ), as max(x, 0) + ln(1 + e^−|x|) where the runtime has no kernel in double precision. */
const softplus: Writer = (e, node, [x], out) => {
  const { dtype } = node.output;
  if (!e.lowerDouble || dtype !== 'float64') {
    e.node('Softplus', [x], {}, out);
    return;
  }
  const tail = e.node('Exp', [e.node('Neg', [e.node('Abs', [x])])]);
  const log = e.node('Log', [e.node('Add', [tail, e.scalar(1, dtype)])]);
  e.node('Add', [e.node('Relu', [x]), log], {}, out);
};

const reshape: Writer = (e, node, [x], out) => {
  const { name, allowzero } = targetShape(e, node.inputs[0], node.attrs.shape as Shape);
  e.node('Reshape', [x, name], allowzero ? { allowzero: 1 } : {}, out);
};

/** Only an operand that has the examples may keep them, so a symbolic dimension is written 1: "as the operand has it". */
const expand: Writer = (e, node, [x], out) => {
  const shape = (node.attrs.shape as Shape).map((d) => (isBatch(d) ? 1 : d));
  e.node('Expand', [x, e.integers(shape)], {}, out);
};

const slice: Writer = (e, node, [x], out) => {
  const { axis, start, end, step } = node.attrs as Record<string, number>;
  e.node(
    'Slice',
    [x, e.integers([start]), e.integers([end]), e.integers([axis]), e.integers([step])],
    {},
    out,
  );
};

/**
 * Zeros around an axis, and between its elements: for a step s each element becomes a row of s with zeros behind it, the rows are
 * joined, and the s − 1 zeros behind the last are taken off by the negative part of the padding.
 */
const pad: Writer = (e, node, [x], out) => {
  const { axis, before, after, step } = node.attrs as Record<string, number>;
  const value = node.inputs[0];
  const length = value.shape[axis] as number;
  const spread = step > 1 && length > 0;
  let from = x;
  if (spread) {
    const row = [...value.shape];
    row.splice(axis + 1, 0, 1);
    const split = e.node('Reshape', [x, targetShape(e, value, row).name]);
    const rows = padAxis(e, split, row.length, axis + 1, 0, step - 1, value.dtype);
    const joined = value.shape.map((d, i) => (i === axis ? length * step : d));
    from = e.node('Reshape', [rows, targetShape(e, value, joined).name]);
  }
  padAxis(e, from, value.shape.length, axis, before, spread ? after - (step - 1) : after, value.dtype, out);
};

function padAxis(
  e: Emitter,
  x: string,
  rank: number,
  axis: number,
  before: number,
  after: number,
  dtype: DType,
  out?: string,
): string {
  const pads = new Array<number>(2 * rank).fill(0);
  pads[axis] = before;
  pads[rank + axis] = after;
  return e.node('Pad', [x, e.integers(pads), e.scalar(0, dtype)], { mode: 'constant' }, out);
}

const WRITERS: Readonly<Record<string, Writer>> = {
  ...Object.fromEntries(SAME.map((op) => [op, same])),
  Softmax: alongAxis,
  LogSoftmax: alongAxis,
  Concat: alongAxis,
  ReduceSum: reduction,
  ReduceMax: reduction,
  Softplus: softplus,
  Reshape: reshape,
  Expand: expand,
  Slice: slice,
  Pad: pad,
  Transpose: (e, node, inputs, out) => {
    e.node('Transpose', inputs, { perm: node.attrs.perm as readonly number[] }, out);
  },
  Cast: (e, node, inputs, out) => {
    e.node('Cast', inputs, { to: codeOf(node.attrs.to as DType) }, out);
  },
};

/** Appends the ONNX nodes of a core node. Throws `onnx/no-writer` for an operator that has none. */
export function writeNode(e: Emitter, node: Node): void {
  const writer = WRITERS[node.op];
  if (!writer) {
    throw new FimError({
      code: 'onnx/no-writer',
      kind: 'internal',
      where: node.origin === '' ? node.op : node.origin,
      rule: 'every core operator has an ONNX form',
      got: node.op,
    });
  }
  writer(
    e,
    node,
    node.inputs.map((v) => e.name(v)),
    e.name(node.output),
  );
}

/** Core operators that can be written. */
export const WRITABLE: readonly string[] = Object.keys(WRITERS);

/** Whether ONNX Runtime's CPU build computes this node: it has no double kernel for Erf, nor for Softplus unless lowered. */
export function hasDoubleKernel(node: Node, lowerDouble: boolean): boolean {
  if (!isFloat(node.output.dtype) || node.output.dtype === 'float32') return true;
  return node.op !== 'Erf' && (node.op !== 'Softplus' || lowerDouble);
}
