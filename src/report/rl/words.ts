/**
 * @module report/rl/words
 *
 * Returns, intervals and probabilities as a reader wants them: `482 ± 14`, `5819 [5210, 6340]`, without powers of ten.
 */
import type { Aggregate, SeedInterval } from '../../stats/aggregate/index.js';
import { formatNumber } from '../format.js';

export const NONE = '–';

/** Decimals that show `size` to two significant digits. */
const decimalsFor = (size: number): number =>
  size > 0 && Number.isFinite(size) ? Math.min(6, Math.max(0, 1 - Math.floor(Math.log10(size)))) : 2;

export function fixed(value: number, decimals: number): string {
  return value
    .toFixed(decimals)
    .replace(/^-(?=[0.]*$)/, '')
    .replace('-', '−');
}

/** A return by itself. */
export function plain(value: number | null): string {
  if (value === null) return NONE;
  const size = Math.abs(value);
  return fixed(value, size >= 99.95 ? 0 : size >= 9.995 ? 1 : size >= 1 ? 2 : 3);
}

/** `482 ± 14` for Student's t, `482 [470, 491]` for a bootstrap, the bare value without an interval. */
export function withInterval(a: Pick<Aggregate, 'value' | 'interval'> | null): string {
  if (a === null) return NONE;
  if (a.interval === null) return plain(a.value);
  const { low, high, method } = a.interval;
  const half = (high - low) / 2;
  const decimals = decimalsFor(half);
  const value = fixed(a.value, decimals);
  if (method === 'student') return `${value} ± ${fixed(half, decimals)}`;
  return `${value} ${brackets(low, high)}`;
}

/** `[470, 491]`. */
export function brackets(low: number, high: number): string {
  const decimals = decimalsFor((high - low) / 2);
  return `[${fixed(low, decimals)}, ${fixed(high, decimals)}]`;
}

/** `t`, `bootstrap, covers 83 %`, or a dash. */
export function methodOf(interval: SeedInterval | null): string {
  if (interval === null) return NONE;
  if (interval.coverage === null) return 't';
  return `bootstrap, covers ${fixed(100 * interval.coverage.coverage, 0)}\u00a0%`;
}

/** A p-value; a dash where there is none. */
export function pText(p: number): string {
  if (Number.isNaN(p)) return NONE;
  return p < 1e-4 ? '<\u00a00.0001' : fixed(p, p < 0.1 ? 4 : 2);
}

export const optional = (x: number | null | undefined, digits = 3): string =>
  x === null || x === undefined || Number.isNaN(x) ? NONE : formatNumber(x, digits);

/** The middle of what is known. */
export function median(values: readonly (number | undefined)[]): number | null {
  const known = values
    .filter((v): v is number => v !== undefined && Number.isFinite(v))
    .sort((a, b) => a - b);
  if (known.length === 0) return null;
  const half = known.length >> 1;
  return known.length % 2 === 1 ? known[half] : (known[half - 1] + known[half]) / 2;
}
