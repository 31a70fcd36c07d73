import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createSmallEngine } from 'fim/engine';
import { quantile } from 'fim/jobs';
import { parameterCount } from 'fim/model';
import { studyFiles } from 'fim/report';
import { madeIn } from '../../test/support/made-in.js';
import { relativeError } from '../../test/optim/problem.js';
import { costPage } from '../report/rank1-cost.js';
import { type Gauges, measureCell, operations, type Rates } from './cost.js';
import { measureCovariance } from './covariance.js';
import { exponentOf } from './exponents.js';
import { METHODS, PLAN_QUICK, type StudyPlan } from './plan.js';
import { makeBench, parametersOf, policyIn, type PolicyShape, shapeOf } from './policy.js';
import { costStudy } from './study.js';

/** A clock that goes by a second a look, and a process that holds nothing: no test depends on the machine. */
function fakeGauges(): Gauges {
  let t = 0;
  return { spent: () => t++, held: () => 0, collect: async () => {} };
}

const TINY: StudyPlan = {
  cost: { ...PLAN_QUICK.cost, parameters: [500, 1000], examples: [4, 8], updateSeconds: 1e9 },
  covariance: { ...PLAN_QUICK.covariance, draws: 1, examples: 32, dampings: [1e-8] },
  kl: { ...PLAN_QUICK.kl, environments: ['CartPole-v1'], updates: 2, copies: 2, horizon: 8 },
};

describe('exponentOf', () => {
  it('is the slope of a power law, with no error; with noise, that of the textbook', () => {
    const exact = exponentOf([1, 2, 5, 9].map((x) => ({ x, y: 3 * x ** 1.7 })));
    expect(exact?.slope).toBeCloseTo(1.7, 12);
    expect(exact?.standardError).toBeLessThan(1e-12);
    // log x = 0, 1, 2, log y = 0, 2, 1: slope ½, residuals −½, 1, −½, SE = √(1.5/1/2).
    const noisy = exponentOf([0, 2, 1].map((v, i) => ({ x: Math.exp(i), y: Math.exp(v) })));
    expect(noisy?.slope).toBeCloseTo(0.5, 12);
    expect(noisy?.standardError).toBeCloseTo(Math.sqrt(0.75), 12);
  });

  it('has no error from two points, and is none from one', () => {
    expect(exponentOf([1, 10].map((x) => ({ x, y: x })))).toMatchObject({ standardError: null, points: 2 });
    expect(exponentOf([{ x: 1, y: 1 }])).toBeNull();
    expect(exponentOf([1, 2].map((x) => ({ x, y: -x })))).toBeNull();
  });
});

describe('policies to measure on', () => {
  it.each([1e3, 1e4, 1e5])('have about %d parameters, as counted', (asked) => {
    const shape = shapeOf(asked);
    const P = parametersOf(shape);
    expect(Math.abs(P / asked - 1)).toBeLessThan(0.05);
    expect(parameterCount(policyIn('plain', shape, 1))).toBe(P);
  });

  it.each(['layers', 'whole'] as const)(
    'are one policy whatever the coordinates: %s',
    async (coordinates) => {
      const shape: PolicyShape = { inputs: 3, hidden: [4], actions: 1, dtype: 'float64' };
      const outputsOf = async (network: ReturnType<typeof policyIn>): Promise<Float64Array> => {
        const { batch } = await makeBench(createSmallEngine(), network, shape, 20, 1);
        return Float64Array.from(batch.h.data);
      };
      const plain = await outputsOf(policyIn('plain', shape, 1));
      const other = policyIn(coordinates, shape, 1, { lambdaSeed: 3, condition: 10 });
      expect(parameterCount(other)).toBe(parametersOf(shape));
      expect(relativeError(await outputsOf(other), plain)).toBeLessThanOrEqual(1e-13);
    },
  );
});

