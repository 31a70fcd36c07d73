/**
 * @module settings/settings
 *
 * Every setting as plain data, for whoever makes a form, a manual or a check of them: names, kinds, choices, ranges, defaults, units and
 * help. It survives JSON. Settings that a help text mentions stand as core/settings/reference writes them.
 */
import type { NamedSetting } from '../core/settings/setting.js';
import { algorithmOptions, type OptionSpec } from '../rl/algorithms/options.js';
import type { AlgorithmName } from '../rl/algorithms/types.js';
import { RUN_SETTINGS } from '../rl/train/setting-table.js';
import type { Row } from './row.js';
import { SETTINGS } from './table.js';

/** Settings by what takes them. */
export interface SettingsTable {
  /** Of jobs: which take one stands in its `commands`, which words differ for one of them in `perCommand`. */
  readonly jobs: readonly NamedSetting<Row>[];
  /** Of a training run, given as `set`; a preset fills in what is left out. */
  readonly training: readonly NamedSetting[];
  /** Of each algorithm, given as `set` too, with the source of every default. */
  readonly algorithms: Readonly<Record<AlgorithmName, readonly OptionSpec[]>>;
}

/** The settings table. */
export const settings: SettingsTable = {
  jobs: Object.entries(SETTINGS).map(([name, row]: [string, Row]) => ({ name, ...row })),
  training: RUN_SETTINGS,
  algorithms: algorithmOptions,
};
