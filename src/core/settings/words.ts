/**
 * @module core/settings/words
 *
 * Phrases about a setting: its range, the rule that its values obey, its default, what stands for its value. The one phrasing of all
 * complaints, help texts and manuals.
 */
import { bytesText } from './bytes.js';
import type { Range, Setting } from './setting.js';

/** The range in words: `at least 1`, `above 0 and below 1`. Undefined where there is none. */
export function rangeText(range: Range, kind?: Setting['kind']): string | undefined {
  const write = kind === 'percent' ? percentText : kind === 'bytes' ? bytesText : String;
  const parts: string[] = [];
  if (range.min !== undefined) parts.push(`at least ${write(range.min)}`);
  if (range.above !== undefined) parts.push(`above ${write(range.above)}`);
  if (range.max !== undefined) parts.push(`at most ${write(range.max)}`);
  if (range.below !== undefined) parts.push(`below ${write(range.below)}`);
  return parts.length === 0 ? undefined : parts.join(' and ');
}

/** The range of a setting in words, undefined where there is none, or where its one end is that of the whole numbers themselves. */
export function rangeOf(setting: Setting): string | undefined {
  if (!('min' in setting || 'max' in setting || 'above' in setting || 'below' in setting)) return undefined;
  if (setting.max === Number.MAX_SAFE_INTEGER) return undefined;
  return rangeText(setting, setting.kind);
}

const KINDS = {
  number: 'takes a number',
  integer: 'takes a whole number',
  fraction: 'takes a number or a fraction such as 1/255',
  percent: 'takes a percentage such as 2%, or the same as 0.02',
  bytes: 'takes a size such as 2GB, 500MB or 512MiB',
  integers: 'takes whole numbers',
  numbers: 'takes numbers',
  string: 'takes a name',
} as const;

/** What every value obeys, as the rest of a sentence: `takes a whole number, at least 1`, `is one of tanh, relu`. */
export function ruleOf(setting: Setting): string {
  switch (setting.kind) {
    case 'boolean':
      return 'is true or false';
    case 'choice': {
      const { choices } = setting;
      return choices.length === 1 ? `can only be ${choices[0]}` : `is one of ${choices.join(', ')}`;
    }
    case 'list':
      return `takes ${metavarOf(setting)}`;
    case 'path': {
      const endings = setting.extensions ?? [];
      return `takes a file name${endings.length > 0 ? ` that ends in ${endings.join(' or ')}` : ''}`;
    }
    case 'string':
      return KINDS.string;
    default: {
      const limits = rangeText(setting, setting.kind);
      const words = 'words' in setting && setting.words ? `, or ${setting.words.join(', ')}` : '';
      return `${KINDS[setting.kind]}${limits === undefined ? '' : `, ${limits}`}${words}`;
    }
  }
}

/** More choices than this are listed in the text, not in the form of the value. */
export const MANY = 6;

/** What stands for the value in help: `FILE`, `a|b`, `N`; empty for a switch. */
export function metavarOf(setting: Setting): string {
  if (setting.metavar !== undefined) return setting.metavar;
  switch (setting.kind) {
    case 'boolean':
      return '';
    case 'choice':
      return setting.choices.length > MANY ? 'NAME' : setting.choices.join('|');
    case 'integer':
      return 'N';
    case 'integers':
      return 'N,N,…';
    case 'numbers':
      return 'X,X,…';
    case 'path':
      return `FILE${setting.extensions?.join('|') ?? ''}`;
    case 'list':
      return 'NAME,…';
    case 'string':
      return 'NAME';
    case 'number':
    case 'fraction':
      return 'X';
    case 'percent':
      return 'P%';
    case 'bytes':
      return 'SIZE';
  }
}

/** The default in words, undefined where an absent value means something that `help` says. */
export function defaultTextOf(setting: Setting): string | undefined {
  if (setting.defaultText !== undefined) return setting.defaultText;
  if (setting.default === undefined) return undefined;
  if (setting.kind === 'percent') return percentText(setting.default);
  if (setting.kind === 'bytes') return bytesText(setting.default);
  return Array.isArray(setting.default) ? setting.default.join(',') : String(setting.default);
}

/** 0.02 → `2%`. */
export const percentText = (x: number): string => `${Number((x * 100).toPrecision(12))}%`;
