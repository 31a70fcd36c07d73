/**
 * @module report/forms-words
 *
 * Figures of a comparison of forms in few letters, for tables of many columns.
 */
import type { FormError } from '../fisher/index.js';
import { formatDuration } from './format.js';

/** `0.74±0.02`, `0` where it is exactly that, `–` where it is not known. */
export function epsilonText({ error, standardError }: FormError): string {
  if (error === null) return '–';
  if (standardError === 0) return error === 0 ? '0' : error.toFixed(4);
  return standardError === null ? error.toFixed(2) : `${error.toFixed(2)}±${standardError.toFixed(2)}`;
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** `12 kB` of bytes, thousands. */
export function bytesWords(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  return `${Number((bytes / 1000 ** power).toPrecision(2))} ${UNITS[power]}`;
}

/** A duration, `< 1 ms` of less. */
export const secondsWords = (seconds: number): string =>
  seconds < 0.001 ? '< 1 ms' : formatDuration(seconds);
