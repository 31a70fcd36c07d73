/**
 * @module fisher/decided
 *
 * Settings of an estimate with nothing left open: plain data that says how its sums become figures.
 */
import { rootWord, type RootWord } from '../likelihood/roots/index.js';
import type { ErrorSource, Estimator, Population, Visiting } from './estimate.js';
import { ESTIMATORS } from './estimators/table.js';
import type { DiagonalOptions } from './options.js';

/** What the figures of an estimate depend on beside its sums. */
export interface Decided {
  readonly estimator: Estimator;
  /** Draws per example; 0 where nothing is drawn. */
  readonly labels: number;
  /** What signs are drawn on, and how many of its first columns are taken exactly. */
  readonly root: RootWord;
  readonly exactPairs: number;
  readonly error: ErrorSource;
  readonly seed: number;
  readonly population: Population;
  readonly populationSize: number;
  /** How the examples were chosen. */
  readonly visits?: Visiting;
  /** Whether the coverage of intervals is foretold. */
  readonly foretell?: boolean;
  /** How many of the largest entries are listed; 0: none. */
  readonly largest?: number;
  /** Of the intervals. */
  readonly level: number;
}

/** The defaults filled in. */
export function decide(options: DiagonalOptions): Decided {
  const { estimator, seed = 0, population = 'distribution', populationSize, level = 0.95 } = options;
  const { drawn } = ESTIMATORS[estimator];
  return {
    estimator,
    labels: drawn ? (options.labels ?? 1) : 0,
    root: rootWord(options.root ?? 'eigen'),
    exactPairs: estimator === 'rademacher' ? (options.exactPairs ?? 0) : 0,
    error: drawn ? (options.error ?? 'closed-form') : 'none',
    seed,
    population,
    populationSize,
    foretell: options.foretell ?? false,
    largest: options.largest ?? 0,
    visits: options.design ? 'weighted' : 'uniform',
    level,
  };
}
