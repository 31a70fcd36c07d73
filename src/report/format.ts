/**
 * @module report/format
 *
 * Numbers as people write them: the error to two significant digits, the value to the same place (PDG and GUM custom:
 * 16.58 ± 0.47), a common power of ten where the digits would run long. For screens and pages; JSON and arrays keep every
 * digit.
 */

/** A significant-digit figure without an error: `0.001234`, `1.234e-7`, `123457`. */
export function formatNumber(x: number, digits = 4): string {
  if (!Number.isFinite(x)) return Number.isNaN(x) ? 'NaN' : x > 0 ? '∞' : '−∞';
  if (x === 0) return '0';
  const size = Math.floor(Math.log10(Math.abs(Number(x.toPrecision(digits)))));
  if (size < -4 || size > Math.max(6, digits)) return minus(exponential(x, digits - 1));
  return minus(x.toFixed(Math.min(100, Math.max(0, digits - 1 - size))));
}

/** `1.5e-7` from JavaScript's `1.50e-7`: trailing zeros are kept, the sign of the exponent only where negative. */
function exponential(x: number, decimals: number): string {
  return x.toExponential(Math.max(0, decimals)).replace('e+', 'e');
}

function minus(text: string): string {
  return text
    .replace(/^-(?=[0.]*$)/, '')
    .replace(/^-/, '−')
    .replace('e-', 'e−');
}

/** Decimal exponent of a number after rounding to `digits` significant ones: 0.0996 to two is 0.10, exponent −1. */
function exponentOf(x: number, digits: number): number {
  return Number(
    Math.abs(x)
      .toExponential(digits - 1)
      .split('e')[1],
  );
}

/** A value and its error, with the same number of decimals, perhaps with a common factor 10^exponent. */
export interface FormattedEstimate {
  /** The value's digits. */
  value: string;
  /** Undefined where the error is null or not finite. */
  error: string | undefined;
  /** 0 where no common factor is taken out. */
  exponent: number;
}

/**
 * `{ value: '16.58', error: '0.47', exponent: 0 }`.
 *
 * An error of 0 (an exact figure) is written `0` beside the value to six digits.
 */
export function formatParts(value: number, standardError: number | null): FormattedEstimate {
  if (standardError === null || !Number.isFinite(standardError) || !Number.isFinite(value)) {
    return { value: formatNumber(value), error: undefined, exponent: 0 };
  }
  if (standardError === 0) return { value: formatNumber(value, 6), error: '0', exponent: 0 };
  const errorSize = exponentOf(standardError, 2);
  const size = Math.max(value === 0 ? -Infinity : exponentOf(value, 15), errorSize);
  const exponent = size < -4 || size > 6 || errorSize > 1 ? size : 0;
  const factor = 10 ** -Math.abs(exponent);
  const scaled = (x: number): number => (exponent < 0 ? x / factor : x * factor);
  const decimals = Math.min(100, Math.max(0, 1 - errorSize + exponent));
  return {
    value: minus(scaled(value).toFixed(decimals)),
    error: scaled(standardError).toFixed(decimals),
    exponent,
  };
}

/**
 * `16.58 ± 0.47`, `(1.658 ± 0.047)e−5`, and the bare value where the error is unknown.
 *
 * @example
 * ```ts
 * import { formatEstimate } from 'fim/report';
 *
 * console.log(formatEstimate(16.5812, 0.4713)); // 16.58 ± 0.47
 * ```
 */
export function formatEstimate(value: number, standardError: number | null): string {
  const parts = formatParts(value, standardError);
  if (parts.error === undefined) return parts.value;
  const pair = `${parts.value} ± ${parts.error}`;
  return parts.exponent === 0 ? pair : `(${pair})e${minus(String(parts.exponent))}`;
}

/** `[15.66, 17.50]`, its ends to the place that the standard error warrants. */
export function formatInterval(low: number, high: number): string {
  const width = Math.abs(high - low);
  if (width === 0 || !Number.isFinite(width)) return `[${formatNumber(low, 6)}, ${formatNumber(high, 6)}]`;
  const place = exponentOf(width, 1) - 2;
  const size = Math.max(...[low, high].filter((x) => x !== 0).map((x) => exponentOf(x, 6)));
  if (size < -4 || size > 6)
    return `[${formatNumber(low, size - place + 1)}, ${formatNumber(high, size - place + 1)}]`;
  const decimals = Math.min(100, Math.max(0, -place));
  return `[${minus(low.toFixed(decimals))}, ${minus(high.toFixed(decimals))}]`;
}

/** `2.8 %`, `0.41 %`, `130 %`: two significant digits. */
export function formatPercent(share: number, digits = 2): string {
  if (!Number.isFinite(share)) return '–';
  const percent = share * 100;
  if (percent === 0) return '0 %';
  const decimals = Math.min(100, Math.max(0, digits - 1 - exponentOf(percent, digits)));
  return decimals > 5 ? `${formatNumber(percent, digits)} %` : `${minus(percent.toFixed(decimals))} %`;
}

/** A count with its digits in threes, divided by narrow no-break spaces: `101 770`. Up to 9999 it stays whole. */
export function formatCount(n: number): string {
  const text = String(Math.round(n));
  return Math.abs(n) < 10_000 ? text : text.replace(/\B(?=(\d{3})+$)/g, '\u202f');
}

/** `0.8 s`, `12 s`, `3 min 20 s`, `2 h 5 min`. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return '–';
  if (seconds < 0.9995) return `${Number((seconds * 1000).toPrecision(2))} ms`;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return joined(Math.floor(whole / 60), 'min', whole % 60, 's');
  const minutes = Math.round(whole / 60);
  return joined(Math.floor(minutes / 60), 'h', minutes % 60, 'min');
}

function joined(large: number, unit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${unit}` : `${large} ${unit} ${small} ${smallUnit}`;
}

/** Time left, rounded as honestly as it is known: to 1 s below 10 s, 5 s below a minute, 1 min below an hour. */
export function formatTimeLeft(seconds: number): string {
  if (!Number.isFinite(seconds)) return '–';
  const step = seconds < 10 ? 1 : seconds < 60 ? 5 : seconds < 600 ? 30 : seconds < 3600 ? 60 : 300;
  const rounded = Math.max(step === 1 ? 0 : step, Math.round(seconds / step) * step);
  if (rounded === 0) return '< 1 s';
  return rounded < 60 ? `${rounded} s` : formatDuration(rounded);
}
