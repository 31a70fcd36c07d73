/**
 * @module stats/interval
 *
 * value ± z·standardError, z = Φ⁻¹((1 + level)/2): symmetric, and never clipped at 0.
 */
import { FimError } from '../core/errors.js';
import { setting } from '../core/settings/reference.js';
import { normalQuantile } from './normal.js';

/** z of a two-sided interval. Throws `stats/level` unless 0 < level < 1. */
export function zOfLevel(level: number): number {
  if (!(level > 0 && level < 1)) {
    const percent = level > 1 && level < 100;
    throw new FimError({
      code: 'stats/level',
      kind: 'usage',
      where: 'confidence level',
      rule: 'a level lies strictly between 0 and 1',
      got: String(level),
      ...(percent ? { cause: 'it was given in per cent' } : {}),
      next: setting('level', percent ? level / 100 : 0.95),
    });
  }
  return -normalQuantile((1 - level) / 2);
}

/**
 * [low, high] about `value`.
 * @throws FimError with `stats/level`
 *
 * @example
 * ```ts
 * import { interval } from 'fim/stats';
 *
 * const [low, high] = interval(10, 1, 0.95);
 * console.log(low.toFixed(2), high.toFixed(2)); // 8.04 11.96
 * ```
 */
export function interval(value: number, standardError: number, level: number): [number, number] {
  const half = zOfLevel(level) * standardError;
  return [value - half, value + half];
}
