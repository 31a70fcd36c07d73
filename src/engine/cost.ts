/**
 * @module engine/cost
 *
 * What a run of a graph costs, roughly, and which engine that suits. Floating-point operations: 2mnk for a product, one for each
 * element that anything else computes; movers are free. Time, from measurements on one core: ONNX Runtime spends 17 µs on a
 * call and 0.3 µs on a node before it is faster, about 80 GFLOP/s against 30; so it overtakes the small engine near
 * 1 MFLOP for a graph of few nodes, and later for one of many.
 */
import { type FloatType, sizeOf } from '../core/tensor.js';
import { concrete } from '../graph/dims.js';
import { type Graph, graphNodes } from '../graph/graph.js';

const FREE = new Set(['Reshape', 'Transpose', 'Expand', 'Slice', 'Concat', 'Pad', 'Cast']);

/** Floating-point operations of a run with n examples. */
export function flopsOf(graph: Graph, n: number): number {
  let total = 0;
  for (const { op, inputs, output } of graphNodes(graph)) {
    if (FREE.has(op)) continue;
    const [x] = inputs;
    const elements = sizeOf(concrete(output.shape, n));
    if (op === 'MatMul') total += 2 * elements * sizeOf(concrete(x.shape.slice(-1), n));
    else total += Math.max(elements, sizeOf(concrete(x.shape, n)));
  }
  return total;
}

/** Operations a run beyond which ONNX Runtime is the faster of the two, for a graph of so many nodes. */
export function overtakenAt(nodes: number, dtype: FloatType = 'float32'): number {
  const overhead = 17e-6 + 0.27e-6 * nodes;
  const width = dtype === 'float64' ? 2 : 1;
  return overhead / (width * (1 / 30e9 - 1 / 80e9));
}
