/**
 * @module graph/onnx/export/writers
 *
 * The forms in which operators are written as ONNX nodes: under their own name, along one axis, or as a reduction whose axes moved from
 * attribute to operand between opsets. Source: onnx/onnx, Operators.md (opsets 13 to 22).
 */
import type { Node } from '../../value.js';
import type { Emitter } from './emitter.js';

/** Writes one core node so that the value called `out` is its output. */
export type OnnxWriter = (e: Emitter, node: Node, inputs: readonly string[], out: string) => void;

/** Name, operands and meaning are the same in ONNX. */
export const same: OnnxWriter = (e, node, inputs, out) => {
  e.node(node.op, inputs, {}, out);
};

export const alongAxis: OnnxWriter = (e, node, inputs, out) => {
  e.node(node.op, inputs, { axis: node.attrs.axis as number }, out);
};

/** Reductions: axes are an input of ReduceSum from opset 13, of the others from opset 18. */
export const reduction: OnnxWriter = (e, node, inputs, out) => {
  const axes = node.attrs.axes as readonly number[];
  const keepdims = node.attrs.keepdims ? 1 : 0;
  if (axes.length === 0) e.node('Identity', inputs, {}, out);
  else if (node.op === 'ReduceSum' || e.opset >= 18)
    e.node(node.op, [inputs[0], e.integers(axes)], { keepdims }, out);
  else e.node(node.op, inputs, { axes, keepdims }, out);
};
