import { expect, it } from 'vitest';
import { pilotTerms, topUp, visitsNeeded } from './visits-needed.js';

const terms = [1, 2, 2, 3, 12];

it('is the upper limit of the pilot’s relative variance over the target squared', () => {
  const mean = 4;
  const s2 = terms.reduce((s, y) => s + (y - mean) ** 2, 0) / 4;
  const spread = Math.sqrt((s2 * 4) / 5);
  const standard = (k: number) => terms.reduce((s, y) => s + ((y - mean) / spread) ** k, 0) / 5;
  const r = 1.5;
  const c = (r * Math.sqrt(s2)) / mean;
  const L = Math.max(2 / 4, (standard(4) - 1 + 4 * c * c - 4 * c * standard(3)) / 5);
  const pilot = pilotTerms(terms, r, 2);
  expect(pilot.room).toBeCloseTo(Math.exp(1.2815515655446004 * Math.sqrt(L)), 12);
  expect(pilot.variance).toBeCloseTo(r * r * s2, 12);
  const n = (pilot.room * r * r * s2) / mean ** 2 / 0.01 ** 2;
  expect(visitsNeeded(pilot, 0.01)).toBe(Math.ceil(n));
});

it('a finite population needs fewer, a distribution behind weighted visits more or none', () => {
  const pilot = pilotTerms(terms, 1, 0);
  const plain = visitsNeeded(pilot, 0.05);
  const finite = visitsNeeded(pilot, 0.05, { finite: 500 });
  expect(finite).toBeLessThan(500);
  // At that n the error is the target, with the pilot's limit in place of the variance.
  const v = pilot.room * pilot.variance;
  expect(Math.sqrt(v / finite - v / 500) / 4).toBeLessThanOrEqual(0.05);
  const floor = (0.03 * 4) ** 2;
  expect(visitsNeeded(pilot, 0.05, { floor })).toBe(Math.ceil(v / ((0.05 * 4) ** 2 - floor)));
  expect(visitsNeeded(pilot, 0.05, { floor })).toBeGreaterThan(plain);
  expect(visitsNeeded(pilot, 0.02, { floor })).toBe(Infinity);
});

it('a top-up goes by the square of what was reported, and a tenth more', () => {
  expect(topUp(100, 0.03, 0.02)).toBe(Math.ceil(110 * 2.25));
});
