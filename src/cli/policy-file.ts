/**
 * @module cli/policy-file
 *
 * `--policy FILE`: an ONNX policy, fim's own or anybody's; the folder of a run stands for its policy.
 */
import { basename, dirname, join } from 'node:path';
import { readBytes } from '../disk/files.js';
import { isFolder } from '../disk/paths.js';
import type { Likelihood } from '../likelihood/types.js';
import { importModel } from '../graph/index.js';
import { loadNetwork, type Network } from '../model/index.js';
import { readMetadata } from '../model/metadata.js';
import type { Space } from '../rl/index.js';
import { POLICY_FILE, requirePolicy } from '../store/training/policy.js';

export interface PolicyFile {
  readonly network: Network;
  /** Of actions given the outputs; null where a file of others leaves it open (the scales of a Box). */
  readonly likelihood: Likelihood | null;
  /** The file itself, where a folder was named. */
  readonly file: string;
}

/** The file that a path stands for: that of a run, where it is its folder. */
export const policyPath = (path: string): string => (isFolder(path) ? join(path, POLICY_FILE) : path);

/** The policy of a file; one without fim’s metadata gives logits for discrete actions, else means. Throws `run/policy-damaged` where it is not what the run of its folder wrote. */
export function readPolicy(path: string, actionSpace: Space): PolicyFile {
  const file = policyPath(path);
  const bytes = readBytes(file);
  if (basename(file) === POLICY_FILE) requirePolicy(dirname(file), bytes);
  const known = readMetadata(importModel(bytes, { file, dtype: 'float32' }).metadata) !== null;
  const likelihood =
    actionSpace.kind === 'discrete'
      ? { likelihood: 'categorical' }
      : { likelihood: 'gaussian', likelihoodOptions: { variance: 1 } };
  const loaded = loadNetwork(bytes, { file, dtype: 'float32', ...(known ? {} : likelihood) });
  const says = known || actionSpace.kind === 'discrete';
  return { network: loaded.network, likelihood: says ? loaded.likelihood : null, file };
}
