/**
 * @module rl/algorithms/reinforce
 *
 * REINFORCE with a baseline: the score times the return to go less what the value network expected, one step a segment (R. Williams,
 * Machine Learning 1992). Returns to go are advantages with λ = 1, so the loop runs it with λ = 1; where a segment cuts an episode the
 * value stands for the rest. Without a value network nothing is subtracted and nothing stands for the rest: rewards count up to the
 * segment's end.
 */
import { ActorCriticDescent, type JointDescentOptions } from './a2c.js';
import { Joint } from './joint.js';
import { optimiserOf } from './optimisers.js';
import type { Algorithm, AlgorithmContext } from './types.js';

export async function reinforce(context: AlgorithmContext, options: JointDescentOptions): Promise<Algorithm> {
  const { valueCoefficient, entropyCoefficient, maxGradNorm } = options;
  const optimiser = optimiserOf(options.optimiser);
  const joint = await Joint.compile(
    context,
    { optimiser, valueCoefficient, entropyCoefficient, maxGradNorm },
    context.rows,
  );
  return new ActorCriticDescent('reinforce', context, options, joint);
}
