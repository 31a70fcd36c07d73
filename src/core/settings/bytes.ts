/**
 * @module core/settings/bytes
 *
 * Sizes in bytes, read and written: `2GB` is 2·10⁹, `512MiB` 512·2²⁰, a bare number so many bytes. Units in any case; a space may stand before.
 */
const UNITS: readonly (readonly [string, number])[] = [
  ['TB', 1e12],
  ['TiB', 2 ** 40],
  ['GB', 1e9],
  ['GiB', 2 ** 30],
  ['MB', 1e6],
  ['MiB', 2 ** 20],
  ['kB', 1e3],
  ['KiB', 2 ** 10],
];

const SIZE = /^\+?(\d+\.?\d*|\.\d+)\s*([a-z]*)$/i;

/** `1.5GB` as 1,500,000,000; undefined for anything that is no whole number of bytes. */
export function bytesOfText(text: string): number | undefined {
  const [, digits, unit = ''] = SIZE.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const named = unit.toLowerCase();
  const size = named === '' || named === 'b' ? 1 : UNITS.find(([u]) => u.toLowerCase() === named)?.[1];
  if (size === undefined) return undefined;
  const bytes = Math.round(Number(digits) * size);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** The largest unit that takes no more than three decimals: `1.5GB`, `512MiB`, else `12345B`; `bytesOfText` reads it back. */
export function bytesText(bytes: number): string {
  for (const [unit, size] of UNITS) {
    const count = bytes / size;
    const written = Number(count.toFixed(3));
    if (count >= 1 && written * size === bytes) return `${written}${unit}`;
  }
  return `${bytes}B`;
}

/** For people, three digits at most: `10.2 GB`, `640 kB`. */
export function sizeText(bytes: number): string {
  const [unit, size] = UNITS.find(([u, s]) => !u.includes('i') && bytes >= s) ?? ['bytes', 1];
  return `${Number((bytes / size).toPrecision(3))} ${unit}`;
}
