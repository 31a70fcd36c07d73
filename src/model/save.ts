/**
 * @module model/save
 *
 * A network as an ONNX file that any runtime runs, with likelihood and parameter list as metadata. Weights alone go to safetensors
 * through `data/arrays`.
 */
import { graph } from '../graph/index.js';
import { exportModel } from '../graph/onnx/index.js';
import type { Likelihood } from '../likelihood/types.js';
import { type NetworkMetadata, writeMetadata } from './metadata.js';
import type { Network } from './network.js';

/** What is written beside a network about the data that it was trained on. */
export type TrainedOn = Pick<NetworkMetadata, 'columns' | 'classes'>;

/**
 * The ONNX file of h(x; θ); `h` is the output's name, with underscores behind it where a weight or input is called so.
 * @throws FimError with `onnx/empty-shape`, `onnx/name-twice`, `onnx/opset`, `onnx/parameter-shape`, `onnx/too-large`, `onnx/write`,
 * `tensor/size`
 *
 * @example
 * ```ts
 * import { denseNetwork, getLikelihood, loadNetwork, networkToOnnx } from 'fim';
 *
 * const network = denseNetwork({ widths: [4, 8, 3] });
 * const bytes = networkToOnnx(network, getLikelihood('categorical'));
 * console.log([...loadNetwork(bytes).network.parameters.keys()]); // [ 'fc1.weight', 'fc1.bias', 'fc2.weight', 'fc2.bias' ]
 * ```
 */
export function networkToOnnx(network: Network, likelihood: Likelihood, on: TrainedOn = {}): Uint8Array {
  const inputs = [...network.inputs, ...network.parameters, ...network.fixed];
  // One space of names holds inputs and outputs: a weight called h keeps its name.
  let output = 'h';
  for (const names = new Set(inputs.map(([name]) => name)); names.has(output);) output = `${output}_`;
  return exportModel(graph(inputs, [[output, network.h]]), {
    parameters: network.weights,
    metadata: writeMetadata({
      likelihood: likelihood.name,
      options: likelihood.options,
      link: likelihood.coordinates,
      parameters: [...network.parameters.keys()],
      ...on,
    }),
  });
}
