/**
 * @module data/scale
 *
 * `--scale 1/255`: the factor by which inputs are multiplied, said by the user and never guessed. A fraction is kept as
 * one, so that v·1/255 is rounded once.
 */
import { FimError } from '../core/errors.js';

/** Multiply by `numerator`, then divide by `denominator`. */
export interface Scale {
  /** What values are multiplied by first. */
  readonly numerator: number;
  /** What the product is divided by. */
  readonly denominator: number;
}

/** Reads `1/255`, `0.5`, `1e-3` or a number. Throws `scale/number` (usage) for anything else, zero and infinity. */
export function parseScale(scale: string | number): Scale {
  const parts = String(scale).split('/');
  const [numerator, denominator] = [Number(parts[0]), parts.length === 1 ? 1 : Number(parts[1])];
  const sound = (v: number): boolean => Number.isFinite(v) && v !== 0;
  if (
    parts.length <= 2 &&
    parts.every((part) => part.trim() !== '') &&
    sound(numerator) &&
    sound(denominator)
  ) {
    return { numerator, denominator };
  }
  throw new FimError({
    code: 'scale/number',
    kind: 'usage',
    where: '`scale`',
    rule: 'a scale is a number or a fraction of two, neither of them zero',
    got: String(scale),
    next: "`scale: '1/255'`",
  });
}

/** `v·numerator/denominator`, in float64. */
export function applyScale(v: number, { numerator, denominator }: Scale): number {
  return (v * numerator) / denominator;
}
