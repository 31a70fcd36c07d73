/**
 * @module rl/render/record
 *
 * An episode as it is watched: a picture or a pose for every step, with reward and return.
 */
import { FimError } from '../../core/errors.js';
import type { Environment } from '../environment.js';
import type { Act } from '../policies/play.js';
import type { Posed, Scene } from './scene.js';

/** One episode to look at. */
export interface Recording {
  /** Name of the environment. */
  readonly id: string;
  /** Seed of its reset. */
  readonly seed: number;
  /** Reward of each step; frames and poses have one entry more, the start. */
  readonly rewards: readonly number[];
  /** How it ended; `stopped`: at the greatest number of steps asked for. */
  readonly end: 'terminated' | 'truncated' | 'stopped';
  /** SVG documents, of environments that draw themselves. */
  readonly frames: readonly string[] | null;
  /** The shapes of a MuJoCo model and where they were. */
  readonly scene: Scene | null;
  /** Pose of every shape in each frame, x y z and the quaternion x y z w [shapes, 7]; empty without a scene. */
  readonly poses: readonly Float32Array[];
  /** Frames a second at the environment's own pace. */
  readonly rate: number;
}

/** Which episode, and how much of it. */
export interface RecordOptions {
  /** Seed of the reset; default 0. */
  seed?: number;
  /** Stops after so many steps. Default 1000. */
  steps?: number;
}

/**
 * Plays one episode. Throws `rl/no-picture` for an environment that neither draws nor has shapes.
 * @throws FimError with `random/seed`, `random/sequence`, `rl/action-finite`, `rl/action-range`, `rl/action-shape`, `rl/closed`,
 * `rl/ended`, `rl/environment-number`, `rl/environment-returns`, `rl/environment-threw`, `rl/new`, `rl/not-reset`, `rl/state`
 */
export function recordEpisode(env: Environment, act: Act, options: RecordOptions = {}): Recording {
  const { seed = 0, steps = 1000 } = options;
  let { observation } = env.reset({ seed });
  const posed = 'scene' in env.dynamics ? (env.dynamics as unknown as Posed) : null;
  if (!posed && env.render() === null) {
    throw new FimError({
      code: 'rl/no-picture',
      kind: 'usage',
      where: env.id,
      rule: 'an environment is watched by what its render() draws',
      got: 'no render()',
      next: 'add render(): string to its dynamics, an SVG document of the present state',
    });
  }
  const frames: string[] = [];
  const poses: Float32Array[] = [];
  const look = (): void => void (posed ? poses.push(posed.pose()) : frames.push(env.render() as string));
  look();
  const rewards: number[] = [];
  let end: Recording['end'] = 'stopped';
  while (rewards.length < steps && env.running) {
    const r = env.step(act(observation));
    observation = r.observation;
    rewards.push(r.reward);
    look();
    if (r.terminated) end = 'terminated';
    else if (r.truncated) end = 'truncated';
  }
  const own = posed ? 1 / posed.dt : (RATES[env.id] ?? (env.observationSpace.kind === 'discrete' ? 4 : 30));
  return {
    id: env.id,
    seed,
    rewards,
    end,
    frames: posed ? null : frames,
    scene: posed?.scene ?? null,
    poses,
    rate: own,
  };
}

/** Steps a second of the simulated time (slowed where that is too fast to see). */
const RATES: Readonly<Record<string, number>> = { 'CartPole-v1': 50, 'Acrobot-v1': 15, 'Pendulum-v1': 20 };
