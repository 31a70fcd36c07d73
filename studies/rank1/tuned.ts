/**
 * @module studies/rank1/tuned
 *
 * The configurations that `npm run study -- rank1 --preset tune` chose (all that were tried: docs/reproduce/rank1/tuning.json). An environment
 * that is not there runs with presets.
 */
import type { Chosen } from './tuning.js';

export const TUNED_CONFIGURATIONS: Chosen = {
  'CartPole-v1': {
    smac: { damping: 0.1, learningRate: 0.1 },
    'a2c-plain': { learningRate: 0.6 },
    a2c: { learningRate: 0.003, entropyCoefficient: 0.01 },
    ppo: { learningRate: 0.001, clip: 0.2 },
    trpo: { targetKl: 0.003, damping: 0.1 },
    npg: { targetKl: 0.003, damping: 0.01 },
    acktr: { targetKl: 0.01, learningRate: 1 },
    woodbury: { targetKl: 0.04, damping: 0.001 },
  },
  'Acrobot-v1': {
    smac: { damping: 10, learningRate: 3 },
    'a2c-plain': { learningRate: 0.6 },
    a2c: { learningRate: 0.0003, entropyCoefficient: 0.01 },
    ppo: { learningRate: 0.0006, clip: 0.1 },
    trpo: { targetKl: 0.01, damping: 0.1 },
    npg: { targetKl: 0.003, damping: 0.1 },
    acktr: { targetKl: 0.03, learningRate: 0.25 },
    woodbury: { targetKl: 0.01, damping: 0.001 },
  },
  'Pendulum-v1': {
    smac: { damping: 0.1, learningRate: 0.03 },
    'a2c-plain': { learningRate: 0.3 },
    a2c: { learningRate: 0.0007, entropyCoefficient: 0.01 },
    ppo: { learningRate: 0.001, clip: 0.2 },
    trpo: { targetKl: 0.01, damping: 0.01 },
    npg: { targetKl: 0.02, damping: 0.01 },
    acktr: { targetKl: 0.03, learningRate: 0.25 },
    woodbury: { targetKl: 0.04, damping: 0.001 },
  },
  'Hopper-v5': {
    smac: { damping: 10, learningRate: 10 },
    'a2c-plain': { learningRate: 1 },
    a2c: { learningRate: 0.003, entropyCoefficient: 0.01 },
    ppo: { learningRate: 0.001, clip: 0.2 },
    trpo: { targetKl: 0.02, damping: 0.1 },
    npg: { targetKl: 0.02, damping: 0.1 },
    acktr: { targetKl: 0.03, learningRate: 0.25 },
    woodbury: { targetKl: 0.02, damping: 0.001 },
  },
  'HalfCheetah-v5': {
    smac: { damping: 0.1, learningRate: 0.03 },
    'a2c-plain': { learningRate: 0.3 },
    a2c: { learningRate: 0.003, entropyCoefficient: 0 },
    ppo: { learningRate: 0.0003, clip: 0.2 },
    trpo: { targetKl: 0.04, damping: 0.1 },
    npg: { targetKl: 0.04, damping: 0.1 },
    acktr: { targetKl: 0.03, learningRate: 1 },
    woodbury: { targetKl: 0.02, damping: 0.001 },
  },
};
