/**
 * @module studies/rank1-theory/analysis
 *
 * Analysis of all runs together: rates of every arm, speeds relative to the policy gradient with seeds paired, and gains at tuned steps.
 */
import { holm, studentTail } from 'fim/stats';
import type { AlignedRecord, TunedArm } from './aligned.js';
import { type Arm, armName, type Descent } from './descent.js';
import {
  beyondRounding,
  logLagRatio,
  type Measured,
  meanOf,
  type Quantity,
  QUANTITIES,
  rateDifference,
  rateOf,
} from './fits.js';
import { gridArms, rateArms, type TheoryPlan } from './plan.js';
import type { Lags, ProblemResult, TheoryResult } from './study.js';

export interface RateRow {
  readonly problem: string;
  readonly arm: Arm;
  readonly rates: Readonly<Record<Quantity, Measured | null>>;
  /** Mean suboptimality at the end. */
  readonly gap: Measured;
  readonly diverged: number;
  /** Slope of the gap minus that of the control of the same batch and schedule; null for the control. */
  readonly beyondControl: Readonly<Record<Quantity, Measured | null>> | null;
}

export function rateRows(result: TheoryResult): RateRow[] {
  return result.problems.flatMap((p) =>
    rateArms(result.plan, p.problem).map((arm) => rateRow(result.plan, p, arm)),
  );
}

function rateRow(plan: TheoryPlan, { problem, rates }: ProblemResult, arm: Arm): RateRow {
  const runs = rates.get(armName(arm)) ?? [];
  // Steps may differ: the natural gradient has one of its own.
  const twin = rateArms(plan, problem).find(
    (a) => a.method === 'control' && a.batch === arm.batch && a.halfLife === arm.halfLife,
  );
  const control = arm.method === 'control' || twin === undefined ? null : (rates.get(armName(twin)) ?? null);
  return {
    problem: problem.name,
    arm,
    rates: each((q) => rateOf(runs, q)),
    gap: meanWithError(runs.map((r) => r.gap[r.gap.length - 1])),
    diverged: runs.filter((r) => r.diverged !== null).length,
    beyondControl: control && each((q) => rateDifference(runs, control, q)),
  };
}

const each = (f: (q: Quantity) => Measured | null): Record<Quantity, Measured | null> =>
  Object.fromEntries(QUANTITIES.map((q) => [q, f(q)])) as Record<Quantity, Measured | null>;

export function meanWithError(values: readonly number[]): Measured {
  const mean = meanOf(values);
  const variance = values.reduce((a, v) => a + (v - mean) ** 2, 0) / Math.max(1, values.length - 1);
  return { value: mean, se: beyondRounding(Math.sqrt(variance / values.length), mean) };
}

/** How long a method lags behind over how long the policy gradient does; below 1 it is faster. */
export interface Comparison {
  readonly problem: string;
  readonly arm: Arm;
  /** Logarithm of the ratio of mean suboptimalities over a run; null where a run of either diverged. */
  readonly logRatio: Measured | null;
  readonly diverged: number;
  readonly baselineDiverged: number;
  /** Two-sided, Student's t over seeds, Holm-corrected within the family of comparisons it is part of. */
  readonly p: number | null;
}

export function comparisons(result: TheoryResult, at: 'effective' | 'nominal'): Comparison[] {
  const all = result.problems.flatMap(({ problem, grid }) => {
    const [baseline, ...arms] = gridArms(result.plan, problem)[at];
    const base = lagsOf(grid, baseline);
    return arms.map((arm) => compared(problem.name, arm, lagsOf(grid, arm), base));
  });
  return corrected(all, result.plan.seeds.length);
}

function compared(
  problem: string,
  arm: Arm,
  lags: readonly (number | null)[],
  base: readonly (number | null)[],
): Omit<Comparison, 'p'> {
  const diverged = (l: readonly (number | null)[]) => l.filter((v) => v === null).length;
  return {
    problem,
    arm,
    logRatio: logLagRatio(lags.map(finite), base.map(finite)),
    diverged: diverged(lags),
    baselineDiverged: diverged(base),
  };
}

const finite = (lag: number | null): number => lag ?? Infinity;

const lagsOf = (lags: Lags, arm: Arm): readonly (number | null)[] => lags.get(armName(arm)) ?? [];

/** Adds p values. */
function corrected<T extends { readonly logRatio: Measured | null }>(
  rows: readonly T[],
  seeds: number,
): (T & { readonly p: number | null })[] {
  const known = rows.flatMap(({ logRatio }, i) => (logRatio === null ? [] : [{ i, logRatio }]));
  const adjusted = holm(
    known.map(({ logRatio: { value, se } }) =>
      se > 0 ? 2 * studentTail(Math.abs(value) / se, seeds - 1) : Number(value === 0),
    ),
  );
  const byRow = new Map(known.map(({ i }, k) => [i, adjusted[k]]));
  return rows.map((row, i) => ({ ...row, p: byRow.get(i) ?? null }));
}

/** The best of a method's tuned arms against the best policy gradient, both from samples or both from the exact gradient. */
export interface Gain {
  readonly family: AlignedRecord['family'];
  readonly weight: number;
  readonly rank: number;
  readonly arm: TunedArm;
  readonly pg: TunedArm;
  readonly logRatio: Measured | null;
}

export function gains(result: TheoryResult): (Gain & { readonly p: number | null })[] {
  const rows = result.aligned.flatMap(({ family, weight, rank, arms }) =>
    arms.flatMap((arm): Gain[] => {
      const pg = arms.find((a) => a.method === 'pg' && a.sampled === arm.sampled);
      if (arm.method === 'pg' || pg === undefined) return [];
      const logRatio = logLagRatio(arm.lags.map(finite), pg.lags.map(finite));
      return [{ family, weight, rank, arm, pg, logRatio }];
    }),
  );
  return corrected(rows, result.plan.seeds.length);
}

export const runsOf = ({ rates }: ProblemResult, arm: Arm): readonly Descent[] =>
  rates.get(armName(arm)) ?? [];
