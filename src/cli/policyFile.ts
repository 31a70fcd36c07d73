/**
 * @module cli/policyFile
 *
 * `--policy FILE`: an ONNX policy, fim's own or anybody's.
 */
import { readBytes } from '../data/files.js';
import { importModel } from '../graph/index.js';
import { loadNetwork, type Network } from '../model/index.js';
import { readMetadata } from '../model/metadata.js';
import type { Space } from '../rl/index.js';

/** The network of the file; one without fim's metadata gives logits for discrete actions, else means. */
export function readPolicy(file: string, actionSpace: Space): Network {
  const bytes = readBytes(file);
  const known = readMetadata(importModel(bytes, { file, dtype: 'float32' }).metadata) !== null;
  const likelihood =
    actionSpace.kind === 'discrete'
      ? { likelihood: 'categorical' }
      : { likelihood: 'gaussian', likelihoodOptions: { variance: 1 } };
  return loadNetwork(bytes, { file, dtype: 'float32', ...(known ? {} : likelihood) }).network;
}
