/** Results that are the same to rounding, whatever they are made of. */
import { expect } from 'vitest';

/** Every number with its path. */
function numbersOf(value: unknown, path = ''): [string, unknown][] {
  if (value === null || typeof value !== 'object') return [[path, value]];
  if (ArrayBuffer.isView(value)) return [...(value as Float64Array)].map((v, i) => [`${path}[${i}]`, v]);
  const entries = value instanceof Map ? [...(value as Map<string, unknown>)] : Object.entries(value);
  return entries.flatMap(([key, v]) => numbersOf(v, `${path}.${key}`));
}

/** Equal to 1e-12 of the largest number of the same array, or of the number itself; third moments, which cancel, to 1e-9. */
export function expectSame(got: unknown, expected: unknown): void {
  const [a, b] = [numbersOf(got), numbersOf(expected)];
  expect(a.map(([path]) => path)).toEqual(b.map(([path]) => path));
  const largest = new Map<string, number>();
  const array = (path: string) => path.replace(/(\[\d+\]|\.\d+)$/, '');
  for (const [path, v] of b)
    if (typeof v === 'number') largest.set(array(path), Math.max(largest.get(array(path)) ?? 0, Math.abs(v)));
  a.forEach(([path, v], i) => {
    const w = b[i][1];
    if (typeof w !== 'number') return expect([path, v]).toEqual([path, w]);
    const tolerance =
      (path.endsWith('skewness') ? 1e-9 : 1e-12) * Math.max(largest.get(array(path)) ?? 0, 1e-3);
    if (!(Math.abs((v as number) - w) <= tolerance)) expect([path, v]).toEqual([path, w]);
  });
}
