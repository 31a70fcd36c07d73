/**
 * @module jobs/request
 *
 * Request of an estimate: what is estimated, how, and what is heard while it runs.
 */
import type { Dataset } from '../data/dataset.js';
import type { Engine } from '../engine/types.js';
import type { EntryWeights, EstimatorChoice, Figure, Question, VisitingChoice } from '../fisher/index.js';
import type { Labels, Likelihood } from '../likelihood/types.js';
import type { Network } from '../model/network.js';
import type { KernelChoice, RootChoice, RootWord } from '../likelihood/roots/index.js';
import type { Weighing } from './weighing.js';

/** A root by its word, or a kernel that is known already. */
export type AskedRoot = RootWord | KernelChoice;

/** What to estimate, on which examples and at which accuracy. Everything may be left out. */
export interface EstimateRequest {
  /** Default: the one of least variance × operations, by a small pilot. */
  readonly estimator?: EstimatorChoice | undefined;
  /** Draws per example. */
  readonly labels?: number | undefined;
  /** Default `auto`. */
  readonly error?: 'auto' | 'closed-form' | 'sampled' | undefined;
  /** Default `distribution`. */
  readonly population?: 'distribution' | 'data' | undefined;
  /** Of the intervals; default 0.95. */
  readonly level?: number | undefined;
  /** What an estimator that is left open is chosen for: the total, or its entries. Default `trace`. */
  readonly question?: Question | undefined;
  /** Relative standard error of the trace to plan for. */
  readonly targetError?: number | undefined;
  /** What signs are drawn on; default `eigen`. */
  readonly root?: AskedRoot | undefined;
  /** Columns of the root that are taken exactly beside signs; `auto`: as many as pay for themselves. Default 0. */
  readonly exactPairs?: number | 'auto' | undefined;
  /** Weights of the entries: the estimate states Σ_i w_i 𝓘_ii of each, with its own error. */
  readonly functionals?: readonly EntryWeights[] | undefined;
  /** Vectors w in the space of the parameters: it states wᵀ𝓘w of each; not with `type2`, `mix` and `auto`. */
  readonly quadratics?: readonly EntryWeights[] | undefined;
  /** How many of the largest entries are listed, with sums along the rows and columns of dense weights. Default: none. */
  readonly largest?: number | undefined;
  /** How many examples to visit; default all. */
  readonly examples?: number | undefined;
  /** Which examples are visited where fewer than all are; default `auto`, the better of the two by thirty visits. */
  readonly visits?: VisitingChoice | undefined;
  /** Default `seed`: permuted by the seed. */
  readonly order?: 'seed' | 'file' | undefined;
  /** Seed of labels, signs and order; default 0. */
  readonly seed?: number | undefined;
  /** Weights of the loss by class, with `empirical` alone: a score is multiplied by that of its label. */
  readonly classWeights?: readonly number[] | undefined;
  /** Bytes that the passes may hold, their sums included; default 512 MiB beside the sums. */
  readonly memory?: number | undefined;
  /** Groups of examples whose sums of the values are kept beside, of uniform visits in the order of the seed; default none. */
  readonly groupSums?: number | undefined;
  /** Examples per pass; default 256. */
  readonly batch?: number | undefined;
}

/** What is estimated: a network and a likelihood on data, by an engine. */
export interface EstimateSubject {
  /** Runs the passes. */
  readonly engine: Engine;
  /** The network h(x; θ). */
  readonly network: Network;
  /** p(y|h). */
  readonly likelihood: Likelihood;
  /** The examples. */
  readonly dataset: Dataset;
  /** Labels of the data, for empirical. */
  readonly targets?: Labels | null;
}

/** A request whose root has what it takes. */
export interface RootedRequest extends Omit<EstimateRequest, 'root'> {
  /** What signs are drawn on; default `eigen`. */
  readonly root?: RootChoice | undefined;
}

/** With the weights of its examples read. */
export interface Weighed extends EstimateSubject {
  readonly weighing: Weighing;
}

/** What is heard while it runs. */
export interface EstimateListener {
  /** What was chosen or planned, and why. */
  say?(line: string): void;
  /** After each batch: the share of examples done, and the trace so far. */
  progress?(share: number, trace: () => Figure): void;
  /** Ends the estimate between two batches, with what is known so far. */
  readonly signal?: AbortSignal;
}
