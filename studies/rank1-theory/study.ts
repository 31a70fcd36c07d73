/**
 * @module studies/rank1-theory/study
 *
 * The whole study as pieces: one a problem and seed (rates and grid), one an aligned problem, one a problem for the identities.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { significant } from 'fim/jobs';
import type { CutStudy, Piece } from '../face/piece.js';
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

/** Both kinds of runs of a problem under one seed. */
interface SeedRuns {
  readonly rates: Stored<Descent>;
  readonly grid: Stored<number | null>;
}

/** Of a piece of each kind, about. */
const SECONDS = { runs: 4, aligned: 20, identities: 1 };

/** The study: settings, pieces, and what these come to. Seeds and weights are in the pieces' names, so that it can be widened. */
export function theoryStudy(
  plan: TheoryPlan,
): Pick<CutStudy<TheoryResult>, 'settings' | 'pieces' | 'assemble'> {
  const { seeds: _, weights: __, ...rest } = plan;
  const runs = PROBLEMS.map((problem) => ({ problem, pieces: runPieces(plan, problem) }));
  const aligned = FAMILY_NAMES.flatMap((family) =>
    plan.weights.map((weight): Piece<AlignedRecord> => ({
      key: `${family}-${weight}-seeds-${plan.seeds.length}`,
      seconds: SECONDS.aligned,
      run: ({ signal }) => measureAligned(plan, family, weight, signal),
    })),
  );
  const identities = identityJobs(plan).map((job): Piece<IdentityRecord[]> => ({
    key: `identities-${job.name}`,
    seconds: SECONDS.identities,
    run: async ({ signal }) => {
      await turn();
      return signal?.aborted ? null : identitiesOf(plan, job);
    },
  }));
  return {
    settings: { study: 'rank1-theory', ...rest },
    pieces: [...runs.flatMap(({ pieces }) => pieces), ...aligned, ...identities],
    assemble: (results) => ({
      plan,
      problems: runs.map(({ problem, pieces }) => problemResult(plan, problem, results.of(pieces))),
      aligned: results.of(aligned),
      identities: results.of(identities).flat(),
    }),
  };
}

const armsOf = (plan: TheoryPlan, problem: StudyProblem) => {
  const { effective, nominal } = gridArms(plan, problem);
  return { rates: rateArms(plan, problem), grid: [...effective, ...nominal] };
};

/** A piece for each seed of a problem. */
function runPieces(plan: TheoryPlan, problem: StudyProblem): Piece<SeedRuns>[] {
  const arms = armsOf(plan, problem);
  return plan.seeds.map((seed) => ({
    key: `${problem.name}-seed-${seed}`,
    seconds: SECONDS.runs,
    run: async ({ signal }) => {
      const made = problem.make(seed);
      const rates = await forArms(arms.rates, signal, (arm) =>
        descend(made, arm, seed, logChecks(arm.batch === null ? plan.exactUpdates : plan.samples)),
      );
      const grid = await forArms(arms.grid, signal, (arm) => {
        const value = lag(descend(made, arm, seed, linearChecks(plan.gridSamples)));
        return Number.isFinite(value) ? significant(value) : null;
      });
      return rates && grid && { rates, grid };
    },
  }));
}

function problemResult(plan: TheoryPlan, problem: StudyProblem, runs: readonly SeedRuns[]): ProblemResult {
  const arms = armsOf(plan, problem);
  return {
    problem,
    title: problem.make(plan.seeds[0]).title,
    rates: gathered(
      arms.rates,
      runs.map(({ rates }) => rates),
    ),
    grid: gathered(
      arms.grid,
      runs.map(({ grid }) => grid),
    ),
  };
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
