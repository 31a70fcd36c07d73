/**
 * @module engine/cost
 *
 * Costs of a run of a graph, roughly, and which engine they suit. Floating-point operations, by the rule of each operator: 2mnk for a
 * product, one for each element that anything else computes; movers are free. Time, from measurements on one core (bench/latency.ts): ONNX Runtime
 * spends 8 µs on a call, 1.3 µs on each tensor that goes in or comes out and 0.35 µs on a node before it is the faster, about
 * 80 GFLOP/s against 30. So it overtakes the small engine near 1 MFLOP for a small network's forward pass, and later for a
 * graph of many nodes or outputs.
 */
import { type FloatType, sizeOf } from '../core/tensor.js';
import { concrete, type Shape } from '../graph/dims.js';
import { type Graph, graphNodes } from '../graph/graph.js';
import { operatorOf } from '../graph/registry.js';
import type { Node } from '../graph/value.js';

/** Floating-point operations of a run with n examples. */
export function flopsOf(graph: Graph, n: number): number {
  return operationsOf(graphNodes(graph), n);
}

/** The same of a list of nodes. */
export function operationsOf(nodes: readonly Node[], n: number): number {
  const size = (shape: Shape) => sizeOf(concrete(shape, n));
  return nodes.reduce((total, node) => total + operatorOf(node.op).flops(node, size), 0);
}

/** Operations a run beyond which ONNX Runtime is the faster of the two; without a graph, that of a small one is supposed. */
export function overtakenAt(graph: Graph | undefined, dtype: FloatType = 'float32'): number {
  const nodes = graph ? graphNodes(graph).length : 20;
  const tensors = graph ? graph.inputs.length + graph.outputs.length : 10;
  const overhead = 8e-6 + 1.3e-6 * tensors + 0.35e-6 * nodes;
  const width = dtype === 'float64' ? 2 : 1;
  return overhead / (width * (1 / 30e9 - 1 / 80e9));
}
