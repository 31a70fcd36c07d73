/**
 * @module studies/rank1-theory/plan
 *
 * Plan of the study. Steps, dampings, batches and problems are choices of this study; the paper's are not known here.
 */
import type { Arm, Method } from './descent.js';
import type { TheoryProblem } from './problem.js';
import { oneStepRegulator, regulatorStudy } from './regulators.js';
import { bandit, frozenLakeProblem, randomMdp } from './tables.js';

/** A problem for each seed (random MDPs differ), with the effective step α = η/λ that suits it. */
export interface StudyProblem {
  readonly name: string;
  readonly make: (seed: number) => TheoryProblem;
  readonly step: number;
  /** The same for the natural gradient's rates: where trF ≫ λ it moves far less at the η of the others. */
  readonly naturalStep: number;
}

export const PROBLEMS: readonly StudyProblem[] = [
  { name: 'random-mdp', make: randomMdp, step: 3, naturalStep: 3 },
  { name: 'frozen-lake', make: frozenLakeProblem, step: 30, naturalStep: 30 },
  { name: 'regulator', make: regulatorStudy, step: 0.05, naturalStep: 1.5 },
];

export interface TheoryPlan {
  readonly seeds: readonly number[];
  /** λ of the rates. */
  readonly damping: number;
  readonly batches: readonly number[];
  /** Batch of everything that has one only. */
  readonly batch: number;
  /** Pairs of a rates run. */
  readonly samples: number;
  /** Updates with the exact gradient. */
  readonly exactUpdates: number;
  /** k₀ of decreasing steps. */
  readonly halfLife: number;
  /** Pairs of a run of the grid and of the aligned problems. */
  readonly gridSamples: number;
  readonly dampings: readonly number[];
  /** Weight of the lesser three of four directions, the first being 1. */
  readonly weights: readonly number[];
  /** λ of the aligned problems over trF at their start. */
  readonly relativeDampings: readonly number[];
  /** Seeds for tuning, apart from `seeds`. */
  readonly tuning: readonly number[];
  /** Draws of an identity's test. */
  readonly draws: number;
}

const range = (from: number, count: number): number[] => Array.from({ length: count }, (_, i) => from + i);

export const THEORY: TheoryPlan = {
  seeds: range(0, 20),
  damping: 0.1,
  batches: [4, 8, 16],
  batch: 16,
  samples: 32768,
  exactUpdates: 1024,
  halfLife: 64,
  gridSamples: 4096,
  dampings: [0.01, 0.1, 1, 10, 100, 1000],
  weights: [1, 0.3, 0.1, 0.03, 0.01],
  relativeDampings: [0.1, 0.01],
  tuning: range(1000, 12),
  draws: 20_000,
};

/** Seconds, for tests. */
export const THEORY_QUICK: TheoryPlan = {
  ...THEORY,
  seeds: range(0, 3),
  batches: [8],
  batch: 8,
  samples: 512,
  exactUpdates: 64,
  halfLife: 16,
  gridSamples: 256,
  dampings: [0.1, 10],
  weights: [1, 0.1],
  relativeDampings: [0.1],
  tuning: range(1000, 2),
  draws: 500,
};

/** Methods whose rates are fitted. */
export const RATED: readonly Method[] = ['pg', 'control', 'smac', 'smac-independent', 'natural'];

/** Arms of the rates of a problem: η = αλ for all but the natural gradient. */
export function rateArms(plan: TheoryPlan, { step, naturalStep }: StudyProblem): Arm[] {
  const arm = (method: Method, batch: number | null, halfLife: number | null): Arm => ({
    method,
    step: nominal(method === 'natural' ? naturalStep : step, plan.damping),
    damping: plan.damping,
    batch,
    halfLife,
  });
  return [
    ...plan.batches.flatMap((batch) => RATED.map((m) => arm(m, batch, plan.halfLife))),
    ...RATED.map((m) => arm(m, plan.batch, null)),
    ...(['control', 'smac', 'natural'] as const).map((m) => arm(m, null, null)),
  ];
}

/** η = αλ to a few digits, so that names of arms are short. */
export const nominal = (step: number, damping: number): number => Number((step * damping).toPrecision(6));

/** Nominal step of the comparison at equal nominal step, over the problem's effective step. */
export const NOMINAL_SHARE = 0.1;

/** At equal effective step: η = αλ for each λ. At equal nominal step: η = α/10 for each λ. */
export function gridArms(plan: TheoryPlan, { step }: StudyProblem): { effective: Arm[]; nominal: Arm[] } {
  const common = { batch: plan.batch, halfLife: null };
  const pg = (s: number): Arm => ({ method: 'pg', step: s, damping: 1, ...common });
  const fixed = nominal(step, NOMINAL_SHARE);
  return {
    effective: [
      pg(step),
      ...plan.dampings.flatMap((damping) =>
        (['smac', 'smac-independent', 'natural'] as const).map((method): Arm => ({
          method,
          step: nominal(step, damping),
          damping,
          ...common,
        })),
      ),
    ],
    nominal: [
      pg(fixed),
      ...plan.dampings
        .filter((d) => d <= 10)
        .map((damping): Arm => ({ method: 'smac', step: fixed, damping, ...common })),
    ],
  };
}

/** Families whose Fisher goes from rank 4 to nearly rank 1. */
export const FAMILIES = {
  bandit: {
    title: 'Four two-armed bandits',
    make: (weight: number) => {
      const total = 1 + 3 * weight;
      return bandit(
        [1, weight, weight, weight].map((w) => w / total),
        `bandit-${weight}`,
        `Four two-armed bandits, weights 1 and ${weight}`,
      );
    },
    steps: powers(0.5, 12),
    // With exact gradients the longest step is the best one, of any method: nothing is to be compared.
    exact: false,
  },
  'one-step': {
    title: 'One-step regulator',
    make: (weight: number) =>
      oneStepRegulator(
        [1, weight, weight, weight],
        `one-step-${weight}`,
        `One-step regulator, weights 1 and ${weight}`,
      ),
    steps: powers(2 ** -6, 13),
    exact: true,
  },
} as const;
export type FamilyName = keyof typeof FAMILIES;
export const FAMILY_NAMES = Object.keys(FAMILIES) as readonly FamilyName[];

/** `count` effective steps, each twice the one before. */
function powers(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => first * 2 ** i);
}

/** 0 and then one each factor of two up to the last. */
export function logChecks(last: number): number[] {
  const out = [0];
  for (let t = last; t >= 16; t /= 2) out.push(Math.round(t));
  return out.sort((a, b) => a - b);
}

/** Eight equal parts. */
export const linearChecks = (last: number): number[] => range(0, 9).map((i) => Math.round((i * last) / 8));
