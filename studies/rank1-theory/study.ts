/**
 * @module studies/rank1-theory/study
 *
 * The whole study as resumable points: one a problem and seed (rates and grid), one an aligned problem, one a problem for the identities.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { type Hooks, significant } from 'fim/jobs';
import { Points } from 'fim/store';
import { type AlignedRecord, measureAligned } from './aligned.js';
import { type Arm, armName, descend, type Descent } from './descent.js';
import { lag } from './fits.js';
import { type IdentityRecord, measureIdentities } from './identities.js';
import {
  FAMILIES,
  FAMILY_NAMES,
  gridArms,
  linearChecks,
  logChecks,
  nominal,
  PROBLEMS,
  rateArms,
  type StudyProblem,
  type TheoryPlan,
} from './plan.js';
import type { TheoryProblem } from './problem.js';

/** Runs of one problem, by the name of the arm; a run a seed. */
export type Runs = ReadonlyMap<string, readonly Descent[]>;

export type Lags = ReadonlyMap<string, readonly (number | null)[]>;

export interface ProblemResult {
  readonly problem: StudyProblem;
  readonly title: string;
  readonly rates: Runs;
  /** Mean suboptimality over a run by arm and seed; null: diverged. */
  readonly grid: Lags;
}

export interface TheoryResult {
  readonly plan: TheoryPlan;
  readonly problems: readonly ProblemResult[];
  readonly aligned: readonly AlignedRecord[];
  readonly identities: readonly IdentityRecord[];
}

type Stored<T> = Readonly<Record<string, T>>;

/** What every point depends on; seeds and weights are in the points' names, so that a study can be widened. */
export function openTheory(folder: string, plan: TheoryPlan): Points {
  const { seeds: _, weights: __, ...rest } = plan;
  return new Points(folder, { study: 'rank1-theory', ...rest });
}

/** Makes what is missing; null where interrupted. */
export async function runTheory(
  points: Points,
  plan: TheoryPlan,
  hooks: Hooks = {},
): Promise<TheoryResult | null> {
  const jobs = PROBLEMS.length * plan.seeds.length + FAMILY_NAMES.length * plan.weights.length;
  let done = 0;
  const report = (text: string) => hooks.onProgress?.(done++ / jobs, text);
  const problems: ProblemResult[] = [];
  for (const problem of PROBLEMS) {
    const rates = rateArms(plan, problem);
    const { effective, nominal } = gridArms(plan, problem);
    const grid = [...effective, ...nominal];
    const stored: { rates: Stored<Descent>; grid: Stored<number | null> }[] = [];
    for (const seed of plan.seeds) {
      report(`${problem.name}, seed ${seed}`);
      const made = problem.make(seed);
      const one = await points.get(`${problem.name}-seed-${seed}`, async () => {
        const long = await forArms(rates, hooks.signal, (arm) =>
          descend(made, arm, seed, logChecks(arm.batch === null ? plan.exactUpdates : plan.samples)),
        );
        const short = await forArms(grid, hooks.signal, (arm) => {
          const value = lag(descend(made, arm, seed, linearChecks(plan.gridSamples)));
          return Number.isFinite(value) ? significant(value) : null;
        });
        return long && short && { rates: long, grid: short };
      });
      if (one === null) return null;
      stored.push(one);
    }
    problems.push({
      problem,
      title: problem.make(plan.seeds[0]).title,
      rates: gathered(
        rates,
        stored.map((s) => s.rates),
      ),
      grid: gathered(
        grid,
        stored.map((s) => s.grid),
      ),
    });
  }
  const aligned: AlignedRecord[] = [];
  for (const family of FAMILY_NAMES) {
    for (const weight of plan.weights) {
      report(`${family}, weight ${weight}`);
      const one = await points.get(`${family}-${weight}-seeds-${plan.seeds.length}`, () =>
        measureAligned(plan, family, weight, hooks.signal),
      );
      if (one === null) return null;
      aligned.push(one);
    }
  }
  const identities: IdentityRecord[] = [];
  for (const job of identityJobs(plan)) {
    hooks.onProgress?.(1, `identities, ${job.name}`);
    const found = await points.get(`identities-${job.name}`, async () => {
      await turn();
      return hooks.signal?.aborted ? null : identitiesOf(plan, job);
    });
    if (found === null) return null;
    identities.push(...found);
  }
  return { plan, problems, aligned, identities };
}

async function forArms<T>(
  arms: readonly Arm[],
  signal: AbortSignal | undefined,
  make: (arm: Arm) => T,
): Promise<Stored<T> | null> {
  const out: Record<string, T> = {};
  for (const arm of arms) {
    // Lets a Ctrl-C in between two descents.
    await turn();
    if (signal?.aborted) return null;
    out[armName(arm)] = make(arm);
  }
  return out;
}

function gathered<T>(arms: readonly Arm[], stored: readonly Stored<T>[]): Map<string, T[]> {
  return new Map(arms.map((arm) => [armName(arm), stored.map((s) => s[armName(arm)])]));
}

interface IdentityJob {
  readonly name: string;
  readonly problem: TheoryProblem;
  /** Effective step of the descent along which they are measured. */
  readonly step: number;
  readonly dampings: readonly number[];
  readonly coupled: number | null;
}

function identityJobs(plan: TheoryPlan): IdentityJob[] {
  const lists = { 'random-mdp': 4, 'frozen-lake': null, regulator: null } as const;
  const named = PROBLEMS.map(({ name, make, step }): IdentityJob => ({
    name,
    problem: make(0),
    step,
    dampings: [plan.damping],
    coupled: lists[name as keyof typeof lists],
  }));
  const families = FAMILY_NAMES.flatMap((family) =>
    plan.weights.map((weight): IdentityJob => {
      const problem = FAMILIES[family].make(weight);
      const fisher = problem.at(problem.start)?.fisher() ?? new Float64Array(0);
      let trace = 0;
      for (let i = 0; i < problem.parameters; i++) trace += fisher[i * problem.parameters + i];
      return {
        name: problem.name,
        problem,
        step: FAMILIES[family].steps[2],
        dampings: plan.relativeDampings.map((r) => Number((r * trace).toPrecision(6))),
        coupled: family === 'bandit' ? 4 : null,
      };
    }),
  );
  return [...named, ...families];
}

/** At the start, and on the way of the policy gradient after 32 and 256 updates. */
const STOPS = [0, 32, 256];

function identitiesOf(plan: TheoryPlan, { problem, step, dampings, coupled }: IdentityJob): IdentityRecord[] {
  const out: IdentityRecord[] = [];
  const theta = problem.start.slice();
  for (let k = 0; k <= STOPS[STOPS.length - 1]; k++) {
    const point = problem.at(theta);
    if (point === null) break;
    if (STOPS.includes(k)) {
      for (const damping of dampings) {
        out.push(
          measureIdentities(point, { problem, updates: k, damping, draws: plan.draws, seed: k, coupled }),
        );
      }
    }
    // The exact gradient, so that where this goes does not hang on a seed.
    for (let i = 0; i < theta.length; i++) theta[i] += nominal(step, 1) * point.gradient[i];
  }
  return out;
}
