import { describe, expect, it } from 'vitest';
import { tensor } from '../core/tensor.js';
import { makeDataset } from '../data/index.js';
import { createSmallEngine } from '../engine/small/index.js';
import { getLikelihood } from '../likelihood/registry.js';
import { denseNetwork } from '../model/dense.js';
import { runEstimate, type EstimateRequest } from './estimate.js';
import { OutOfReach } from './out-of-reach.js';
import { planEstimate, type Plan, type PlanRequest } from './plan.js';

const engine = createSmallEngine();

/** A classifier of four classes on sines, with weights of this scale: mild, or sure of most inputs. */
function subjectOf(initialScale: number, n: number) {
  const network = denseNetwork({ widths: [4, 8, 4], initialScale, seed: 3, dtype: 'float64' });
  const x = Float64Array.from({ length: n * 4 }, (_, i) => 2 * Math.sin(i * i));
  const inputs = new Map([['x', tensor('float64', [n, 4], x)]]);
  return {
    engine,
    network,
    likelihood: getLikelihood('categorical'),
    dataset: makeDataset({ source: 'sines', inputs }),
  };
}

const mild = subjectOf(1, 1500);
const sure = subjectOf(4, 1500);
type Subject = typeof mild;

async function plan(subject: Subject, request: Partial<PlanRequest>): Promise<Plan> {
  let clock = 0;
  const made = await planEstimate(subject, {
    targetError: 0.05,
    population: 'distribution',
    seed: 0,
    order: 'seed',
    batch: 64,
    now: () => (clock += 0.001),
    ...request,
  });
  return made as Plan;
}

/** The estimate to a target, what it said, and whether it was refused. */
async function estimated(subject: Subject, request: EstimateRequest) {
  const said: string[] = [];
  const made = await runEstimate(subject, { batch: 64, ...request }, { say: (line) => said.push(line) }).then(
    (estimate) => ({ estimate, refused: false }),
    (error: unknown) => {
      if (!(error instanceof OutOfReach)) throw error;
      return { estimate: error.estimate, refused: true };
    },
  );
  return { ...made, said };
}

const relative = ({ trace }: { readonly trace: { value: number; standardError: number | null } }) =>
  (trace.standardError as number) / trace.value;

describe('plan and estimate from one pilot', () => {
  it.each([
    ['mild', 'distribution', 0.04],
    ['mild', 'data', 0.03],
    ['sure', 'distribution', 0.15],
    ['sure', 'data', 0.1],
  ] as const)('%s, population %s: as many visits as each estimate says', async (name, population, at) => {
    const subject = name === 'mild' ? mild : sure;
    const { estimators } = await plan(subject, { targetError: at, population });
    expect(estimators.map((e) => e.estimator)).toEqual(['exact', 'rademacher', 'type1', 'type2']);
    let weighted = 0;
    for (const e of estimators) {
      const { estimator, visits, examples } = e;
      const asked = { estimator, targetError: at, population };
      const { estimate, said, refused } = await estimated(subject, asked);
      const pilot = said.filter((line) => line.startsWith('pilot of')).pop() as string;
      expect(pilot).toContain(visits === 'weighted' ? 'weighted visits:' : 'examples:');
      const [, size, taken] = /^pilot of (\d+) .* takes (\d+) examples/.exec(pilot) ?? [];
      if (e.labels === estimate.labels) expect(examples).toBe(Math.max(Number(size), Number(taken)));
      expect(e.feasible).toBe(!refused);
      if (refused) continue;
      expect(estimate.visits).toBe(visits);
      // A top-up adds to what was planned, and draws are what they were planned to be to a third.
      expect(estimate.examples).toBeGreaterThanOrEqual(examples);
      expect(Math.abs(Math.log(Math.max(1, estimate.labels) / Math.max(1, e.labels)))).toBeLessThan(0.3);
      expect(relative(estimate)).toBeLessThanOrEqual(at);
      if (visits === 'weighted') weighted++;
    }
    // Of a near-certain network weighted visits are what a plan saves work by.
    expect(weighted > 0).toBe(subject === sure);
  });

  it('asked for uniform visits it plans those', async () => {
    const { estimators } = await plan(sure, { targetError: 0.05, population: 'data', visits: 'uniform' });
    const { said } = await estimated(sure, {
      estimator: 'exact',
      targetError: 0.05,
      population: 'data',
      visits: 'uniform',
    });
    expect(estimators.map((e) => e.visits)).toEqual(Array(4).fill('uniform'));
    expect(estimators[0].examples).toBeGreaterThan(200);
    expect(said.join('\n')).toContain(`takes ${estimators[0].examples} examples`);
  });

  it('all of a finite population with more draws, where the draws stand in the way', async () => {
    const request = { targetError: 0.004, population: 'data' } as const;
    const { estimators } = await plan(mild, request);
    const labels = estimators.find((e) => e.estimator === 'type1')!;
    expect(labels).toMatchObject({ examples: 1500, feasible: true, visits: 'uniform' });
    expect(labels.labels).toBeGreaterThan(2);
    const { estimate, refused } = await estimated(mild, { ...request, estimator: 'type1' });
    expect(refused).toBe(false);
    expect(estimate.examples).toBe(1500);
    expect(Math.abs(Math.log(estimate.labels / labels.labels))).toBeLessThan(0.3);
    // Every number of draws more is a row of its own: never the most that are considered.
    const never = await plan(mild, { ...request, targetError: 1e-5 });
    const out = never.estimators.find((e) => e.estimator === 'type1')!;
    expect(out.feasible).toBe(false);
    // As the square of the target, the smaller one rounded up to a whole draw.
    const power = out.labels / (0.004 / 1e-5) ** 2;
    expect(power).toBeLessThanOrEqual(labels.labels);
    expect(power).toBeGreaterThan(labels.labels - 1);
  });

  it('what is in reach is: of all examples, with the draws that it names', async () => {
    const { recommended, reachable, estimators } = await plan(mild, { targetError: 0.001 });
    expect(recommended).toBeNull();
    expect(estimators.every((e) => !e.feasible && e.examples > 1500)).toBe(true);
    const { targetError, estimator, examples } = reachable!;
    expect(examples).toBe(1500);
    const again = await plan(mild, { targetError });
    expect(again.estimators.find((e) => e.estimator === estimator)).toMatchObject({ feasible: true });
    const closer = await plan(mild, { targetError: 0.9 * targetError });
    expect(closer.estimators.find((e) => e.estimator === estimator)).toMatchObject({ feasible: false });
    const exact = estimators[0];
    const { estimate } = await estimated(mild, { estimator: 'exact' });
    // From a pilot of 200, whose variance is known to about a tenth.
    expect(exact.attainable / relative(estimate)).toBeGreaterThan(0.7);
    expect(exact.attainable / relative(estimate)).toBeLessThan(1.4);
  });

  it('one example has no spread, and a signal ends it without a plan', async () => {
    await expect(plan(mild, { examples: 1 })).rejects.toThrow(/pilot of at least 2 examples/);
    expect(await plan(mild, { signal: AbortSignal.abort() })).toBeNull();
  });
});
