/**
 * @module studies/rank1/scale
 *
 * Scales of the study: arms, environments, steps, seeds.
 *
 *   tune      the eight configurations of each arm in hour's environments at a quarter of its steps, two seeds of its own
 *   hour      all arms, tuned; classic control at 100,000 and 200,000 steps, Hopper and HalfCheetah at 200,000; five seeds
 *   million   PPO and TRPO with published settings on Hopper and HalfCheetah at a million steps; five seeds
 *   full      all arms over the paper's nine environments, MuJoCo at a million steps; arms run as published where they are not tuned
 */
import type { Comparison } from 'fim/store';
import { algorithmOf, type ArmName, ARMS } from './arms.js';
import { type Chosen, configurationOf } from './tuning.js';

export interface Arena {
  readonly id: string;
  readonly steps: number;
}

const SEEDS = [0, 1, 2, 3, 4];
/** Of the tuning: apart from the evaluation's. */
export const TUNING_SEEDS = [1000, 1001];

const CLASSIC: readonly Arena[] = [
  { id: 'CartPole-v1', steps: 100_000 },
  { id: 'Acrobot-v1', steps: 200_000 },
  { id: 'Pendulum-v1', steps: 200_000 },
];
const at = (steps: number, ...ids: string[]): Arena[] => ids.map((id) => ({ id, steps }));
const PAPER = ['Swimmer-v5', 'Pusher-v5', 'Hopper-v5', 'Walker2d-v5', 'HalfCheetah-v5', 'Humanoid-v5'];

export const HOUR: readonly Arena[] = [...CLASSIC, ...at(200_000, 'Hopper-v5', 'HalfCheetah-v5')];
export const MILLION: readonly Arena[] = at(1_000_000, 'Hopper-v5', 'HalfCheetah-v5');
export const FULL: readonly Arena[] = [...CLASSIC, ...at(1_000_000, ...PAPER)];

/** Where and how long arms are tuned. */
export const TUNED: readonly Arena[] = HOUR.map(({ id, steps }) => ({ id, steps: steps / 4 }));

export const PRESETS = ['tune', 'hour', 'million', 'full'] as const;
export type PresetName = (typeof PRESETS)[number];

function comparison(
  title: string,
  arms: readonly ArmName[],
  environments: readonly Arena[],
  tuning: Chosen | null,
): Comparison {
  return {
    title,
    arms: arms.map((arm) => ({
      name: arm,
      algorithm: algorithmOf(arm),
      set: {},
      environments: Object.fromEntries(environments.map(({ id }) => [id, configurationOf(tuning, arm, id)])),
    })),
    environments: environments.map(({ id, steps }) => ({ id, steps, set: {} })),
    seeds: SEEDS,
  };
}

/** The runs of a preset other than the tuning. */
export function comparisonOf(preset: Exclude<PresetName, 'tune'>, tuning: Chosen): Comparison {
  switch (preset) {
    case 'hour':
      return comparison('The rank-1 inverse and its rivals', ARMS, HOUR, tuning);
    case 'million':
      return comparison('PPO and TRPO at a million steps, as published', ['ppo', 'trpo'], MILLION, null);
    case 'full':
      return comparison('The rank-1 inverse and its rivals on nine environments', ARMS, FULL, tuning);
  }
}
