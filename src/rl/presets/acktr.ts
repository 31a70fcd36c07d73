/**
 * @module rl/presets/acktr
 *
 * Defaults of OpenAI baselines and Stable-Baselines 2: 20 steps of 32 environments (classic), segments of 2,500 steps (MuJoCo), learning
 * rate at most 0.25 falling linearly, KL clip 1e-3, decay 0.99. The critic's clip of 0.3 is baselines' on continuous control; its five steps a
 * segment are ours (there 25, each at most 1e-3 long). Published runs share a trunk on images; here policy and value are two
 * networks unless `value` is `shared`.
 */
import type { AcktrOptions } from '../algorithms/acktr.js';
import { COMMON, NATURAL, type PresetTable, TIANSHOU } from './types.js';

const options: AcktrOptions = {
  ...NATURAL,
  learningRate: 0.25,
  schedule: 'linear',
  targetKl: 1e-3,
  columns: 'sampled',
  damping: 0.01,
  decay: 0.99,
  interval: 1,
  criticTargetKl: 0.3,
  criticSteps: 5,
};
const source = 'OpenAI baselines and Stable-Baselines 2, defaults of ACKTR; two networks';

export const acktrPresets: PresetTable = {
  environments: {
    'Pendulum-v1': {
      source: `${source}; γ 0.9 as in published presets of this environment`,
      settings: { ...COMMON, environments: 16, horizon: 16, discount: 0.9, options: { ...options } },
    },
  },
  classic: {
    source,
    settings: {
      ...COMMON,
      environments: 32,
      horizon: 20,
      lambda: 1,
      options: { ...options, entropyCoefficient: 0.01 },
    },
  },
  mujoco: {
    source: `${source}; normalisation of Tianshou's examples; KL clip 2e-3 (ours)`,
    settings: {
      ...TIANSHOU,
      environments: 16,
      horizon: 128,
      options: { ...options, targetKl: 2e-3 },
    },
  },
};
