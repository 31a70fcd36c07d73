/**
 * @module graph/onnx/import/held-type
 *
 * Numbers as the file's own floating-point type holds them, whatever type is computed in. Where one becomes a whole number, a length depends
 * on its last digit: 10 · 0.7 is 7 in float32, while the float32 nearest 0.7 times 10 is less than 7.
 */
import { codeOf } from '../proto/schema.js';
import type { OnnxAttribute, OnnxGraph } from '../proto/index.js';

/** Rounds a number to the type that a graph computes in: float32, or float64 where anything of the graph is. */
export function heldType(graph: OnnxGraph): (x: number) => number {
  return computesInDouble(graph) ? (x) => x : Math.fround;
}

const computesInDouble = ({ inputs, initializers, nodes }: OnnxGraph): boolean =>
  inputs.some(({ elemType }) => elemType === 'float64') ||
  initializers.some(({ dtype }) => dtype === 'float64') ||
  nodes.some(({ opType, attributes }) =>
    Object.entries(attributes).some(([name, a]) => isDouble(a) || (opType === 'Cast' && toDouble(name, a))),
  );

const isDouble = (a: OnnxAttribute): boolean =>
  a.type === 'tensor' ? a.value.dtype === 'float64' : a.type === 'graph' && computesInDouble(a.value);

const toDouble = (name: string, a: OnnxAttribute): boolean =>
  name === 'to' && a.type === 'int' && a.value === codeOf('float64');
