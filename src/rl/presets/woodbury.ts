/**
 * @module rl/presets/woodbury
 *
 * Nobody has published settings for this form: segments and critic of NPG's, damping by the method of moments.
 */
import type { NpgOptions } from '../algorithms/npg.js';
import type { WoodburyOptions } from '../algorithms/woodbury.js';
import { npgPresets } from './npg.js';
import type { Preset, PresetTable } from './types.js';

function likeNpg({ source, settings }: Preset): Preset {
  const {
    fisher: _f,
    cgIterations: _i,
    cgTolerance: _t,
    ...rest
  } = settings.options as unknown as NpgOptions;
  const options: WoodburyOptions = { ...rest, dampingRule: 'moments', damping: 1e-3 };
  return {
    source: `${source}; damping by the method of moments`,
    settings: { ...settings, options: { ...options } },
  };
}

export const woodburyPresets: PresetTable = {
  environments: Object.fromEntries(
    Object.entries(npgPresets.environments).map(([id, preset]) => [id, likeNpg(preset)]),
  ),
  classic: likeNpg(npgPresets.classic),
  mujoco: likeNpg(npgPresets.mujoco),
};
