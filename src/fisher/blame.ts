/**
 * @module fisher/blame
 *
 * Finds where a derivative is not finite: the first example, by one backward pass in float64 for each until it is found, and the node
 * (fisher/first-fault). Asked for only when a result is refused.
 */
import { type Tensor, tensor, type TypedArray } from '../core/tensor.js';
import { createSmallEngine } from '../engine/small/index.js';
import { input, vjp } from '../graph/index.js';
import { atPrecision, type Network } from '../model/network.js';
import { firstFault, oneExample } from './first-fault.js';
import { Passes } from './passes.js';
import type { ExampleSource } from './source.js';

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
