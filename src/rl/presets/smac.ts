/**
 * @module rl/presets/smac
 *
 * The paper's hyper-parameters are not known: these are ours, on MuJoCo the segments and critic of the natural gradients, λ = 0.1 and an
 * effective step η/λ of 1.
 */
import type { SmacOptions } from '../algorithms/smac.js';
import { COMMON, CRITIC, NATURAL, type PresetTable, TIANSHOU } from './types.js';

const options: SmacOptions = {
  ...NATURAL,
  ...CRITIC,
  step: 'fixed',
  learningRate: 0.1,
  damping: 0.1,
  sample: 'batch',
  scope: 'network',
};
const source = "fim's own: the sources do not say";

export const smacPresets: PresetTable = {
  environments: {
    'Pendulum-v1': {
      source: `${source}; γ 0.9 as in published presets of this environment`,
      settings: { ...COMMON, environments: 8, horizon: 128, discount: 0.9, options: { ...options } },
    },
  },
  classic: { source, settings: { ...COMMON, environments: 8, horizon: 128, options: { ...options } } },
  mujoco: {
    source: `${source}; networks and normalisation of Tianshou's examples`,
    settings: { ...TIANSHOU, environments: 16, horizon: 64, options: { ...options, schedule: 'linear' } },
  },
};
