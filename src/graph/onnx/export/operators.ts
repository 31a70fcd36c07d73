/**
 * @module graph/onnx/export/operators
 *
 * Core operators as ONNX nodes, each in the form that its own file gives. Source: onnx/onnx, Operators.md (opsets 13 to 22).
 */
import { isFloat } from '../../../core/tensor.js';
import { operatorOf } from '../../registry.js';
import type { Node } from '../../value.js';
import type { Emitter } from './emitter.js';

/** Appends the ONNX nodes of a core node. */
export function writeNode(e: Emitter, node: Node): void {
  operatorOf(node.op).onnx.write(
    e,
    node,
    node.inputs.map((v) => e.name(v)),
    e.name(node.output),
  );
}

/** Whether ONNX Runtime's CPU build computes this node in its own type. */
export function hasDoubleKernel(node: Node, lowerDouble: boolean): boolean {
  if (!isFloat(node.output.dtype) || node.output.dtype === 'float32') return true;
  const { doubleKernel } = operatorOf(node.op).onnx;
  return doubleKernel === 'yes' || (doubleKernel === 'lowered' && lowerDouble);
}
