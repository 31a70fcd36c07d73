/**
 * @module fisher/options
 *
 * Settings of an estimate of the diagonal.
 */
import type { RootChoice } from '../likelihood/roots/index.js';
import type { Labels } from '../likelihood/types.js';
import type { ExampleWeights } from './example-weights.js';
import type { EntryWeights } from './entry-weights.js';
import type { Proxies } from './proxy/proxies.js';
import type { VisitDesign } from './visits.js';
import type { DiagonalEstimate, ErrorSource, Estimator, Figure, Population } from './estimate.js';

/** Settings of `estimateDiagonal`. */
export interface DiagonalOptions {
  /** Which matrix, and how. */
  readonly estimator: Estimator;
  /** Draws per example, for every estimator that draws. Default 1. */
  readonly labels?: number;
  /** What signs are drawn on (likelihood/roots). Default `eigen`. */
  readonly root?: RootChoice;
  /** Columns of the root that are taken exactly, one pass each, with signs on the rest; for rademacher. Default 0. */
  readonly exactPairs?: number;
  /** Where the label error comes from, for every estimator that draws. Default closed-form. */
  readonly error?: Exclude<ErrorSource, 'none'>;
  /** Weights of type 1 by parameter, for mix. Default: from a pilot (fisher/closed-forms/pooled). */
  readonly mix?: ReadonlyMap<string, number>;
  /** Labels of the data, for empirical. */
  readonly targets?: Labels;
  /** Weights of the loss by class, for empirical alone (likelihood/class-weights). */
  readonly classWeights?: readonly number[];
  /** Weights by the index of an example in the data set (fisher/example-weights); absent: all weigh the same. */
  readonly weights?: ExampleWeights | undefined;
  /** Design of weighted visits, which `source` makes (fisher/visits); absent: uniform visits without replacement. */
  readonly design?: VisitDesign | undefined;
  /** Proxies of all examples that could be visited (fisher/proxy), for intervals and expected coverage. */
  readonly proxies?: Proxies | undefined;
  /** Weights of the entries: Σ_i w_i 𝓘_ii of each, with its own error. */
  readonly functionals?: readonly EntryWeights[] | undefined;
  /** Vectors w in the space of the parameters: wᵀ𝓘w of each, for estimators by squared scores. */
  readonly quadratics?: readonly EntryWeights[] | undefined;
  /** How many of the largest entries are listed, with sums along the rows and columns of dense weights. Default: none. */
  readonly largest?: number | undefined;
  /** Of the draws; default 0. */
  readonly seed?: number;
  /** Name of the random stream: estimates of different streams are independent. */
  readonly stream?: string;
  /** Default `distribution`. */
  readonly population?: Population;
  /** Examples in the whole data set. */
  readonly populationSize: number;
  /** Of the intervals; default 0.95. */
  readonly level?: number;
  /** Whether the coverage of its intervals is foretold, which takes a thousand repeats of the visits. Default false. */
  readonly foretell?: boolean;
  /** Into how many groups of examples `source` sorts its batches, of which the sums of the values are kept. Default: none. */
  readonly groupSums?: number | undefined;
  /** Whether sums of the entries are kept; false: totals alone, for an estimate by ranges of parameters. Default true. */
  readonly entries?: boolean | undefined;
  /** Examples per pass. */
  readonly batch?: number;
  /** Bytes that a pass may hold, its sums over the examples included; default 512 MiB beside them (fisher/memory). */
  readonly memory?: number | undefined;
  /** Numbers that the largest array may hold; default: what `memory` comes to. */
  readonly budget?: number;
  /** Ends it between two batches with what is known so far. */
  readonly signal?: AbortSignal;
  /** Hears what takes the examples again, in float64, before they are gone through (fisher/finite). */
  readonly say?: ((line: string) => void) | undefined;
  /** Called after each batch. */
  readonly onBatch?: (progress: Progress) => void;
}

/** How far an estimate is, after a batch. */
export interface Progress {
  /** Examples done. */
  readonly examples: number;
  /** The trace so far: cheap. */
  readonly trace: () => Figure;
  /** Terms of the trace in the order of the visits, the first thousand; with `foretell` and proxies or weighted visits alone. */
  readonly terms: () => readonly number[];
  /** r of the proxies so far (theory (15.2)); 1 without proxies, null where it has no finite value. */
  readonly factor: () => number | null;
  /** The estimate so far. */
  readonly estimate: () => DiagonalEstimate;
}
