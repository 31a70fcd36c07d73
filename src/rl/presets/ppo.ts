/**
 * @module rl/presets/ppo
 */
import type { PpoOptions } from '../algorithms/ppo.js';
import { COMMON, type PresetTable, TIANSHOU, TIANSHOU_AT, ZOO } from './types.js';

/** Stable-Baselines3's defaults. */
const options: PpoOptions = {
  learningRate: 3e-4,
  schedule: 'constant',
  clip: 0.2,
  clipSchedule: 'constant',
  epochs: 10,
  minibatch: 64,
  optimiser: 'adam',
  valueCoefficient: 0.5,
  entropyCoefficient: 0,
  maxGradNorm: 0.5,
  normaliseAdvantages: true,
  targetKl: 0,
};
const plain = (changes: Partial<PpoOptions> = {}) => ({ options: { ...options, ...changes } });

export const ppoPresets: PresetTable = {
  environments: {
    'CartPole-v1': {
      source: `${ZOO}, hyperparams/ppo.yml`,
      settings: {
        ...COMMON,
        environments: 8,
        horizon: 32,
        discount: 0.98,
        lambda: 0.8,
        ...plain({
          learningRate: 1e-3,
          schedule: 'linear',
          clipSchedule: 'linear',
          epochs: 20,
          minibatch: 256,
        }),
      },
    },
    'Acrobot-v1': {
      source: `${ZOO}, hyperparams/ppo.yml`,
      settings: {
        ...COMMON,
        environments: 16,
        horizon: 256,
        lambda: 0.94,
        normaliseObservations: true,
        normaliseRewards: true,
        ...plain({ epochs: 4 }),
      },
    },
    'MountainCar-v0': {
      source: `${ZOO}, hyperparams/ppo.yml`,
      settings: {
        ...COMMON,
        environments: 16,
        horizon: 16,
        lambda: 0.98,
        normaliseObservations: true,
        normaliseRewards: true,
        ...plain({ epochs: 4 }),
      },
    },
    'Pendulum-v1': {
      source: `${ZOO}, hyperparams/ppo.yml, without state-dependent exploration`,
      settings: {
        ...COMMON,
        environments: 4,
        horizon: 1024,
        discount: 0.9,
        ...plain({ learningRate: 1e-3 }),
      },
    },
    'Swimmer-v5': {
      source: `${ZOO}, hyperparams/ppo.yml (Swimmer-v4)`,
      settings: {
        ...COMMON,
        environments: 4,
        horizon: 1024,
        discount: 0.9999,
        lambda: 0.98,
        normaliseObservations: true,
        normaliseRewards: true,
        ...plain({ learningRate: 6e-4, minibatch: 256 }),
      },
    },
  },
  classic: {
    source: 'Stable-Baselines3, defaults of PPO, with its 2,048 steps spread over 8 environments',
    settings: { ...COMMON, environments: 8, horizon: 256, ...plain() },
  },
  mujoco: {
    source: `${TIANSHOU_AT}/mujoco_ppo.py, without value clipping and recomputed advantages, with scaled rewards instead of scaled critic targets`,
    settings: {
      ...TIANSHOU,
      environments: 8,
      horizon: 256,
      ...plain({ schedule: 'linear', valueCoefficient: 0.25, normaliseAdvantages: false }),
    },
  },
};
