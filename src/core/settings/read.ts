/**
 * @module core/settings/read
 *
 * A setting's value from its text, or checked as it stands. Every refusal is the setting's rule, with its range or its choices. Numbers
 * are plain decimals: no hex, no `Infinity`, no empty string that would read as 0.
 */
import { nearest } from '../suggest.js';
import { bytesOfText } from './bytes.js';
import type { NumericSetting, Range, Setting, SettingValue } from './setting.js';
import { ruleOf } from './words.js';

/** A value, or the rule that the text breaks and the text that was probably meant. */
export type Reading =
  { readonly value: SettingValue } | { readonly rule: string; readonly meant?: string | undefined };

const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

/** `0.5`, `1e-3`, undefined for anything else. */
export function decimal(text: string): number | undefined {
  const value = DECIMAL.test(text) ? Number(text) : NaN;
  return Number.isFinite(value) ? value : undefined;
}

/** `1/255` or `0.25`. */
function fraction(text: string): number | undefined {
  const parts = text.split('/').map((part) => decimal(part.trim()));
  if (parts.length > 2 || parts.some((part) => part === undefined)) return undefined;
  const [above, below = 1] = parts as number[];
  return below === 0 ? undefined : above / below;
}

/** `2%` or `0.02`, as 0.02. */
function percent(text: string): number | undefined {
  if (!text.endsWith('%')) return decimal(text);
  const value = decimal(text.slice(0, -1).trim());
  return value === undefined ? undefined : value / 100;
}

const FORMS = { number: decimal, integer: decimal, fraction, percent, bytes: bytesOfText } as const;

/** Whether x lies in the range. */
export function within(x: number, range: Range): boolean {
  return (
    x >= (range.min ?? -Infinity) &&
    x <= (range.max ?? Infinity) &&
    x > (range.above ?? -Infinity) &&
    x < (range.below ?? Infinity)
  );
}

const isWhole = (kind: NumericSetting['kind']): boolean => kind === 'integer' || kind === 'bytes';

function numeric(kind: NumericSetting['kind'], setting: Setting & Range, text: string): Reading {
  const trimmed = text.trim();
  if ('words' in setting && setting.words?.includes(trimmed)) return { value: trimmed };
  const value = FORMS[kind](trimmed);
  // The rule is that of one number, also where it stands in a list.
  const rule = ruleOf({ ...setting, kind } as NumericSetting);
  const meantBytes = kind === 'bytes' && value === undefined ? bytesOfText(`${trimmed}B`) : undefined;
  if (meantBytes !== undefined) return { rule, meant: `${trimmed}B` };
  if (value === undefined || (isWhole(kind) && !Number.isSafeInteger(value))) return { rule };
  if (within(value, setting)) return { value };
  const meant = kind === 'percent' && value >= 1 && within(value / 100, setting);
  return meant ? { rule, meant: `${trimmed}%` } : { rule };
}

function numerics(kind: 'integer' | 'number', setting: Setting & Range, text: string): Reading {
  const values: number[] = [];
  for (const part of splitList(text)) {
    const read = numeric(kind, setting, part);
    if (!('value' in read)) return read;
    values.push(read.value as number);
  }
  return { value: values };
}

/** Splits at commas outside braces, so that `{a,b}*` stays one glob. */
function splitList(text: string): string[] {
  const parts = [''];
  let depth = 0;
  for (const letter of text) {
    if (letter === '{') depth++;
    if (letter === '}') depth = Math.max(0, depth - 1);
    if (letter === ',' && depth === 0) parts.push('');
    else parts[parts.length - 1] += letter;
  }
  return parts.map((part) => part.trim());
}

/** The value of `setting` written as `text`, or the rule that the text breaks. */
export function readSetting(setting: Setting, text: string): Reading {
  switch (setting.kind) {
    case 'boolean':
      return text === 'true' || text === 'false' ? { value: text === 'true' } : { rule: ruleOf(setting) };
    case 'number':
    case 'integer':
    case 'fraction':
    case 'percent':
    case 'bytes':
      return numeric(setting.kind, setting, text);
    case 'integers':
      return numerics('integer', setting, text);
    case 'numbers': {
      const read = numerics('number', setting, text);
      if (!('value' in read)) return read;
      const values = read.value as readonly number[];
      return values.length === 1 ? { value: values[0] } : read;
    }
    case 'list': {
      const parts = splitList(text);
      return parts.includes('') ? { rule: ruleOf(setting) } : { value: parts };
    }
    case 'choice': {
      const value = setting.choiceAliases?.[text] ?? text;
      if (setting.choices.includes(value)) return { value };
      return {
        rule: ruleOf(setting),
        meant: meantBy(text, [...setting.choices, ...Object.keys(setting.choiceAliases ?? {})]),
      };
    }
    case 'path':
      if (text === '') return { rule: 'takes a file name' };
      return endsRight(setting.extensions, text) ? { value: text } : { rule: ruleOf(setting) };
    case 'string':
      return text === '' ? { rule: ruleOf(setting) } : { value: text };
  }
}

const endsRight = (extensions: readonly string[] = [], path: string): boolean =>
  extensions.length === 0 || extensions.some((end) => path.toLowerCase().endsWith(end));

/** Whether `value`, given as it stands and not as text, is one that `setting` takes. */
export function fits(setting: Setting, value: unknown): boolean {
  const number = (v: unknown, whole: boolean): boolean =>
    typeof v === 'number' &&
    Number.isFinite(v) &&
    (!whole || Number.isSafeInteger(v)) &&
    within(v, setting as Range);
  switch (setting.kind) {
    case 'boolean':
      return typeof value === 'boolean';
    case 'choice':
      return typeof value === 'string' && setting.choices.includes(value);
    case 'number':
    case 'integer':
    case 'fraction':
    case 'percent':
    case 'bytes':
      return number(value, isWhole(setting.kind));
    case 'integers':
      return Array.isArray(value) && value.every((v) => number(v, true));
    case 'numbers':
      return number(value, false) || (Array.isArray(value) && value.every((v) => number(v, false)));
    case 'list':
      return Array.isArray(value) && value.every((v) => typeof v === 'string' && v !== '');
    case 'path':
      return typeof value === 'string' && value !== '' && endsRight(setting.extensions, value);
    case 'string':
      return typeof value === 'string' && value !== '';
  }
}

/** The word that was probably meant: the nearest by edit distance, else the only one that begins with what was typed. */
export function meantBy(word: string, candidates: readonly string[]): string | undefined {
  const begun = candidates.filter(
    (candidate) => word.length >= 4 && candidate.startsWith(word.toLowerCase()),
  );
  return nearest(word, candidates) ?? (begun.length === 1 ? begun[0] : undefined);
}
