/** Cells of the coverage table, whatever pieces their repeats are cut into. */
import { makeDataset, tensor } from 'fim';
import { Sequence } from 'fim/core';
import { createSmallEngine } from 'fim/engine';
import { runEstimate } from 'fim/jobs';
import { denseNetwork } from 'fim/model';
import { expect, it } from 'vitest';
import { madeOf } from '../../test/support/made-in.js';
import { decode, encode } from '../face/piece.js';
import { cellOf, coverageCells } from './coverage.js';
import { likelihood } from './networks.js';
import { coverageStudy } from './study.js';
import type { Subject } from './subjects.js';

const REPEATS = 3;

it('a cell is the same from one piece and from several, and from what files hold of them', async () => {
  const engine = createSmallEngine();
  const network = denseNetwork({ widths: [3, 4, 3], activation: 'tanh', seed: 1, initialScale: 3 });
  const random = new Sequence(1, 'inputs');
  const x = Float32Array.from({ length: 60 * 3 }, () => random.normal());
  const dataset = makeDataset({ source: 'normal', inputs: new Map([['x', tensor('float32', [60, 3], x)]]) });
  const whole = await runEstimate({ engine, network, likelihood, dataset }, { estimator: 'exact' });
  const subject: Subject = { name: 'small', engine, network, dataset, whole, truth: whole.trace.value };
  const cells = (stretch: number) => coverageCells(() => Promise.resolve(subject), [12], REPEATS, stretch);
  const [one, cut] = [cells(REPEATS), cells(2)];
  expect(cut).toHaveLength(one.length);
  for (const [i, { cell, pieces }] of one.entries()) {
    expect([pieces.length, cut[i].pieces.length]).toEqual([1, 2]);
    const found = cellOf(cell, await madeOf(pieces));
    const parts = await madeOf(cut[i].pieces);
    expect(cellOf(cell, parts)).toEqual(found);
    const kept = parts.map((part, k) => decode(`piece ${k}`, encode(`piece ${k}`, part))?.result);
    expect(cellOf(cell, kept as typeof parts)).toEqual(found);
    expect(found.repeats).toBe(REPEATS);
    expect(found.covered + found.below).toBeLessThanOrEqual(1);
  }
});

it('pieces of fewer repeats are among those of more, by names that say all that they depend on', () => {
  const engine = createSmallEngine();
  const keys = (repeats: number, targets: number) =>
    coverageStudy(engine, { repeats, targets, visits: [10, 50] }).pieces.map(({ key }) => key);
  const [few, more] = [keys(400, 2), keys(1000, 2)];
  expect(new Set(more).size).toBe(more.length);
  expect(few.filter((key) => !more.includes(key))).toEqual([
    'entries of 400 near-certain',
    'entries of 400 mild',
  ]);
  expect(
    keys(400, 3)
      .filter((key) => !few.includes(key))
      .every((key) => /^target .*3 runs/.test(key)),
  ).toBe(true);
});

it('results keep numbers that JSON has no word for, and say what they are of', () => {
  const result = [NaN, Infinity, -Infinity, 0.1, null, { number: 'seven', x: [1 / 3] }, 'Infinity'];
  const bytes = encode('a', result);
  expect(decode('a', bytes)).toEqual({ result });
  expect(decode('b', bytes)).toBeNull();
});
