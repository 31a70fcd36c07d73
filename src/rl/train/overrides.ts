/**
 * @module rl/train/overrides
 *
 * Settings by name, as a command line or a grid gives them: `NAME=VALUE` over a preset. A name is one of the run's settings or one of the
 * algorithm's options; its present value says its type.
 */
import type { FimError } from '../../core/errors.js';
import { nearest } from '../../core/suggest.js';
import { defaultsOf } from '../algorithms/options.js';
import type { AlgorithmName } from '../algorithms/types.js';
import type { PresetSettings } from '../presets/types.js';
import { ourName } from './other-names.js';
import { badSetting } from './setting-table.js';

/** A value as JSON or as text. */
export type Override = number | string | boolean | readonly number[];

/**
 * The settings of a run of `algorithm` with some of them replaced. An option that the preset leaves at its default may be named too.
 * Throws `rl/setting` for a name that is none, or a value of another type.
 */
export function withOverrides(
  algorithm: AlgorithmName,
  settings: PresetSettings,
  overrides: Readonly<Record<string, Override>>,
): PresetSettings {
  const { options, ...rest } = settings;
  const own: Record<string, unknown> = { actions: CLIPPED, ...rest };
  const defaults = defaultsOf(algorithm);
  const chosen: Record<string, number | string | boolean> = { ...options };
  for (const [name, value] of Object.entries(overrides)) {
    const isOwn = Object.hasOwn(own, name);
    if (!isOwn && !Object.hasOwn(defaults, name))
      throw unknown(algorithm, name, value, [...Object.keys(own), ...Object.keys(defaults)]);
    if (isOwn) own[name] = converted(name, value, own[name]);
    else chosen[name] = converted(name, value, chosen[name] ?? defaults[name]) as number | string | boolean;
  }
  // What is not said is clipped: a run that says so is the same run.
  if (own.actions === CLIPPED) delete own.actions;
  return { ...own, options: chosen } as unknown as PresetSettings;
}

const CLIPPED = 'clipped';

function unknown(algorithm: string, name: string, value: Override, names: readonly string[]): FimError {
  const rule = `is one of ${names.join(', ')}`;
  const ours = ourName(name);
  if (ours === null) {
    const near = nearest(name, names);
    return badSetting(rule, name, near === null ? undefined : `--set ${near}=…`);
  }
  if (ours.startsWith('--'))
    return badSetting(rule, name, `${ours} ${shown(value)}`, `${name} is the flag ${ours} here`);
  const called = `${name} is called ${ours} here`;
  if (!names.includes(ours)) return badSetting(rule, name, undefined, `${called}, and ${algorithm} has none`);
  return badSetting(rule, name, `--set ${ours}=${shown(value)}`, called);
}

/** A value as it is written after `=`. */
const shown = (value: Override): string => {
  const text = Array.isArray(value) ? value.join('x') : String(value);
  return widths(text)?.join('x') ?? (/^[\w.+-]+$/.test(text) ? text : '…');
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

function converted(name: string, value: Override, present: unknown): unknown {
  const wrong = (rule: string): FimError => badSetting(`${name} ${rule}`, String(value));
  if (typeof present === 'number') {
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    if (typeof number === 'number' && Number.isFinite(number)) return number;
    throw wrong('is a number');
  }
  if (typeof present === 'boolean') {
    if (value === true || value === 'true') return true;
    if (value === false || value === 'false') return false;
    throw wrong('is true or false');
  }
  if (Array.isArray(present)) {
    const parts = typeof value === 'string' ? (widths(value) ?? [Number(value)]) : value;
    if (Array.isArray(parts) && parts.every((v) => Number.isSafeInteger(v) && v > 0)) return parts;
    throw wrong('is a list of widths, such as 64x64');
  }
  if (typeof value === 'string') return value;
  throw wrong('is a word');
}