describe('covariance', () => {
  it('undamped the exact inverse does not depend on Λ; a tiny damping nearly; rank-1, diagonal and gradient do', async () => {
    const found = await measureCovariance({ ...PLAN_QUICK.covariance, draws: 3, dampings: [1e-10] });
    expect(found?.eigenvalues[0]).toBeGreaterThan(1e-6);
    const median = (coordinates: string, method: string, damping: number): number =>
      quantile(
        found?.records.find(
          (r) => r.coordinates === coordinates && r.method === method && r.damping === damping,
        )?.changes ?? [],
        0.5,
      );
    for (const coordinates of ['layers', 'whole']) {
      expect(median(coordinates, 'exact', 0)).toBeLessThan(1e-15);
      for (const method of ['exact', 'cg', 'woodbury']) {
        expect(median(coordinates, method, 1e-10)).toBeLessThan(1e-6);
      }
      for (const [method, damping] of [
        ['sherman-morrison', 1e-10],
        ['diagonal', 1e-10],
        ['cg-10', 1e-10],
        ['gradient', 0],
      ] as const) {
        expect(median(coordinates, method, damping)).toBeGreaterThan(0.01);
      }
    }
    // J. Martens, R. Grosse 2015, theorem 1: KFAC does not see transformations of each layer's inputs and outputs.
    expect(median('layers', 'kfac', 1e-10)).toBeLessThan(1e-3);
  });
});

describe('a cell of the costs', () => {
  it('has every method, medians of the rounds asked for, and ratios to the gradient of the same round', async () => {
    const cell = await measureCell(TINY.cost, 500, 4, fakeGauges(), new Map(), () => false);
    expect(cell?.methods.map((m) => m.method)).toEqual([...METHODS]);
    expect(cell?.rounds).toBe(2);
    for (const m of cell?.methods ?? []) {
      expect(m.seconds).toEqual([1, 1, 1]);
      expect(m.ratio).toEqual([1, 1, 1]);
    }
  });

  it('leaves out what is predicted to take too long or to need too much, and says so', async () => {
    const rates: Rates = new Map([['kfac', operations('kfac', shapeOf(500), 4) / 7]]);
    const plan = { ...TINY.cost, updateSeconds: 5 };
    const slow = await measureCell(plan, 500, 4, fakeGauges(), rates, () => false);
    const skipped = slow?.methods.filter((m) => m.skipped !== null);
    expect(skipped).toMatchObject([{ method: 'kfac', skipped: 'time: 7 s predicted', seconds: null }]);
    const big = await measureCell({ ...TINY.cost, bytes: 1 }, 500, 4, fakeGauges(), new Map(), () => false);
    expect(big?.methods.every((m) => m.skipped?.startsWith('memory') && m.seconds === null)).toBe(true);
  });

  it('is null where interrupted', async () => {
    expect(await measureCell(TINY.cost, 500, 4, fakeGauges(), new Map(), () => true)).toBeNull();
  });
});

describe('the study', () => {
  it('goes on from the points that it has, and makes a page with every figure', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fim-rank1-cost-'));
    try {
      const stop = new AbortController();
      const done: string[] = [];
      const until = (share: number, text: string): void => {
        if (share === 0) return;
        done.push(text);
        stop.abort();
      };
      const study = costStudy(TINY, fakeGauges());
      expect(await madeIn(folder, study, { signal: stop.signal, onProgress: until })).toBeNull();
      expect(done[0]).toBe('cost-500-4');
      const result = await madeIn(folder, study);
      expect(result?.cells.length).toBe(4);
      expect(result?.kl.every((r) => r.ratios.length === 2 && r.ratios.every((v) => v > 0))).toBe(true);
      const never = costStudy(TINY, {
        ...fakeGauges(),
        spent: () => {
          throw new Error('a finished piece is made again');
        },
      });
      const again = await madeIn(folder, never);
      expect(again).toEqual(result);
      const files = studyFiles(costPage(result as NonNullable<typeof result>, 'made by a test'));
      for (const name of ['covariance-layers.svg', 'kl-CartPole-v1.svg', 'index.html']) {
        expect([...files.keys()]).toContain(name);
      }
      const page = files.get('index.html') as string;
      expect(page).not.toMatch(/NaN|undefined|\[object/);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
