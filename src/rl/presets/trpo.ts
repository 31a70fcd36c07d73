/**
 * @module rl/presets/trpo
 */
import type { TrpoOptions } from '../algorithms/trpo.js';
import { COMMON, CRITIC, NATURAL, type PresetTable, TIANSHOU, TIANSHOU_AT, ZOO } from './types.js';

/** Stable-Baselines3-contrib's defaults: damping 0.1, 15 iterations, ε 0.01, backtracks of 0.8 up to 10, damped scaling. */
const options: TrpoOptions = {
  ...NATURAL,
  ...CRITIC,
  klScale: 'damped',
  fisher: 'true',
  damping: 0.1,
  cgIterations: 15,
  cgTolerance: 1e-10,
  backtrack: 0.8,
  maxBacktracks: 10,
  criticEpochs: 10,
  criticMinibatch: 128,
};
const plain = (changes: Partial<TrpoOptions> = {}) => ({ options: { ...options, ...changes } });

export const trpoPresets: PresetTable = {
  environments: {
    'CartPole-v1': {
      source: `${ZOO}, hyperparams/trpo.yml, with the default damping of 0.1: at its 1e-3 fifteen iterations leave a tenth of the residual, steps are too long before the search, and a late collapse costs one seed in five`,
      settings: {
        ...COMMON,
        environments: 2,
        horizon: 512,
        lambda: 0.98,
        ...plain({ criticEpochs: 20, criticMinibatch: 512 }),
      },
    },
    'Acrobot-v1': {
      source: `${ZOO}, hyperparams/trpo.yml`,
      settings: {
        ...COMMON,
        environments: 2,
        horizon: 1024,
        normaliseObservations: true,
        normaliseRewards: true,
        ...plain(),
      },
    },
    'MountainCar-v0': {
      source: `${ZOO}, hyperparams/trpo.yml`,
      settings: {
        ...COMMON,
        environments: 2,
        horizon: 1024,
        normaliseObservations: true,
        normaliseRewards: true,
        ...plain({ criticEpochs: 20 }),
      },
    },
    'Pendulum-v1': {
      source: `${ZOO}, hyperparams/trpo.yml, without state-dependent exploration`,
      settings: {
        ...COMMON,
        environments: 2,
        horizon: 1024,
        discount: 0.9,
        ...plain({ criticEpochs: 15 }),
      },
    },
  },
  classic: {
    source: 'Stable-Baselines3-contrib, defaults of TRPO, with its 2,048 steps spread over 2 environments',
    settings: { ...COMMON, environments: 2, horizon: 1024, ...plain() },
  },
  mujoco: {
    source: `${TIANSHOU_AT}/mujoco_trpo.py`,
    settings: {
      ...TIANSHOU,
      environments: 16,
      horizon: 64,
      ...plain({ schedule: 'linear', cgIterations: 10, criticEpochs: 20, criticMinibatch: 0 }),
    },
  },
};
