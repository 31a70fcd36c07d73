/**
 * @module rl/presets/a2c
 */
import type { A2cOptions } from '../algorithms/a2c.js';
import { COMMON, CRITIC, type PresetTable, TIANSHOU, TIANSHOU_AT, ZOO } from './types.js';

/** Stable-Baselines3's defaults, those of the published A2C. */
const options: A2cOptions = {
  critic: 'joint',
  learningRate: 7e-4,
  schedule: 'constant',
  optimiser: 'rmsprop',
  valueCoefficient: 0.5,
  entropyCoefficient: 0,
  maxGradNorm: 0.5,
  normaliseAdvantages: false,
  ...CRITIC,
};
const plain = (changes: Partial<A2cOptions> = {}) => ({ options: { ...options, ...changes } });

export const a2cPresets: PresetTable = {
  environments: {
    'Acrobot-v1': {
      source: `${ZOO}, hyperparams/a2c.yml`,
      settings: {
        ...COMMON,
        environments: 16,
        horizon: 5,
        lambda: 1,
        normaliseObservations: true,
        normaliseRewards: true,
        ...plain(),
      },
    },
    'Pendulum-v1': {
      source: `${ZOO}, hyperparams/a2c.yml, without state-dependent exploration, log σ from 0, orthogonal weights`,
      settings: {
        ...COMMON,
        environments: 8,
        horizon: 8,
        discount: 0.9,
        lambda: 0.9,
        normaliseObservations: true,
        normaliseRewards: true,
        ...plain({ schedule: 'linear', valueCoefficient: 0.4 }),
      },
    },
  },
  classic: {
    source: `${ZOO}, hyperparams/a2c.yml (CartPole-v1): Stable-Baselines3's defaults over 8 environments`,
    settings: { ...COMMON, environments: 8, horizon: 5, lambda: 1, ...plain() },
  },
  mujoco: {
    source: `${TIANSHOU_AT}/mujoco_a2c.py, with scaled rewards instead of scaled critic targets`,
    settings: {
      ...TIANSHOU,
      environments: 16,
      horizon: 5,
      ...plain({ schedule: 'linear', entropyCoefficient: 0.01 }),
    },
  },
};
