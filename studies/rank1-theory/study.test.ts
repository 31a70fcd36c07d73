import { mkdtempSync, readFileSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Sequence, hashString } from 'fim/core';
import { openTasks } from 'fim/scale';
import { madeIn } from '../../test/support/made-in.js';
import { comparisons, gains, rateRows } from './analysis.js';
import type { Descent } from './descent.js';
import {
  curveOf,
  jackknife,
  logLagRatio,
  logLogSlope,
  meanOf,
  rateDifference,
  rateOf,
  windowOf,
} from './fits.js';
import { PROBLEMS, rateArms, THEORY_QUICK } from './plan.js';
import { theoryStudy } from './study.js';

const SAMPLES = [0, 16, 32, 64, 128, 256, 512];

/** A run whose suboptimality is c T^slope, times noise of its own. */
function power(slope: number, c: number, noise = 1): Descent {
  const gap = SAMPLES.map((t) => noise * c * Math.max(1, t) ** slope);
  return {
    samples: SAMPLES,
    gap,
    gradient2: gap.map((g) => g * g),
    meanGradient2: gap,
    environmentSteps: 0,
    diverged: null,
  };
}

it('fits the slope of a power law exactly, without error where seeds agree', () => {
  const runs = [1, 2, 3].map(() => power(-0.7, 5));
  const rate = rateOf(runs, 'gap');
  expect(rate?.value).toBeCloseTo(-0.7, 12);
  expect(rate?.se).toBeCloseTo(0, 12);
  expect(rateOf(runs, 'gradient2')?.value).toBeCloseTo(-1.4, 12);
  const difference = rateDifference(
    runs,
    [1, 2, 3].map(() => power(-0.5, 1)),
    'gap',
  );
  expect(difference?.value).toBeCloseTo(-0.2, 12);
});

it('has no rate on a plateau or after a divergence', () => {
  expect(windowOf([power(-0.01, 1)])).toBeNull();
  expect(rateOf([power(-1, 1), { ...power(-1, 1), diverged: 3 }], 'gap')).toBeNull();
  // Halved at 4 of 512: the last factor of 16 counts.
  expect(windowOf([power(-0.5, 1)])).toBe(SAMPLES.indexOf(32));
});

it('takes the least mean gradient so far, not the mean of the least', () => {
  const runs = [power(-1, 1), power(-1, 1)].map((r, i) => ({
    ...r,
    gradient2: i === 0 ? [9, 1, 9, 9, 9, 9, 9] : [9, 9, 1, 9, 9, 9, 9],
  }));
  expect(curveOf(runs, 'minGradient2')).toEqual([9, 5, 5, 5, 5, 5, 5]);
});

it('has the jackknife error of a mean, and of a log ratio by the delta method', () => {
  const random = new Sequence(hashString('jackknife'), 'values');
  const a = Array.from({ length: 200 }, () => 10 + random.normal());
  const b = a.map((v) => v / 2 + 0.01 * random.normal());
  const mean = meanOf(a);
  const se = Math.sqrt(a.reduce((s, v) => s + (v - mean) ** 2, 0) / 199 / 200);
  expect(jackknife(a, meanOf).se).toBeCloseTo(se, 12);
  const found = logLagRatio(a, b);
  const residual = a.map((v, i) => v / mean - b[i] / meanOf(b));
  const delta = Math.sqrt(residual.reduce((s, v) => s + v * v, 0) / 199 / 200);
  expect(Math.abs((found?.se ?? NaN) / delta - 1)).toBeLessThan(0.01);
  expect(logLagRatio([1, Infinity], [1, 1])).toBeNull();
  expect(logLogSlope([1, 10, 100], [3, 30, 300])).toBeCloseTo(1, 12);
});

const TINY = {
  ...THEORY_QUICK,
  seeds: [0, 1],
  samples: 256,
  exactUpdates: 32,
  gridSamples: 64,
  dampings: [0.1],
  weights: [0.1],
  draws: 100,
};

it('runs, goes on from the points that are there, is interrupted, and refuses other settings', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fim-rank1-'));
  const study = theoryStudy(TINY);
  const first = await madeIn(folder, study);
  const { tasks } = openTasks(folder).plan;
  const resultOf = (index: number): string => join(openTasks(folder).taskPath(index), 'result');
  const before = tasks.map((_, index) => readFileSync(resultOf(index), 'utf8'));
  for (const name of ['regulator-seed-1', 'bandit-0.1-seeds-2'])
    unlinkSync(resultOf(tasks.findIndex((task) => task.name === name)));
  const stop = new AbortController();
  stop.abort();
  expect(await madeIn(folder, study, { signal: stop.signal })).toBeNull();
  const again = await madeIn(folder, theoryStudy(TINY));
  expect(again).toEqual(first);
  expect(tasks.map((_, index) => readFileSync(resultOf(index), 'utf8'))).toEqual(before);
  await expect(madeIn(folder, theoryStudy({ ...TINY, damping: 1 }))).rejects.toThrow(/tasks of other work/);

  if (again === null) throw new Error('interrupted');
  const arms = PROBLEMS.reduce((sum, p) => sum + rateArms(TINY, p).length, 0);
  expect(rateRows(again)).toHaveLength(arms);
  expect(comparisons(again, 'effective')).toHaveLength(3 * PROBLEMS.length);
  expect(gains(again).every((g) => g.pg.sampled === g.arm.sampled)).toBe(true);
});
