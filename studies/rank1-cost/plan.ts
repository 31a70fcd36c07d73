/**
 * @module studies/rank1-cost/plan
 *
 * Plan of the study: the inverses and their options, the grid of parameters and examples, reparameterisations, and the runs in which the
 * divergence of every step is compared with what it was asked to be. All are choices of this study.
 */
import {
  type PreconditionerFactory,
  conjugateGradient,
  diagonalInverse,
  kfac,
  shermanMorrison,
  woodbury,
} from 'fim/optim';
import type { AlgorithmName, OptionValues } from 'fim/rl';

export const METHODS = ['gradient', 'sherman-morrison', 'diagonal', 'kfac', 'cg-10', 'woodbury'] as const;
export type Method = (typeof METHODS)[number];

export const METHOD_WORDS: Readonly<Record<Method, string>> = {
  gradient: 'gradient',
  'sherman-morrison': 'rank-1',
  diagonal: 'diagonal',
  kfac: 'KFAC',
  'cg-10': 'CG-10',
  woodbury: 'Woodbury',
};

/** λ of the costs; nothing but Woodbury's rules depends on it. */
const DAMPING = 0.1;

/** As published codes run them: KFAC and the diagonal from one sampled action a state, CG on the true Fisher; null: the identity. */
export const FACTORIES: Readonly<Record<Method, PreconditionerFactory | null>> = {
  gradient: null,
  'sherman-morrison': shermanMorrison({ damping: DAMPING }),
  diagonal: diagonalInverse({ damping: DAMPING, columns: 'sampled' }),
  kfac: kfac({ damping: DAMPING, columns: 'sampled' }),
  'cg-10': conjugateGradient({ damping: DAMPING, iterations: 10, tolerance: 0 }),
  woodbury: woodbury({ damping: DAMPING }),
};

export interface CostPlan {
  /** Parameters asked for; the network nearest to it is taken. */
  readonly parameters: readonly number[];
  readonly examples: readonly number[];
  /** Rounds of measurements of a cell, all methods one after the other in each, at least and at most. */
  readonly rounds: readonly [number, number];
  /** Seconds of processor time that a cell's rounds may take beyond the least number of them. */
  readonly cellSeconds: number;
  /** A method is left out of a cell where an update is predicted to take more processor time than this. */
  readonly updateSeconds: number;
  /** … or where what it must hold at once is more than this many bytes. */
  readonly bytes: number;
}

export interface CovariancePlan {
  readonly hidden: readonly number[];
  readonly inputs: number;
  readonly examples: number;
  /** Λs drawn. */
  readonly draws: number;
  /** Largest over smallest singular value of every factor of Λ. */
  readonly condition: number;
  readonly dampings: readonly number[];
  /** ε. */
  readonly epsilon: number;
}

export interface KlArm {
  readonly key: string;
  readonly name: string;
  readonly algorithm: AlgorithmName;
  readonly options: OptionValues;
  /** Where it is run; everywhere by default. */
  readonly only?: string;
}

export interface KlPlan {
  readonly environments: readonly string[];
  readonly arms: readonly KlArm[];
  readonly updates: number;
  /** Environments × horizon: rows of a segment. */
  readonly copies: number;
  readonly horizon: number;
  readonly criticEpochs: number;
  readonly epsilon: number;
  readonly seed: number;
}

export interface StudyPlan {
  readonly cost: CostPlan;
  readonly covariance: CovariancePlan;
  readonly kl: KlPlan;
}

/** Steps of the size asked for whatever the learning rate: ACKTR's is a cap. */
const UNCAPPED = { learningRate: 1e9, schedule: 'constant' };

export const KL_ARMS: readonly KlArm[] = [
  { key: 'sherman-morrison', name: 'Sherman–Morrison', algorithm: 'smac', options: { damping: 0.1 } },
  { key: 'woodbury', name: 'Woodbury, λ by moments', algorithm: 'woodbury', options: {} },
  { key: 'cg', name: 'CG, λ = 0.1', algorithm: 'npg', options: { damping: 0.1, cgIterations: 10 } },
  { key: 'kfac', name: 'KFAC, λ = 0.01', algorithm: 'acktr', options: { damping: 0.01, ...UNCAPPED } },
  { key: 'diagonal', name: 'diagonal, λ = 0.01', algorithm: 'diagonal', options: { damping: 0.01 } },
  {
    key: 'cg-low',
    name: 'CG, λ = 0.001 (published)',
    algorithm: 'npg',
    options: { damping: 1e-3, cgIterations: 10 },
    only: 'CartPole-v1',
  },
];

export const PLAN: StudyPlan = {
  cost: {
    parameters: [1e3, 1e4, 1e5, 1e6, 1e7],
    examples: [64, 256, 1024, 2048],
    rounds: [5, 31],
    cellSeconds: 1.5,
    updateSeconds: 12,
    bytes: 2 ** 31,
  },
  covariance: {
    hidden: [4],
    inputs: 3,
    examples: 256,
    draws: 12,
    condition: 10,
    dampings: [1e-10, 1e-8, 1e-6, 1e-4, 1e-2, 1],
    // Small, so that a step's change is that of its direction.
    epsilon: 1e-6,
  },
  kl: {
    environments: ['CartPole-v1', 'Pendulum-v1', 'HalfCheetah-v5'],
    arms: KL_ARMS,
    updates: 205,
    copies: 8,
    horizon: 64,
    criticEpochs: 5,
    epsilon: 0.01,
    seed: 0,
  },
};

/** Seconds, for tests. */
export const PLAN_QUICK: StudyPlan = {
  cost: { ...PLAN.cost, parameters: [1e3, 4e3], examples: [32, 64], rounds: [2, 2], cellSeconds: 0 },
  covariance: { ...PLAN.covariance, draws: 3, dampings: [1e-8, 1e-2] },
  kl: {
    ...PLAN.kl,
    environments: ['CartPole-v1', 'Pendulum-v1'],
    updates: 6,
    copies: 4,
    horizon: 32,
  },
};
