/**
 * @module cli/option-spec
 *
 * Row of the option table. From these rows come parsing, `--help`, `docs/cli.md` and the manifest, and
 * (through `ValueOf`) the TypeScript type that a command sees, so a flag cannot exist in one of them and not in another.
 */

/** Headings under which help lists options, in this order. */
export const GROUPS = {
  likelihood: 'Likelihood',
  estimate: 'Estimate',
  model: 'Model',
  data: 'Data',
  training: 'Training',
  study: 'Study',
  running: 'Running',
  output: 'Output',
} as const;

export type Group = keyof typeof GROUPS;

/** Words that differ from one command to the next; the value's type and default never do. */
export interface Wording {
  help?: string;
  metavar?: string;
  defaultText?: string;
  /** Endings that a path may have. */
  extensions?: readonly string[];
}

interface Row<C extends string> extends Wording {
  /** Commands that take it. */
  commands: readonly C[];
  group: Group;
  /** One line, no full stop. */
  help: string;
  /** Further sentences for `fim help COMMAND` and the manual. */
  long?: string;
  /** Other names of the flag, without dashes. */
  aliases?: readonly string[];
  /** One letter, used as `-o`. */
  short?: string;
  unit?: string;
  /** Said in help where there is no fixed default. */
  defaultText?: string;
  perCommand?: Partial<Record<C, Wording>>;
  /** Makes sense only beside these values of another option; refused where that option is given and differs. */
  onlyWith?: { readonly option: string; readonly values: readonly string[] };
}

/** A closed or open range: `min`/`max` belong to it, `above`/`below` do not. */
export interface Range {
  min?: number;
  max?: number;
  above?: number;
  below?: number;
}

/**
 * `number` 0.5 · `integer` 12 · `fraction` 1/255 or 0.5 · `percent` 2% or 0.02 (the value is 0.02 in both cases).
 */
export interface NumericOption<C extends string = string> extends Row<C>, Range {
  type: 'number' | 'integer' | 'fraction' | 'percent';
  default?: number;
}

/** `list` and `integers` are separated by commas, and the flag may be repeated; `numbers` once, and one of them is a number. */
export interface ListOption<C extends string = string> extends Row<C>, Range {
  type: 'list' | 'integers' | 'numbers';
  default?: readonly string[] | readonly number[];
}

export interface TextOption<C extends string = string> extends Row<C> {
  type: 'string' | 'path';
  default?: string;
}

export interface ChoiceOption<C extends string = string> extends Row<C> {
  type: 'choice';
  values: readonly string[];
  /** Other spellings of a value, e.g. `mc` for `type1`. */
  valueAliases?: Readonly<Record<string, string>>;
  default?: string;
}

/** A switch: absent is false. */
export interface BooleanOption<C extends string = string> extends Row<C> {
  type: 'boolean';
}

export type OptionSpec<C extends string = string> =
  NumericOption<C> | ListOption<C> | TextOption<C> | ChoiceOption<C> | BooleanOption<C>;

/** Everything that an option's value can be once parsed. */
export type OptionValue = string | number | boolean | readonly string[] | readonly number[];

/** The TypeScript type of a row's value. */
export type ValueOf<S> = S extends { type: 'boolean' }
  ? boolean
  : S extends { type: 'choice'; values: readonly (infer V)[] }
    ? V
    : S extends { type: 'list' }
      ? readonly string[]
      : S extends { type: 'integers' }
        ? readonly number[]
        : S extends { type: 'numbers' }
          ? number | readonly number[]
          : S extends { type: 'string' | 'path' }
            ? string
            : number;

/** As a command sees it: switches and rows with a default are always there; a list that was not given is empty. */
export type FilledOf<S> = S extends { type: 'boolean' | 'list' } | { default: unknown }
  ? ValueOf<S>
  : ValueOf<S> | undefined;

/** `targetError` → `--target-error`. */
export function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** The row as one command words it. */
export function wordingOf(spec: OptionSpec, command: string): OptionSpec {
  return { ...spec, ...spec.perCommand?.[command] };
}

/** More choices than this are listed in the text, not in the flag's form. */
export const MANY = 6;

/** What stands for the value in help: `FILE`, `a|b`, `N`; empty for a switch. */
export function metavarOf(spec: OptionSpec): string {
  if (spec.metavar !== undefined) return spec.metavar;
  switch (spec.type) {
    case 'boolean':
      return '';
    case 'choice':
      return spec.values.length > MANY ? 'NAME' : spec.values.join('|');
    case 'integer':
      return 'N';
    case 'integers':
      return 'N,N,…';
    case 'numbers':
      return 'X,X,…';
    case 'path':
      return `FILE${spec.extensions?.join('|') ?? ''}`;
    case 'list':
      return 'NAME,…';
    case 'string':
      return 'NAME';
    case 'number':
    case 'fraction':
      return 'X';
    case 'percent':
      return 'P%';
  }
}

/** The default in words, undefined where an absent option means something that `help` says. */
export function defaultTextOf(spec: OptionSpec): string | undefined {
  if (spec.defaultText !== undefined) return spec.defaultText;
  if (spec.type === 'boolean' || spec.default === undefined) return undefined;
  if (spec.type === 'percent') return `${Number((spec.default * 100).toPrecision(12))}%`;
  return Array.isArray(spec.default) ? spec.default.join(',') : String(spec.default);
}

/** The range in words: `from 1`, `above 0 and below 1`. Undefined where there is none. */
export function rangeTextOf(range: Range, percent = false): string | undefined {
  const write = (x: number): string => (percent ? `${Number((x * 100).toPrecision(12))}%` : String(x));
  const parts: string[] = [];
  if (range.min !== undefined) parts.push(`at least ${write(range.min)}`);
  if (range.above !== undefined) parts.push(`above ${write(range.above)}`);
  if (range.max !== undefined) parts.push(`at most ${write(range.max)}`);
  if (range.below !== undefined) parts.push(`below ${write(range.below)}`);
  return parts.length === 0 ? undefined : parts.join(' and ');
}
