/**
 * @module rl/algorithms/create
 *
 * An algorithm by name, with its options checked.
 */
import { a2c, type A2cOptions } from './a2c.js';
import { acktr, type AcktrOptions } from './acktr.js';
import { diagonal, type DiagonalOptions } from './diagonal.js';
import { npg, type NpgOptions } from './npg.js';
import { completeOptions } from './options.js';
import { ppo, type PpoOptions } from './ppo.js';
import { reinforce } from './reinforce.js';
import { smac, type SmacOptions } from './smac.js';
import { trpo, type TrpoOptions } from './trpo.js';
import { woodbury, type WoodburyOptions } from './woodbury.js';
import type { Algorithm, AlgorithmContext, AlgorithmName, OptionValues } from './types.js';

/**
 * Throws `rl/option`, `rl/shared-value`.
 * @throws FimError with `engine/memory`, `fisher/output-not-finite`, `graph/examples-coupled`, `graph/shape`, `kernels/memory`,
 * `kernels/unknown`, `kernels/unsupported`, `likelihood/link`, `likelihood/not-finite`, `likelihood/option`, `likelihood/unknown`,
 * `linalg/no-convergence`, `linalg/not-finite`, `linalg/not-positive-definite`, `linalg/shape`, `matrix/damping`, `matrix/record`,
 * `optim/conjugate-gradient`, `optim/damping`, `optim/decay`, `optim/factor-not-finite`, `optim/kfac`, `optim/kl-direction`,
 * `optim/kl-target`, `optim/score-not-finite`, `optim/state`, `random/index`, `random/seed`, `random/sequence`, `rl/policy`, `tensor/size`
 */
export async function createAlgorithm(
  name: AlgorithmName,
  context: AlgorithmContext,
  values: OptionValues,
): Promise<Algorithm> {
  const options = completeOptions(name, values);
  switch (name) {
    case 'a2c':
      return a2c(context, options as unknown as A2cOptions);
    case 'ppo':
      return ppo(context, options as unknown as PpoOptions);
    case 'reinforce':
      return reinforce(context, options as unknown as A2cOptions);
    case 'trpo':
      return trpo(context, options as unknown as TrpoOptions);
    case 'npg':
      return npg(context, options as unknown as NpgOptions);
    case 'smac':
      return smac(context, options as unknown as SmacOptions);
    case 'woodbury':
      return woodbury(context, options as unknown as WoodburyOptions);
    case 'acktr':
      return acktr(context, options as unknown as AcktrOptions);
    case 'diagonal':
      return diagonal(context, options as unknown as DiagonalOptions);
  }
}
