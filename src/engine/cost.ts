/**
 * @module engine/cost
 *
 * What a run of a graph costs, roughly, and which engine that suits. Floating-point operations: 2mnk for a product, one for each
 * element that anything else computes; movers are free. Time, from measurements on one core (bench/latency.ts): ONNX Runtime
 * spends 8 µs on a call, 1.3 µs on each tensor that goes in or comes out and 0.35 µs on a node before it is the faster, about
 * 80 GFLOP/s against 30. So it overtakes the small engine near 1 MFLOP for a small network's forward pass, and later for a
 * graph of many nodes or outputs.
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

/** Operations a run beyond which ONNX Runtime is the faster of the two; without a graph, that of a small one is supposed. */
export function overtakenAt(graph: Graph | undefined, dtype: FloatType = 'float32'): number {
  const nodes = graph ? graphNodes(graph).length : 20;
  const tensors = graph ? graph.inputs.length + graph.outputs.length : 10;
  const overhead = 8e-6 + 1.3e-6 * tensors + 0.35e-6 * nodes;
  const width = dtype === 'float64' ? 2 : 1;
  return overhead / (width * (1 / 30e9 - 1 / 80e9));
}
