/**
 * @module rl/scores
 *
 * Returns on one scale over environments: score = (return − random)/(reference − random), 0 for random play and 1 for the reference.
 *
 *   random      mean over 1,000 episodes of actions drawn uniformly from the action space, with its standard error, measured by
 *               `npx vite-node bench/random-returns.ts`
 *   reference   the environment's reward threshold; without one, the middle of what PPO reaches in published tables: Walker2d 3500,
 *               Humanoid 790, Pendulum −170, and Pusher −30 (whose threshold of 0 no policy reaches)
 *
 * Neither comes from a comparison that is normalised by it, so a score means the same in all of them. Environments without a
 * reference (CliffWalking, the regulator) have no score.
 */
import { FimError } from '../core/errors.js';

/** What returns of an environment are measured against. */
export interface ScoreScale {
  /** Mean return of random play. */
  readonly random: number;
  /** Standard error of `random`. */
  readonly standardError: number;
  readonly reference: number;
}

export const SCORES: Readonly<Record<string, ScoreScale>> = {
  'CartPole-v1': { random: 22.265, standardError: 0.379, reference: 475 },
  'Acrobot-v1': { random: -499.352, standardError: 0.274, reference: -100 },
  'Pendulum-v1': { random: -1234.47, standardError: 9.11, reference: -170 },
  'MountainCar-v0': { random: -200, standardError: 0, reference: -110 },
  'MountainCarContinuous-v0': { random: -32.5131, standardError: 0.281, reference: 90 },
  'FrozenLake-v1': { random: 0.013, standardError: 0.00358, reference: 0.7 },
  'FrozenLake8x8-v1': { random: 0.002, standardError: 0.00141, reference: 0.85 },
  'Taxi-v4': { random: -774.105, standardError: 3.17, reference: 8 },
  'Hopper-v5': { random: 18.1446, standardError: 0.546, reference: 3800 },
  'HalfCheetah-v5': { random: -281.901, standardError: 2.49, reference: 4800 },
  'Walker2d-v5': { random: 1.80079, standardError: 0.198, reference: 3500 },
  'Ant-v5': { random: -60.5886, standardError: 3.21, reference: 6000 },
  'Swimmer-v5': { random: 0.634925, standardError: 0.345, reference: 360 },
  'Humanoid-v5': { random: 112.69, standardError: 1.02, reference: 790 },
  'Pusher-v5': { random: -149.731, standardError: 0.235, reference: -30 },
  'Reacher-v5': { random: -42.8787, standardError: 0.127, reference: -3.75 },
  'InvertedPendulum-v5': { random: 4.978, standardError: 0.108, reference: 950 },
  'InvertedDoublePendulum-v5': { random: 46.9324, standardError: 0.56, reference: 9100 },
};

/** The scale of an environment; null where it has no reference. */
export function scoreScale(environment: string): ScoreScale | null {
  return Object.hasOwn(SCORES, environment) ? SCORES[environment] : null;
}

/** (return − random)/(reference − random). Throws `rl/score` where the environment has no reference. */
export function normalisedScore(environment: string, value: number): number {
  const scale = scoreScale(environment);
  if (scale === null) {
    throw new FimError({
      code: 'rl/score',
      kind: 'usage',
      where: `score of '${environment}'`,
      rule: `is defined for ${Object.keys(SCORES).join(', ')}`,
      cause: 'no reward threshold and no published reference',
      next: 'compare returns of this environment by themselves',
    });
  }
  return (value - scale.random) / (scale.reference - scale.random);
}
