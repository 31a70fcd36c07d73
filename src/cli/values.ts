/**
 * @module cli/values
 *
 * One option's value from its text. Every refusal names the range or the choices. Numbers are plain decimals: no hex, no
 * `Infinity`, no empty string that would read as 0.
 */
import { FimError } from '../core/errors.js';
import {
  flagOf,
  metavarOf,
  type OptionSpec,
  type OptionValue,
  type Range,
  rangeTextOf,
} from './option-spec.js';
import { suggest } from './suggest.js';

const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

/** Where an option stands, for messages. */
export interface Place {
  readonly command: string;
  readonly option: string;
  readonly flag: string;
}

function refuse(place: Place, rule: string, got: string, next?: string): FimError {
  return new FimError({
    code: 'usage/value',
    kind: 'usage',
    where: `fim ${place.command} ${place.flag}`,
    rule,
    got: got === '' ? 'nothing' : got,
    next: next ?? `fim ${place.command} --help`,
  });
}

/** `0.5`, `1e-3`, undefined for anything else. */
function decimal(text: string): number | undefined {
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

const FORMS = {
  number: { read: decimal, rule: 'takes a number' },
  integer: { read: decimal, rule: 'takes a whole number' },
  fraction: { read: fraction, rule: 'takes a number or a fraction such as 1/255' },
  percent: { read: percent, rule: 'takes a percentage such as 2%, or the same as 0.02' },
} as const;

function within(x: number, range: Range): boolean {
  return (
    x >= (range.min ?? -Infinity) &&
    x <= (range.max ?? Infinity) &&
    x > (range.above ?? -Infinity) &&
    x < (range.below ?? Infinity)
  );
}

function numeric(type: keyof typeof FORMS, range: Range, text: string, place: Place): number {
  const form = FORMS[type];
  const limits = rangeTextOf(range, type === 'percent');
  const rule = limits === undefined ? form.rule : `${form.rule}, ${limits}`;
  const value = form.read(text.trim());
  if (value === undefined || (type === 'integer' && !Number.isSafeInteger(value)))
    throw refuse(place, rule, text);
  if (!within(value, range)) {
    const meant = type === 'percent' && value >= 1 && within(value / 100, range);
    throw refuse(place, rule, text, meant ? `${place.flag} ${text.trim()}%` : undefined);
  }
  return value;
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

/**
 * The value of `spec` written as `text`.
 *
 * @throws FimError `usage/value` where the text does not fit the row's type, range, choices or file endings.
 */
export function readValue(spec: OptionSpec, text: string, place: Place): OptionValue {
  switch (spec.type) {
    case 'boolean': {
      if (text === 'true' || text === 'false') return text === 'true';
      throw refuse(place, 'is a switch and takes no value', text, place.flag);
    }
    case 'number':
    case 'integer':
    case 'fraction':
    case 'percent':
      return numeric(spec.type, spec, text, place);
    case 'integers':
      return splitList(text).map((part) => numeric('integer', spec, part, place));
    case 'numbers': {
      const values = splitList(text).map((part) => numeric('number', spec, part, place));
      return values.length === 1 ? values[0] : values;
    }
    case 'list': {
      const parts = splitList(text);
      if (parts.includes('')) throw refuse(place, `takes ${metavarOf(spec)}`, text);
      return parts;
    }
    case 'choice': {
      const value = spec.valueAliases?.[text] ?? text;
      if (spec.values.includes(value)) return value;
      const near = suggest(text, [...spec.values, ...Object.keys(spec.valueAliases ?? {})]);
      const rule =
        spec.values.length === 1 ? `can only be ${spec.values[0]}` : `is one of ${spec.values.join(', ')}`;
      throw refuse(place, rule, text, near === undefined ? undefined : `${place.flag} ${near}`);
    }
    case 'path':
      if (text === '') throw refuse(place, 'takes a file name', text);
      if (
        spec.extensions !== undefined &&
        spec.extensions.length > 0 &&
        !spec.extensions.some((end) => text.toLowerCase().endsWith(end))
      ) {
        const rule = `takes a file name that ends in ${spec.extensions.join(' or ')}`;
        throw refuse(place, rule, text, place.option === 'weights' ? fromCheckpoint(text) : undefined);
      }
      return text;
    case 'string':
      if (text === '') throw refuse(place, 'takes a name', text);
      return text;
  }
}

/** The line that makes a .safetensors file of a checkpoint of torch.save; undefined for any other file. */
function fromCheckpoint(path: string): string | undefined {
  const match = /^(.*)\.(pt|pth|ckpt|bin)$/i.exec(path);
  if (!match || /['"`$\\]/.test(path)) return undefined;
  return `python3 -c "import torch; from safetensors.torch import save_file; m = torch.load('${path}', map_location='cpu'); save_file({k: v.clone().contiguous() for k, v in getattr(m, 'state_dict', lambda: m)().items()}, '${match[1]}.safetensors')"`;
}

/** A flag as it is typed, from the option's key. */
export function placeOf(command: string, option: string): Place {
  return { command, option, flag: flagOf(option) };
}
