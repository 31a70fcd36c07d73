/**
 * @module fisher/forms/sums
 *
 * Sums over examples as plain data: a versioned record of typed arrays and numbers, from which an estimate follows, which merge with
 * those of other examples, and which say what they are of, so that strangers do not merge. One part for each group of examples
 * (fisher/example-groups); without groups, one.
 */
import type { FloatType } from '../../core/tensor.js';
import type { RootChoice } from '../../likelihood/roots/index.js';
import type { ErrorSource, Estimator, Population } from '../estimate.js';
import type { ExampleGroups } from '../example-groups.js';
import type { Subject } from '../subject.js';

/** Of the layout of the record. */
export const SUMS_VERSION = 2;

/** Forms whose sums merge. */
export type FormName = 'diagonal' | 'dense';

/** Sums over the examples of one group, by name. */
export type SumsPart = Readonly<Record<string, Float64Array>>;

/** What figures are made with that sums do not depend on. */
export interface FigureOptions {
  /** Whether the data are a sample or all there is. */
  readonly population?: Population;
  /** Of the intervals, in (0, 1). */
  readonly level?: number;
}

/** What sums depend on beside the digested: those that differ in any of it do not merge. */
export interface SumsSettings {
  /** How it was estimated. */
  readonly estimator: Estimator;
  /** Draws per example; 0 where nothing is drawn. */
  readonly labels: number;
  /** Where the label error comes from. */
  readonly error: ErrorSource;
  /** What signs are drawn on. */
  readonly root: RootChoice;
  /** How many of its first columns are taken exactly. */
  readonly exactPairs: number;
  /** Of the draws. */
  readonly seed: number;
  /** Name of the random stream. */
  readonly stream: string;
  /** Name of the family. */
  readonly likelihood: string;
  /** What the family was made with. */
  readonly likelihoodOptions: Readonly<Record<string, number | readonly number[]>>;
  /** Precision that was asked for. */
  readonly dtype: FloatType;
  /** Weights of type 1 in a mix, by parameter or one for all; null: no mix. */
  readonly mix: Readonly<Record<string, number>> | number | null;
  /** Of the loss, by class; null: none. */
  readonly classWeights: readonly number[] | null;
  /** Whether the examples are weighted. */
  readonly weighted: boolean;
  /** Groups of examples whose sums are apart; null: none. */
  readonly groups: ExampleGroups | null;
  /** Examples in the whole data set. */
  readonly populationSize: number;
  /** How the examples are visited, in the words of whoever visits them; null: not said. */
  readonly visits: string | null;
}

/** SHA-256 of what sums are of, in hexadecimal; null where it was not given. */
export interface SumsDigests {
  /** The graph with its constants and fixed weights, without θ. */
  readonly network: string;
  /** The parameters θ. */
  readonly parameters: string;
  /** The data set. */
  readonly data: string | null;
  /** Weights of the examples. */
  readonly weights: string | null;
  /** Labels of the data, for empirical. */
  readonly targets: string | null;
}

/** Sums of a form over examples. */
export interface FisherSums<F extends FormName = FormName> {
  /** Of the layout. */
  readonly version: typeof SUMS_VERSION;
  /** Which form. */
  readonly form: F;
  /** What was measured. */
  readonly subject: Subject;
  /** How. */
  readonly settings: SumsSettings;
  /** Of what. */
  readonly digests: SumsDigests;
  /** What figures are made with where nothing else is asked. */
  readonly defaults: Required<FigureOptions>;
  /** What was done that was not asked for. */
  readonly notes: readonly string[];
  /** Whether a signal ended it early. */
  readonly interrupted: boolean;
  /** By group of examples. */
  readonly parts: readonly SumsPart[];
}

/** A copy of every array. */
export const copyPart = (part: SumsPart): SumsPart =>
  Object.fromEntries(Object.entries(part).map(([name, a]) => [name, a.slice()]));
