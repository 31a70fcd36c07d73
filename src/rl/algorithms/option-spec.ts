/**
 * @module rl/algorithms/option-spec
 *
 * Row of a table of options or settings, and the check of a value against it.
 */

/** Limits of a number: `min` and `max` belong to the range, `above` and `below` do not. */
export interface Limits {
  readonly min?: number;
  readonly max?: number;
  readonly above?: number;
  readonly below?: number;
}

/** What values are let through. */
export type ValueRule =
  | ({ readonly type: 'number' | 'integer' } & Limits)
  | { readonly type: 'boolean' }
  | { readonly type: 'choice'; readonly values: readonly string[] };

interface Row {
  readonly name: string;
  /** One line, no full stop. */
  readonly meaning: string;
  /** Where the default comes from. */
  readonly source: string;
}

export type OptionSpec =
  | (Row & Limits & { readonly type: 'number' | 'integer'; readonly default: number })
  | (Row & { readonly type: 'boolean'; readonly default: boolean })
  | (Row & { readonly type: 'choice'; readonly values: readonly string[]; readonly default: string });

/** A rule in words, e.g. `is a number above 0`. */
export function ruleOf(spec: ValueRule): string {
  if (spec.type === 'boolean') return 'is true or false';
  if (spec.type === 'choice') return `is one of ${spec.values.join(', ')}`;
  const limits = [
    spec.min === undefined ? '' : ` of at least ${spec.min}`,
    spec.above === undefined ? '' : ` above ${spec.above}`,
    spec.max === undefined ? '' : ` of at most ${spec.max}`,
    spec.below === undefined ? '' : ` below ${spec.below}`,
  ].filter((l) => l !== '');
  return `is a ${spec.type === 'integer' ? 'whole' : 'finite'} number${limits.join(' and')}`;
}

export function fits(spec: ValueRule, value: unknown): boolean {
  if (spec.type === 'boolean') return typeof value === 'boolean';
  if (spec.type === 'choice') return typeof value === 'string' && spec.values.includes(value);
  if (typeof value !== 'number' || !Number.isFinite(value)) return false;
  if (spec.type === 'integer' && !Number.isSafeInteger(value)) return false;
  const { min = -Infinity, max = Infinity, above = -Infinity, below = Infinity } = spec;
  return value >= min && value <= max && value > above && value < below;
}
