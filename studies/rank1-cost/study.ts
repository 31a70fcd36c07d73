/**
 * @module studies/rank1-cost/study
 *
 * The whole study as resumable points: one a cell of the costs, one for covariance, one a run of KL-sized steps.
 */
import type { Hooks } from 'fim/jobs';
import { type Json, Points } from 'fim/store';
import { type CostCell, type Gauges, measureCell, operations, type Rates } from './cost.js';
import { type CovarianceResult, measureCovariance } from './covariance.js';
import { type KlRecord, measureKlSteps } from './kl-steps.js';
import type { StudyPlan } from './plan.js';
import { shapeOf } from './policy.js';

export interface CostResult {
  readonly plan: StudyPlan;
  readonly cells: readonly CostCell[];
  readonly covariance: CovarianceResult;
  readonly kl: readonly KlRecord[];
}

/** Opens the folder; grids and arms are in the points' names, so that a study can be widened. */
export function openCost(folder: string, plan: StudyPlan): Points {
  const { parameters: _p, examples: _n, ...cost } = plan.cost;
  const { environments: _e, arms: _a, ...kl } = plan.kl;
  return new Points(folder, {
    study: 'rank1-cost',
    cost,
    covariance: plan.covariance,
    kl,
  } as unknown as Json);
}

/** Makes what is missing; null where interrupted. */
export async function runCost(
  points: Points,
  plan: StudyPlan,
  gauges: Gauges,
  hooks: Hooks = {},
): Promise<CostResult | null> {
  const aborted = (): boolean => hooks.signal?.aborted ?? false;
  const runs = plan.kl.environments.flatMap((environment) =>
    plan.kl.arms
      .filter((arm) => arm.only === undefined || arm.only === environment)
      .map((arm) => ({ environment, arm })),
  );
  const { parameters, examples } = plan.cost;
  const jobs = parameters.length * examples.length + 1 + runs.length;
  let done = 0;
  const report = (text: string, part = 0): void => hooks.onProgress?.((done + part) / jobs, text);
  const cells: CostCell[] = [];
  const rates: Rates = new Map();
  for (const asked of parameters) {
    for (const n of examples) {
      report(`cost, P = ${asked}, N = ${n}`);
      const cell = await points.get(`cost-${asked}-${n}`, () =>
        measureCell(plan.cost, asked, n, gauges, rates, aborted),
      );
      if (cell === null) return null;
      // A stored cell says how fast the methods are, too.
      for (const { method, seconds } of cell.methods) {
        if (seconds) rates.set(method, operations(method, shapeOf(asked), n) / seconds[1]);
      }
      cells.push(cell);
      done++;
    }
  }
  report('covariance');
  const covariance = await points.get('covariance', () => measureCovariance(plan.covariance, aborted));
  if (covariance === null) return null;
  done++;
  const kl: KlRecord[] = [];
  for (const { environment, arm } of runs) {
    const name = `${environment}, ${arm.name}`;
    report(name);
    const record = await points.get(`kl-${environment}-${arm.key}`, () =>
      measureKlSteps(plan.kl, environment, arm, aborted, (k) => report(name, k / plan.kl.updates)),
    );
    if (record === null) return null;
    kl.push(record);
    done++;
  }
  return { plan, cells, covariance, kl };
}
