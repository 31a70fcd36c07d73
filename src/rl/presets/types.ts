/**
 * @module rl/presets/types
 *
 * Preset of a run: everything of a run but environment, algorithm, steps and seed, with where it was published.
 */
import type { CriticOptions } from '../algorithms/critic.js';
import type { NaturalOptions } from '../algorithms/natural.js';
import type { TrainSettings } from '../train/settings.js';

/** Settings of a run but environment, algorithm, steps and seed. */
export type PresetSettings = Omit<
  TrainSettings,
  'environment' | 'environmentOptions' | 'module' | 'algorithm' | 'steps' | 'seed'
>;

/** Published settings of an algorithm on an environment. */
export interface Preset {
  /** Where the numbers come from, and what differs. */
  readonly source: string;
  /** The settings. */
  readonly settings: PresetSettings;
}

/** Presets of one algorithm: by environment, else by kind of problem. */
export interface PresetTable {
  readonly environments: Readonly<Record<string, Preset>>;
  /** Classic control and tables that have none of their own. */
  readonly classic: Preset;
  readonly mujoco: Preset;
}

/** Numbers that most published runs share. */
export const COMMON = {
  discount: 0.99,
  lambda: 0.95,
  hidden: [64, 64],
  activation: 'tanh',
  value: 'separate',
  initialLogSigma: 0,
  normaliseObservations: false,
  normaliseRewards: false,
} as const satisfies Partial<PresetSettings>;

/**
 * Tianshou's MuJoCo examples: observations normalised, log σ from −0.5, last policy layer × 0.01, two 64-64 tanh networks. What differs: here
 * rewards are divided by the running deviation of returns (there the critic's targets alone), so advantages of A2C and PPO are in those units
 * too; actions are clipped to the Box, not mapped from [−1, 1] onto it; Adam's ε is 1e-5, not 1e-8.
 */
export const TIANSHOU = {
  ...COMMON,
  initialLogSigma: -0.5,
  normaliseObservations: true,
  normaliseRewards: true,
} as const satisfies Partial<PresetSettings>;

/** Commits that the published settings were read at. */
export const ZOO = 'rl-baselines3-zoo@22e3ff2';
export const TIANSHOU_AT = 'tianshou@f240205, examples/mujoco';

/** Tianshou's critic of NPG and TRPO: Adam at 1e-3, 20 steps on the whole segment. */
export const CRITIC: CriticOptions = {
  criticLearningRate: 1e-3,
  criticEpochs: 20,
  criticMinibatch: 0,
  criticOptimiser: 'adam',
};

/** The policy step of the natural gradients: KL-sized by the exact Fisher. */
export const NATURAL = {
  step: 'kl',
  learningRate: 1,
  schedule: 'constant',
  targetKl: 0.01,
  klScale: 'exact',
  entropyCoefficient: 0,
  entropyPreconditioned: true,
  normaliseAdvantages: true,
} as const satisfies NaturalOptions;
