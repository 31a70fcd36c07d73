/**
 * @module fisher/blame
 *
 * Where a number stopped being finite: the first node, in the order of computation, that makes NaN or ∞ of finite operands, for one
 * example, by plain float64 loops over the graph (engine/oracle). Asked for only when a result is refused. Cost: one pass over the
 * graph for one example; to find the example, one backward pass for each until it is found.
 */
import { allocate, type Tensor, tensor, type TypedArray } from '../core/tensor.js';
import { evaluate } from '../engine/oracle/evaluate.js';
import { createSmallEngine } from '../engine/small/index.js';
import { input, nodesOf, type Value, vjp } from '../graph/index.js';
import { concrete } from '../graph/dims.js';
import { atPrecision, type Network } from '../model/network.js';
import { Passes } from './passes.js';
import type { ExampleSource } from './source.js';

/** The first node that makes something that is not finite of finite operands; null where every value is finite. */
export function firstFault(outputs: readonly Value[], inputs: ReadonlyMap<Value, Tensor>): string | null {
  const nodes = nodesOf(outputs);
  const results = evaluate(
    nodes.map((n) => n.output),
    inputs,
    1,
  );
  const bad = new Map<Value, boolean>();
  nodes.forEach((n, i) => bad.set(n.output, !results[i].data.every(Number.isFinite)));
  const fault = nodes.find((n) => bad.get(n.output) && !n.inputs.some((v) => bad.get(v)));
  if (!fault) return null;
  return fault.origin === '' || fault.origin.startsWith(fault.op)
    ? fault.origin || fault.op
    : `${fault.op} of ${fault.origin}`;
}

/** Values of the inputs and weights for the example at `row` of a batch of `n`. */
export function oneExample(
  network: Network,
  data: ReadonlyMap<string, TypedArray>,
  weights: (name: string) => TypedArray,
  row: number,
  n: number,
): Map<Value, Tensor> {
  const values = new Map<Value, Tensor>();
  for (const [name, v] of network.inputs) {
    const all = data.get(name);
    if (!all) continue;
    const width = all.length / n;
    const shape = concrete(v.shape, 1);
    const own = allocate(v.dtype, width);
    (own as Float64Array).set(all.subarray(row * width, (row + 1) * width) as Float64Array);
    values.set(v, { dtype: v.dtype, shape, data: own });
  }
  for (const [name, v] of [...network.parameters, ...network.fixed])
    values.set(v, { dtype: v.dtype, shape: v.shape as readonly number[], data: weights(name) });
  return values;
}

export interface Fault {
  /** Index of the example in the data set. */
  readonly example: number;
  readonly node: string | null;
}

/** The first example for which a derivative of the outputs is not finite, in float64, and the node; null where there is none. */
export async function faultyDerivative(given: Network, source: ExampleSource): Promise<Fault | null> {
  const network = atPrecision(given, 'float64');
  const { h } = network;
  const ct = input('ct', h.dtype, h.shape);
  const gradients = vjp([h], [ct], [...network.parameters.values()]).filter((g) => g !== null);
  const T = h.shape[1] as number;
  const cotangent = Float64Array.from({ length: T }, (_, t) => Math.cos(t + 1));
  const outputs = Object.fromEntries(gradients.map((g, i) => [`g${i}`, g]));
  const passes = await Passes.compile(createSmallEngine(), network, { back: { late: { ct }, outputs } }, 1);
  try {
    for (const { inputs, indices } of source(1, 'float64')) {
      const data = new Map<string, TypedArray>([...inputs].map(([name, t]) => [name, t.data]));
      await passes.forward(data, 1);
      const output = await passes.backward('back', { ct: cotangent }, 1);
      if (gradients.every((_, i) => output(`g${i}`)?.every(Number.isFinite) ?? true)) continue;
      const values = oneExample(network, data, (name) => (network.weights.get(name) as Tensor).data, 0, 1);
      values.set(ct, tensor('float64', [1, T], cotangent));
      return { example: indices[0], node: firstFault(gradients, values) };
    }
    return null;
  } finally {
    passes.dispose();
  }
}
