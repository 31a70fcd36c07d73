import { expect, it } from 'vitest';
import { madeOf } from '../../test/support/made-in.js';
import { formErrorPieces } from './study.js';

const REPEATS = 40;

it('ε from 100 inputs is unbiased to .02, and its interval covers', async () => {
  const settings = { inputs: [100], repeats: REPEATS, population: 4000, arms: ['exact'] as const };
  const cells = (await madeOf(formErrorPieces(settings))).flat();
  expect(cells).toHaveLength(16);
  for (const { network, layer, form, bias, sd, covered } of cells) {
    const name = `${network}, ${layer}, ${form}`;
    expect(Math.abs(bias), name).toBeLessThan(0.02 + (4 * sd) / Math.sqrt(REPEATS));
    // 92 % less four standard deviations of 40 repeats.
    expect(covered, name).toBeGreaterThan(0.92 - 4 * Math.sqrt((0.92 * 0.08) / REPEATS));
  }
});
