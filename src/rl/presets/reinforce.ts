/**
 * @module rl/presets/reinforce
 */
import type { JointDescentOptions } from '../algorithms/a2c.js';
import { COMMON, type PresetTable, TIANSHOU, TIANSHOU_AT } from './types.js';

const options: JointDescentOptions = {
  learningRate: 1e-3,
  schedule: 'linear',
  optimiser: 'adam',
  valueCoefficient: 0.5,
  entropyCoefficient: 0,
  maxGradNorm: 0,
  normaliseAdvantages: true,
};

export const reinforcePresets: PresetTable = {
  environments: {},
  classic: {
    source: `${TIANSHOU_AT}/mujoco_reinforce.py, with a learned baseline; segments of 8 × 64 and a learning rate of 3e-3 for runs of 1e5 steps (ours)`,
    settings: {
      ...COMMON,
      environments: 8,
      horizon: 64,
      lambda: 1,
      options: { ...options, learningRate: 3e-3 },
    },
  },
  mujoco: {
    source: `${TIANSHOU_AT}/mujoco_reinforce.py, with a learned baseline`,
    settings: { ...TIANSHOU, environments: 16, horizon: 128, lambda: 1, options: { ...options } },
  },
};
