import { setImmediate } from 'node:timers/promises';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { entryCoverage, type Population, type Repeated, trained } from '../../test/fisher/entry-coverage.js';
import { coveringInterval } from '../stats/peaks.js';
import { entriesNote, entriesOf } from './entry-coverage.js';

const REPEATS = 24;

/** Largest share of entries beyond eight standard errors. */
const FEW = 0.003;
/** For labels whose inputs are drawn too. */
const SOME = 0.01;

type Asked = Omit<Repeated, 'repeats'>;

const CASES: [Asked, number][] = [
  [{ estimator: 'exact', n: 50 }, FEW],
  [{ estimator: 'exact', n: 200 }, FEW],
  [{ estimator: 'rademacher', labels: 2, error: 'sampled', n: 200 }, FEW],
  [{ estimator: 'rademacher', labels: 2, error: 'sampled', exactPairs: 1, n: 200 }, FEW],
  [{ estimator: 'rademacher', labels: 2, error: 'sampled', n: null }, FEW],
  [{ estimator: 'type1', labels: 1, error: 'closed-form', n: null }, FEW],
  [{ estimator: 'type1', labels: 2, error: 'sampled', n: null }, FEW],
  [{ estimator: 'type1', labels: 1, error: 'sampled', n: 400 }, SOME],
  [{ estimator: 'type1', labels: 1, error: 'sampled', n: 1400 }, SOME],
];

// Lets the test runner hear from this process between long sums.
beforeEach(() => setImmediate());

describe.each([
  ['near-certain', 100],
  ['mild', 3],
])('errors of single entries cover on a %s classifier', (kind, epochs) => {
  let population: Population;
  beforeAll(async () => {
    population = await trained(epochs);
  });

  it.each(CASES)('%o', async (asked, most) => {
    const { covered, plain, beyond, zeros, offMode, expected } = await entryCoverage(population, {
      ...asked,
      repeats: REPEATS,
    });
    const said = JSON.stringify({ covered, plain, beyond, offMode, expected });
    expect(covered, said).toBeGreaterThanOrEqual(offMode !== null && offMode < 10 ? 0.92 : 0.93);
    expect(beyond, said).toBeLessThanOrEqual(most);
    expect(zeros).toBe(0);
    // What is expected is the least that was measured anywhere.
    expect(expected, said).toBeLessThanOrEqual(covered + 0.01);
    expect(expected, said).toBeGreaterThan(covered - 0.15);
  });

  it('is what its name says', async () => {
    const { offMode } = await entryCoverage(population, {
      estimator: 'type1',
      labels: 1,
      n: null,
      repeats: 1,
    });
    const share = (offMode as number) / population.x.shape[0];
    if (kind === 'mild') expect(share).toBeGreaterThan(0.3);
    else expect(share).toBeLessThan(0.025);
  });
});

describe('expected coverage over entries', () => {
  const facts = {
    ...({ estimator: 'exact', error: 'none', offModeLabels: null } as const),
    ...{ mean: 2, variance: 0, examples: 100, all: false },
  };
  const of = (more: Partial<Parameters<typeof entriesOf>[0]>) => entriesOf({ ...facts, ...more });

  it('grows with the number of equal terms that a sample is worth', () => {
    expect(of({}).expectedCoverage).toBe(0.985);
    // s² = 24F²: worth 4 of 100.
    expect(of({ variance: 96 }).expectedCoverage).toBe(0.915);
    expect(of({ variance: 4 * 1e4 }).expectedCoverage).toBeLessThan(0.01);
    const all = [1, 2, 3, 5, 8, 13, 21].map((n) => of({ examples: n }).expectedCoverage as number);
    expect(all).toEqual([...all].sort((a, b) => a - b));
  });

  it('is 1 where nothing is drawn or left out, and unknown where nothing was measured', () => {
    expect(of({ all: true }).expectedCoverage).toBe(1);
    expect(of({ estimator: 'type2', error: 'closed-form' }).expectedCoverage).toBeNull();
    expect(of({ examples: 1, variance: NaN }).expectedCoverage).toBeNull();
    expect(of({ mean: 0, variance: 0 }).expectedCoverage).toBeNull();
  });

  it('says how little few labels cover, and that upper ends alone are left', () => {
    const few = of({ estimator: 'type1', error: 'sampled', offModeLabels: 4 });
    expect(few).toEqual({ expectedCoverage: 0.77, upperEndsOnly: true });
    expect(entriesNote(few)).toMatch(/cover 77 % on average, not 95 %; so few labels/);
    expect(entriesNote(of({ estimator: 'type1', error: 'closed-form', offModeLabels: 4 }))).toMatch(
      /^entries: so few/,
    );
    expect(entriesNote(of({}))).toBeNull();
  });

  it('intervals of entries do not go below 0', () => {
    expect(coveringInterval(1, 1)).toEqual([0, 2.96]);
    expect(coveringInterval(-3, 1)).toEqual([0, 0]);
  });
});
