/**
 * @module rl/train/overrides
 *
 * Settings by name, as a command line or a grid gives them: `NAME=VALUE` over a preset. A name is one of the run's settings or one of the
 * algorithm's options; the
 * tables say what it takes (rl/train/setting-table, rl/algorithms/options).
 */
import type { FimError } from '../../core/errors.js';
import type { NamedSetting, SettingValue } from '../../core/settings/setting.js';
import { nearest } from '../../core/suggest.js';
import { decimal, fits, readSetting } from '../../core/settings/read.js';
import { type Mentioned, placeholder, setting } from '../../core/settings/reference.js';
import { algorithmOptions, badOption } from '../algorithms/options.js';
import type { AlgorithmName, OptionValues } from '../algorithms/types.js';
import type { PresetSettings } from '../presets/types.js';
import { ourName } from './other-names.js';
import { badSetting, badValue, RUN_SETTINGS } from './setting-table.js';

/** A value as JSON or as text. */
export type Override = number | string | boolean | readonly number[];
/** Settings by name, over a preset's. */
export type Overrides = Readonly<Record<string, Override>>;

/** Settings of a run that no preset has and no override gives: they have a place of their own. */
const APART: readonly string[] = ['steps', 'trackFisher'];
const OWN = RUN_SETTINGS.filter(({ name }) => !APART.includes(name));

/** Overrides read and checked: those of the run, and those of its algorithm. */
export interface ReadOverrides {
  readonly run: Readonly<Record<string, SettingValue>>;
  readonly options: OptionValues;
}

/**
 * Reads overrides of a run of `algorithm`, each by its row in the tables. Throws `rl/setting` for a name that is none, `rl/setting` or
 * `rl/option` for a value that it does not take.
 */
export function readOverrides(
  algorithm: AlgorithmName,
  overrides: Readonly<Record<string, Override>>,
): ReadOverrides {
  const run: Record<string, SettingValue> = {};
  const options: Record<string, number | string | boolean> = {};
  const specs = algorithmOptions[algorithm];
  for (const [name, value] of Object.entries(overrides)) {
    const own = OWN.find((spec) => spec.name === name);
    const spec = specs.find((option) => option.name === name);
    if (own) run[name] = valueOf(own, value) ?? refuse(badValue(own, written(value)));
    else if (spec)
      options[name] = (valueOf(spec, value) ?? refuse(badOption(algorithm, spec, written(value)))) as string;
    else
      throw unknown(
        algorithm,
        name,
        value,
        [...OWN, ...specs].map((row) => row.name),
      );
  }
  return { run, options };
}

/**
 * The settings of a run of `algorithm` with some of them replaced. An option that the preset leaves at its default may be named too.
 * Throws what `readOverrides` throws: `rl/setting`, `rl/option`.
 */
export function withOverrides(
  algorithm: AlgorithmName,
  settings: PresetSettings,
  overrides: Overrides,
): PresetSettings {
  const { options, ...rest } = settings;
  const read = readOverrides(algorithm, overrides);
  const own: Record<string, unknown> = { actions: CLIPPED, ...rest, ...read.run };
  // What is not said is clipped: a run that says so is the same run.
  if (own.actions === CLIPPED) delete own.actions;
  return { ...own, options: { ...options, ...read.options } } as unknown as PresetSettings;
}

const CLIPPED = 'clipped';

const written = (value: Override): string => (Array.isArray(value) ? value.join('x') : String(value));

function refuse(error: FimError): never {
  throw error;
}

/** The value that a row takes, from text or as it stands; undefined where it takes none such. */
function valueOf(spec: NamedSetting, value: Override): SettingValue | undefined {
  let found: SettingValue = value;
  if (typeof value === 'string') {
    // Widths of layers are written 64x64 too.
    const read = readSetting(spec, spec.kind === 'integers' ? (widths(value)?.join() ?? value) : value);
    if (!('value' in read)) return undefined;
    found = read.value;
  }
  return fits(spec, found) ? found : undefined;
}

function unknown(algorithm: string, name: string, value: Override, names: readonly string[]): FimError {
  const rule = `is one of ${names.join(', ')}`;
  const ours = ourName(name);
  if (ours === null) {
    const near = nearest(name, names);
    return badSetting(rule, name, near === null ? undefined : setting('set', { [near]: placeholder('…') }));
  }
  if (ours.apart)
    return badSetting(rule, name, setting(ours.name, shown(value)), `${name} is ${setting(ours.name)} here`);
  const called = `${name} is called ${ours.name} here`;
  if (!names.includes(ours.name))
    return badSetting(rule, name, undefined, `${called}, and ${algorithm} has none`);
  return badSetting(rule, name, setting('set', { [ours.name]: shown(value) }), called);
}

/** A value as a complaint repeats it; … where it is nothing that a setting takes. */
const shown = (value: Override): Mentioned => {
  if (typeof value !== 'string') return value;
  const list = widths(value);
  if (list) return list;
  if (!/^[\w.+-]+$/.test(value)) return placeholder('…');
  return value === 'true' || value === 'false' ? value === 'true' : (decimal(value) ?? value);
};

/**
 * `a=1`, `b=x` → overrides. A list that commas took apart (`hidden=64,64`) is put together again. Throws `rl/setting` where there is no
 * `=`.
 */
export function parseOverrides(pairs: readonly string[]): Record<string, Override> {
  const found: [name: string, value: string][] = [];
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    const last = found.at(-1);
    if (at >= 1) found.push([pair.slice(0, at), pair.slice(at + 1)]);
    else if (last && LISTED.test(last[1]) && /^\s*\d+\s*\]?$/.test(pair)) last[1] += `,${pair}`;
    else throw badSetting('reads NAME=VALUE, a list as 64x64', pair);
  }
  return Object.fromEntries(found);
}

/** A list of whole numbers, or its beginning. */
const LISTED = /^\[?\s*\d+(\s*,\s*\d+)*\s*$/;

/** `64x64`, `64,64`, `[64, 64]`; null where it is none of them. */
function widths(text: string): number[] | null {
  const inner = /^\s*\[(.*)\]\s*$/.exec(text)?.[1] ?? text;
  if (!/^\s*\d+(\s*[x,]\s*\d+)*\s*$/.test(inner) || !/[x,[]/.test(text)) return null;
  return inner.split(/[x,]/).map(Number);
}
