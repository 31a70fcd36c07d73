/**
 * @module rl/train/overrides
 *
 * Settings by name, as a command line or a grid gives them: `NAME=VALUE` over a preset. A name is one of the run's settings or one of the
 * algorithm's options; its present value says its type.
 */
import { FimError } from '../../core/errors.js';
import { nearest } from '../../core/suggest.js';
import { defaultsOf } from '../algorithms/options.js';
import type { AlgorithmName } from '../algorithms/types.js';
import type { PresetSettings } from '../presets/types.js';

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
  const own: Record<string, unknown> = { ...rest };
  const defaults = defaultsOf(algorithm);
  const chosen: Record<string, number | string | boolean> = { ...options };
  for (const [name, value] of Object.entries(overrides)) {
    const isOwn = Object.hasOwn(own, name);
    if (!isOwn && !Object.hasOwn(defaults, name)) {
      const names = [...Object.keys(own), ...Object.keys(defaults)];
      const near = nearest(name, names);
      throw complaint(`is one of ${names.join(', ')}`, name, near === null ? undefined : `--set ${near}=…`);
    }
    if (isOwn) own[name] = converted(name, value, own[name]);
    else chosen[name] = converted(name, value, chosen[name] ?? defaults[name]) as number | string | boolean;
  }
  return { ...own, options: chosen } as unknown as PresetSettings;
}

/** `a=1,b=x` → overrides. Throws `rl/setting` where there is no `=`. */
export function parseOverrides(pairs: readonly string[]): Record<string, Override> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      if (at < 1) throw complaint('reads NAME=VALUE', pair);
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}

function converted(name: string, value: Override, present: unknown): unknown {
  const wrong = (rule: string): FimError => complaint(`${name} ${rule}`, String(value));
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
    const parts = typeof value === 'string' ? value.split(/[x,]/).map(Number) : value;
    if (Array.isArray(parts) && parts.every((v) => Number.isSafeInteger(v) && v > 0)) return parts;
    throw wrong('is a list of widths, such as 64x64');
  }
  if (typeof value === 'string') return value;
  throw wrong('is a word');
}

function complaint(rule: string, got: string, next?: string): FimError {
  return new FimError({
    code: 'rl/setting',
    kind: 'usage',
    where: 'training settings',
    rule,
    got,
    ...(next === undefined ? {} : { next }),
  });
}
