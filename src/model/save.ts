/**
 * @module model/save
 *
 * A network as an ONNX file that any runtime runs, with likelihood and parameter list as metadata. Weights alone go to safetensors
 * through `data/arrays`.
 */
import { graph } from '../graph/index.js';
import { exportModel } from '../graph/onnx/index.js';
import type { Likelihood } from '../likelihood/types.js';
import { writeMetadata } from './metadata.js';
import type { Network } from './network.js';

/** The ONNX file of h(x; θ); `h` is the output's name. */
export function networkToOnnx(network: Network, likelihood: Likelihood): Uint8Array {
  const inputs = Object.fromEntries([...network.inputs, ...network.parameters, ...network.fixed]);
  return exportModel(graph(inputs, { h: network.h }), {
    parameters: network.weights,
    metadata: writeMetadata({
      likelihood: likelihood.name,
      options: likelihood.options,
      link: likelihood.coordinates,
      parameters: [...network.parameters.keys()],
    }),
  });
}
