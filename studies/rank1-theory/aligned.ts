/**
 * @module studies/rank1-theory/aligned
 *
 * Problems whose Fisher goes from rank 4 to nearly rank 1 along the curvature: here an inverse of rank 1 has its best chance. Every method
 * takes the effective step α that was best on seeds of its own, then runs on the study's seeds: no method profits from the other's step.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { significant } from 'fim/jobs';
import { type Arm, descend, type Method } from './descent.js';
import { lag, meanOf } from './fits.js';
import { FAMILIES, type FamilyName, linearChecks, nominal, type TheoryPlan } from './plan.js';
import type { TheoryProblem } from './problem.js';
import { topOf, traceOf } from './rank.js';

export interface TunedArm {
  readonly method: Method;
  /** λ/trF; null for the policy gradient. */
  readonly relativeDamping: number | null;
  /** False: the exact gradient. */
  readonly sampled: boolean;
  /** Best effective step on the tuning seeds. */
  readonly step: number;
  /** Whether that is the first or last of the grid. */
  readonly atEdge: boolean;
  /** Mean suboptimality over a run, a study's seed each; null: diverged. */
  readonly lags: readonly (number | null)[];
}

export interface AlignedRecord {
  readonly family: FamilyName;
  readonly weight: number;
  readonly rank: number;
  readonly trace: number;
  readonly arms: readonly TunedArm[];
}

export async function measureAligned(
  plan: TheoryPlan,
  family: FamilyName,
  weight: number,
  signal: AbortSignal | undefined,
): Promise<AlignedRecord | null> {
  const { make, steps, exact } = FAMILIES[family];
  const problem = make(weight);
  const start = problem.at(problem.start);
  if (start === null) return null;
  const F = start.fisher();
  const trace = traceOf(F, problem.parameters);
  const arms: TunedArm[] = [];
  const kinds: { method: Method; relativeDamping: number | null }[] = [
    { method: 'pg', relativeDamping: null },
    ...plan.relativeDampings.flatMap((relativeDamping) =>
      (['smac', 'smac-independent', 'natural'] as const).map((method) => ({ method, relativeDamping })),
    ),
  ];
  for (const sampled of exact ? [true, false] : [true]) {
    for (const { method, relativeDamping } of kinds) {
      // Without a batch there is no pair to couple to.
      if (!sampled && method === 'smac') continue;
      const damping = relativeDamping === null ? 1 : significant(relativeDamping * trace, 6);
      const armAt = (step: number): Arm => ({
        method,
        step: nominal(step, damping),
        damping,
        batch: sampled ? plan.batch : null,
        halfLife: null,
      });
      const scores: number[] = [];
      for (const step of steps) {
        await turn();
        if (signal?.aborted) return null;
        scores.push(meanOf(plan.tuning.map((seed) => lagOf(plan, problem, armAt(step), seed))));
      }
      const best = scores.indexOf(Math.min(...scores));
      const lags = plan.seeds.map((seed) => lagOf(plan, problem, armAt(steps[best]), seed));
      arms.push({
        method,
        relativeDamping,
        sampled,
        step: steps[best],
        atEdge: best === 0 || best === steps.length - 1,
        lags: lags.map((l) => (Number.isFinite(l) ? significant(l) : null)),
      });
    }
  }
  return { family, weight, rank: significant(trace / topOf(F, problem.parameters).value), trace, arms };
}

function lagOf(plan: TheoryPlan, problem: TheoryProblem, arm: Arm, seed: number): number {
  const samples = arm.batch === null ? plan.gridSamples / plan.batch : plan.gridSamples;
  return lag(descend(problem, arm, seed, linearChecks(samples)));
}
