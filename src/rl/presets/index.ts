/**
 * @module rl/presets
 *
 * Settings of a run by algorithm and environment, each from a published source.
 */
import type { AlgorithmName } from '../algorithms/types.js';
import { listEnvironments } from '../registry.js';
import { a2cPresets } from './a2c.js';
import { acktrPresets } from './acktr.js';
import { diagonalPresets } from './diagonal.js';
import { npgPresets } from './npg.js';
import { ppoPresets } from './ppo.js';
import { reinforcePresets } from './reinforce.js';
import { smacPresets } from './smac.js';
import { trpoPresets } from './trpo.js';
import { woodburyPresets } from './woodbury.js';
import type { Preset, PresetTable } from './types.js';

const tables: Record<AlgorithmName, PresetTable> = {
  acktr: acktrPresets,
  diagonal: diagonalPresets,
  a2c: a2cPresets,
  ppo: ppoPresets,
  reinforce: reinforcePresets,
  trpo: trpoPresets,
  npg: npgPresets,
  smac: smacPresets,
  woodbury: woodburyPresets,
};

/** The preset of an algorithm for an environment: its own, else that of its kind. */
export function presetFor(algorithm: AlgorithmName, environment: string): Preset {
  const table = tables[algorithm];
  if (Object.hasOwn(table.environments, environment)) return table.environments[environment];
  const known = listEnvironments().find((e) => e.id === environment);
  return known?.family === 'MuJoCo' ? table.mujoco : table.classic;
}
