/**
 * @module report/rl/types
 *
 * Data of a comparison of algorithms, plain: one summary a run. Everything else of the report is computed from it.
 */
import type { ReturnFigure } from '../../rl/train/returns.js';

/** Where 5 %, 50 % and 95 % of a quantity over the updates of a run lie below. */
export interface Quantiles {
  readonly p5: number;
  readonly p50: number;
  readonly p95: number;
}

export interface RunSummary {
  readonly algorithm: string;
  readonly environment: string;
  readonly seed: number;
  /** `diverged`: parameters stopped being finite and the last good ones were kept; `failed`: its environment threw or gave no numbers;
   * `missing`: not run or not finished. */
  readonly status: 'done' | 'diverged' | 'failed' | 'missing';
  readonly reason?: string;
  /** Environment steps taken. */
  readonly steps: number;
  /** Return of training against steps; NaN before the first episode ends. */
  readonly curve: { readonly steps: readonly number[]; readonly return: readonly number[] };
  /** Fresh episodes of the final policy: the score of the run. Null where there is none. */
  readonly evaluation: ReturnFigure | null;
  /** Of these episodes, those that evaluation itself ended, since the environment has no time limit. */
  readonly cut?: number;
  /** The last episodes of training. */
  readonly return: ReturnFigure | null;
  readonly seconds: number;
  readonly stepsPerSecond: number;
  readonly updates: number;
  /** Of one update alone, without the rollout. */
  readonly secondsPerUpdate?: number;
  /** Median over updates of |Δθ|, the length of the policy's step. */
  readonly medianStep?: number;
  /** Median over updates of KL got over KL asked, before any line search. */
  readonly klRatio?: number;
  /** |score|²/λ over the updates: where it is far below 1, the rank-1 inverse is the identity over λ. */
  readonly scoreRatio?: Quantiles;
  /** Further numbers of the run, by name. */
  readonly diagnostics?: Readonly<Record<string, number>>;
}

/** A comparison as its report shows it. */
export interface CompareReport {
  /** Heading of the page. */
  readonly title: string;
  /** One a run, finished or not. */
  readonly runs: readonly RunSummary[];
  /** Orders of tables and colours. Default: of appearance. */
  readonly algorithms?: readonly string[];
  /** As `algorithms`. */
  readonly environments?: readonly string[];
  /**
   * Groups of algorithms whose runs of one seed begin with the same parameters and reset by the same streams: differences are paired
   * within a group and nowhere else.
   */
  readonly shared?: readonly (readonly string[])[];
  /** Compare all others with this one, instead of all pairs. */
  readonly reference?: string;
  /** Of the resampling. Default 0. */
  readonly seed?: number;
  /** Stands over the heading. */
  readonly kicker?: string;
  /** What makes this report again. */
  readonly command?: string;
  /** Sentences below the heading. */
  readonly notes?: readonly string[];
  /** Versions, machine, settings. */
  readonly facts?: readonly { readonly name: string; readonly value: string }[];
  /** How the page was made. */
  readonly footer?: string;
  /** How a face says the settings that warnings mention (core/settings/reference); default: as they stand. */
  readonly say?: (words: string) => string;
}
