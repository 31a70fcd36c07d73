/**
 * @module rl/presets/diagonal
 */
import type { DiagonalOptions } from '../algorithms/diagonal.js';
import { npgPresets } from './npg.js';
import type { NpgOptions } from '../algorithms/npg.js';
import type { Preset, PresetTable } from './types.js';

/** Segments and critic of NPG's. */
function likeNpg({ source, settings }: Preset): Preset {
  const {
    fisher: _f,
    cgIterations: _i,
    cgTolerance: _t,
    ...rest
  } = settings.options as unknown as NpgOptions;
  const options: DiagonalOptions = { ...rest, columns: 'exact', damping: 0.01 };
  return {
    source: `${source}; the diagonal instead of conjugate gradients`,
    settings: { ...settings, options: { ...options } },
  };
}

export const diagonalPresets: PresetTable = {
  environments: Object.fromEntries(
    Object.entries(npgPresets.environments).map(([id, preset]) => [id, likeNpg(preset)]),
  ),
  classic: likeNpg(npgPresets.classic),
  mujoco: likeNpg(npgPresets.mujoco),
};
