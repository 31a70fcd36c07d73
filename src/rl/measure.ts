/**
 * @module rl/measure
 *
 * Steps a second of an environment under random actions, by a clock that the caller brings (the library reads none).
 */
import { Sequence } from '../core/random.js';
import { randomAction } from './check.js';
import type { Environment } from './environment.js';
import { allocateFor } from './spaces.js';

/** How long steps are measured, and by which clock. */
export interface MeasureOptions {
  /** Milliseconds, of the wall or of the processor. */
  clock: () => number;
  /** At least so long, after a warm-up of a tenth of it. Default 1000. */
  milliseconds?: number;
  /** Seed of the environment and of the actions; default 0. */
  seed?: number;
}

/** How fast an environment steps under random actions. */
export interface Speed {
  /** Steps that were timed. */
  readonly steps: number;
  /** Episodes that ended meanwhile. */
  readonly episodes: number;
  /** Time that they took. */
  readonly milliseconds: number;
  /** Their ratio. */
  readonly stepsPerSecond: number;
}

/**
 * Steps `env` in place, resetting where episodes end. It is left in the middle of an episode.
 * @throws FimError with `random/seed`, `random/sequence`, `rl/action-finite`, `rl/action-range`, `rl/action-shape`, `rl/closed`,
 * `rl/ended`, `rl/environment-number`, `rl/environment-returns`, `rl/environment-threw`, `rl/new`, `rl/not-reset`, `rl/state`
 */
export function measureSteps(env: Environment, options: MeasureOptions): Speed {
  const { clock, milliseconds = 1000, seed = 0 } = options;
  const random = new Sequence(seed, 'measureSteps');
  const actions = Array.from({ length: 256 }, () => randomAction(env.actionSpace, random));
  const observation = allocateFor(env.observationSpace);
  const out = { observation, reward: 0, terminated: false, truncated: false };
  let at = 0;
  let episodes = 0;
  const block = (steps: number): void => {
    for (let i = 0; i < steps; i++) {
      env.stepInto(actions[at++ & 255], out);
      if (env.running) continue;
      episodes++;
      env.resetInto(observation, 0);
    }
  };
  const timed = (target: number): { steps: number; elapsed: number } => {
    const start = clock();
    let steps = 0;
    let elapsed = 0;
    for (let size = 16; elapsed < target; size = Math.min(2 * size, 65536)) {
      block(size);
      steps += size;
      elapsed = clock() - start;
    }
    return { steps, elapsed };
  };
  env.resetInto(observation, 0, { seed });
  timed(milliseconds / 10);
  episodes = 0;
  const { steps, elapsed } = timed(milliseconds);
  return { steps, episodes, milliseconds: elapsed, stepsPerSecond: (1000 * steps) / elapsed };
}
