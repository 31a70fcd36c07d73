/**
 * @module rl/algorithms/create
 *
 * An algorithm by name, with its options checked.
 */
import { a2c, type A2cOptions } from './a2c.js';
import { ppo, type PpoOptions } from './ppo.js';
import { reinforce } from './reinforce.js';
import type { Algorithm, AlgorithmContext, AlgorithmName, OptionValues } from './types.js';

export async function createAlgorithm(
  name: AlgorithmName,
  context: AlgorithmContext,
  options: OptionValues,
): Promise<Algorithm> {
  switch (name) {
    case 'a2c':
      return a2c(context, options as unknown as A2cOptions);
    case 'ppo':
      return ppo(context, options as unknown as PpoOptions);
    case 'reinforce':
      return reinforce(context, options as unknown as A2cOptions);
    default:
      throw new Error(name);
  }
}
