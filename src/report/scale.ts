/**
 * @module report/scale
 *
 * Axes that map data to positions: linear and logarithmic axes with ticks at 1, 2, 5 times powers of ten. A logarithmic axis has
 * decades as labelled ticks where it spans two or more, and thin ones between.
 */
import { FimError } from '../core/errors.js';
import { formatNumber } from './format.js';

/** A mark on an axis. */
export interface Tick {
  /** Where it stands, in the data's unit. */
  readonly value: number;
  /** Empty for a thin tick between labelled ones. */
  readonly label: string;
}

/** A map from data to positions on an axis. */
export interface Scale {
  /** Whether it maps values or their logarithms. */
  readonly kind: 'linear' | 'log';
  /** Lower end. */
  readonly low: number;
  /** Upper end. */
  readonly high: number;
  /** The value's place in [0, 1] between `low` and `high`. */
  at(value: number): number;
  /** Its marks, ascending. */
  readonly ticks: readonly Tick[];
}

/** Smallest of 1, 2, 5 times a power of ten that is at least `step`. */
export function niceStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step));
  const lead = step / power;
  const nice = [1, 2, 5, 10].find((candidate) => lead <= candidate * (1 + 1e-9)) ?? 10;
  return nice * power;
}

/** A linear axis over `[low, high]`, widened to whole steps where `nice`. Equal ends are pulled apart. */
export function linearScale(
  low: number,
  high: number,
  options: { ticks?: number; nice?: boolean } = {},
): Scale {
  const { ticks: wanted = 5, nice = true } = options;
  checkFinite(low, high);
  let [from, to] =
    low === high ? [low - (Math.abs(low) || 1) / 2, high + (Math.abs(high) || 1) / 2] : [low, high];
  const step = niceStep((to - from) / wanted);
  if (nice) {
    from = Math.floor(from / step + 1e-9) * step;
    to = Math.ceil(to / step - 1e-9) * step;
  }
  const ticks: Tick[] = [];
  for (let k = Math.ceil(from / step - 1e-9); k * step <= to + step * 1e-9; k++) {
    ticks.push({ value: k * step, label: tickLabel(k * step, step) });
  }
  return { kind: 'linear', low: from, high: to, ticks, at: (value) => (value - from) / (to - from) };
}

/** A logarithmic axis over `[low, high]`, both positive. Throws `report/log-axis`. */
export function logScale(low: number, high: number, options: { ticks?: number; nice?: boolean } = {}): Scale {
  const { ticks: wanted = 6, nice = false } = options;
  checkFinite(low, high);
  if (!(low > 0)) {
    throw new FimError({
      code: 'report/log-axis',
      kind: 'internal',
      where: 'logScale',
      rule: 'needs positive limits',
      got: `${low} to ${high}`,
    });
  }
  let from = Math.log10(low);
  let to = Math.log10(high);
  if (to - from < 1e-9) [from, to] = [from - 0.5, to + 0.5];
  if (nice) [from, to] = [Math.floor(from + 1e-9), Math.ceil(to - 1e-9)];
  const scale = { kind: 'log' as const, low: 10 ** from, high: 10 ** to };
  return {
    ...scale,
    ticks: logTicks(from, to, wanted),
    at: (value) => (Math.log10(value) - from) / (to - from),
  };
}

function logTicks(from: number, to: number, wanted: number): Tick[] {
  const decades = Math.floor(to + 1e-9) - Math.ceil(from - 1e-9) + 1;
  const every = Math.max(1, Math.ceil(decades / wanted));
  const leads = decades >= 3 ? [1] : to - from > 0.9 ? [1, 2, 5] : [1, 1.5, 2, 3, 4, 5, 6, 7, 8, 9];
  const ticks: Tick[] = [];
  for (let decade = Math.floor(from); decade <= Math.ceil(to); decade++) {
    for (const lead of leads.length < 9 ? [1, 2, 3, 4, 5, 6, 7, 8, 9] : leads) {
      const value = Number(`${lead}e${decade}`);
      const log = Math.log10(value);
      if (log < from - 1e-9 || log > to + 1e-9) continue;
      const labelled = leads.includes(lead) && (leads.length > 1 || decade % every === 0);
      if (!labelled && every > 1 && lead !== 1) continue;
      ticks.push({
        value,
        label: labelled ? (leads.length > 1 ? shortNumber(value) : powerOfTen(decade)) : '',
      });
    }
  }
  return ticks;
}

const SUPERSCRIPT = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** `0.01`, `1`, `1000`, and `10⁻⁵` where that would be long. */
export function powerOfTen(exponent: number): string {
  if (exponent >= -2 && exponent <= 3) return String(Number(`1e${exponent}`));
  const digits = [...String(Math.abs(exponent))].map((digit) => SUPERSCRIPT[Number(digit)]).join('');
  return `10${exponent < 0 ? '⁻' : ''}${digits}`;
}

function shortNumber(value: number): string {
  return Math.abs(value) >= 1e-4 && Math.abs(value) < 1e6
    ? String(Number(value.toPrecision(6)))
    : formatNumber(value, 2);
}

/** A tick with the decimals that its step needs. */
function tickLabel(value: number, step: number): string {
  if (Math.abs(value) < step * 1e-6) return '0';
  const size = Math.floor(Math.log10(Math.abs(value)));
  const place = Math.floor(Math.log10(step) + 1e-9);
  if (size < -4 || size > 6) return formatNumber(value, Math.max(1, size - place + 1));
  return value.toFixed(Math.max(0, -place)).replace('-', '−');
}

function checkFinite(low: number, high: number): void {
  if (Number.isFinite(low) && Number.isFinite(high) && low <= high) return;
  throw new FimError({
    code: 'report/axis',
    kind: 'internal',
    where: 'axis of a figure',
    rule: 'needs finite limits in order',
    got: `${low} to ${high}`,
  });
}
