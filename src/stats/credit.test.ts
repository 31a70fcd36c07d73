import { expect, it } from 'vitest';
import { Sequence } from '../core/random.js';
import { credited } from './credit.js';
import { jackknife, jackknifeSets } from './jackknife.js';

it('a correction of several errors is made, one within its error hardly, and none leaves all as it is', () => {
  const large = credited({ bias: 10, variance: 0.5, remaining: -0.5 });
  expect(large.bias).toBeCloseTo((10 * 100) / 100.75, 12);
  expect(large.remaining).toBe(0.5);
  const small = credited({ bias: -0.1, variance: 0.8, remaining: 0.05 });
  expect(small.bias).toBeCloseTo((-0.1 * 0.01) / 0.8125, 12);
  expect(small.remaining).toBeCloseTo(0.1 * (0.8025 / 0.8125), 12);
  expect(small.variance).toBe(0.8);
  expect(credited({ bias: 0, variance: 0, remaining: 0 })).toEqual({ bias: 0, variance: 0, remaining: 0 });
});

it('the second largest of means that lie within their errors: covered, and nearer than by the whole correction (1,000 repeats)', () => {
  const [MEANS, B, SIZE, REPEATS] = [[1.02, 1, 0.97, 0.6], 20, 5, 1000];
  const counts = Array.from({ length: B }, () => SIZE);
  const sets = jackknifeSets(counts);
  const random = new Sequence(3, 'ranks');
  let [plain, credited, covered, coveredPlain] = [0, 0, 0, 0];
  for (let r = 0; r < REPEATS; r++) {
    const sums = MEANS.map((mean) => counts.map((n) => mean * sumOfExponentials(random, n)));
    const second = (groups: readonly number[]): number =>
      sums
        .map((own) => groups.reduce((s, g) => s + own[g], 0) / (SIZE * groups.length))
        .sort((a, b) => b - a)[1];
    const values = {
      whole: second([...counts.keys()]),
      without: sets.without.map(second),
      halves: sets.halves.map(second),
    };
    const design = { counts, left: 1, level: 0.95, feasible: [0, Infinity], bends: false } as const;
    const [whole, partly] = [jackknife(values, design), jackknife(values, { ...design, crosses: true })];
    plain += (whole.value - 1) ** 2 / REPEATS;
    credited += (partly.value - 1) ** 2 / REPEATS;
    if (holds(whole.interval)) coveredPlain++;
    if (holds(partly.interval)) covered++;
  }
  expect(Math.sqrt(credited)).toBeLessThan(0.85 * Math.sqrt(plain));
  // 95 % less 3 errors of 1,000 repeats, and more than of the whole correction.
  expect(covered / REPEATS).toBeGreaterThan(0.93);
  expect(covered).toBeGreaterThan(coveredPlain);
});

function sumOfExponentials(random: Sequence, n: number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum -= Math.log(random.next());
  return sum;
}

const holds = (interval: readonly [number, number] | null): boolean =>
  interval !== null && interval[0] <= 1 && 1 <= interval[1];
