/**
 * @module fisher/forms/sums
 *
 * Sums over examples as plain data: a versioned record of typed arrays and numbers, from which an estimate follows, which merge with
 * those of other examples, and which say what they are of, so that strangers do not merge. One part for each group of examples
 * (fisher/example-groups); without groups, one.
 */
import type { FloatType } from '../../core/tensor.js';
import type { RootWord } from '../../likelihood/roots/index.js';
import type { ErrorSource, Estimator, Population } from '../estimate.js';
import type { ExampleGroups } from '../example-groups.js';
import type { KnownProxies } from '../meter.js';
import type { Subject } from '../subject.js';
import type { VisitDesign } from '../visits.js';
import type { SumsLayers } from './layers/items.js';

/** Of the layout of the record. */
export const SUMS_VERSION = 3;

/** Forms whose sums merge. */
export type FormName = 'diagonal' | 'dense' | 'layers';

/** Sums over the examples of one group, by name. */
export type SumsPart = Readonly<Record<string, Float64Array>>;

/** What figures are made with that sums do not depend on. */
export interface FigureOptions {
  /** Whether the data are a sample or all there is. */
  readonly population?: Population;
  /** Of the intervals, in (0, 1). */
  readonly level?: number;
  /** Of a part of an estimate's visits: what is known of all examples. */
  readonly visits?: KnownVisits;
}

/** What figures of some of an estimate's visits take that is known of all examples, and is no part of the sums. */
export interface KnownVisits {
  /** Of weighted visits. */
  readonly design: VisitDesign | null;
  /** Of the examples; null: none are known. */
  readonly proxies: KnownProxies | null;
  /** Different examples among the visits; null: none comes twice. */
  readonly distinct: number | null;
}

/** Which of the visits of an estimate went in. */
export interface SumsVisits {
  /** Visits of the whole estimate n. */
  readonly total: number;
  /** Places from…to in the order of the visits, ascending, none in two. */
  readonly spans: readonly (readonly [from: number, to: number])[];
  /** Whether they have unequal probabilities, so that sums of examples taken once stand beside, as `taken/…`. */
  readonly weighted: boolean;
  /** Most terms of a trail (fisher/forms/diagonal/trail). */
  readonly terms: number;
}

/** A total with weights of its entries. */
export interface AskedTotal {
  /** Σ_i w_i 𝓘_ii, or wᵀ𝓘w. */
  readonly kind: 'functional' | 'quadratic';
  /** What the number is called. */
  readonly name: string;
  /** Those with weights. */
  readonly parameters: readonly string[];
  /** Whether no term of it is negative. */
  readonly nonNegative: boolean;
}

/** A sum along a row or column of a dense weight. */
export interface AskedMargin {
  /** Of an output or of an input. */
  readonly kind: 'output' | 'input';
  /** Of the parameter and the place. */
  readonly name: string;
  /** The parameter. */
  readonly parameters: readonly [string];
  /** Of the row or column. */
  readonly place: number;
}

/** What was asked for beside the figures that every estimate states. */
export interface SumsAsked {
  /** With weights of the entries. */
  readonly totals: readonly AskedTotal[];
  /** Along rows and columns. */
  readonly margins: readonly AskedMargin[];
  /** How many of the largest entries are listed; 0: none. */
  readonly largest: number;
}

/** What sums depend on beside the digested: those that differ in any of it do not merge. */
export interface SumsSettings {
  /** How it was estimated. */
  readonly estimator: Estimator;
  /** Of each layer by its name, where they differ; `estimator` then says whose draws the figures are told by. */
  readonly byLayer?: Readonly<Record<string, Estimator>>;
  /** Draws per example; 0 where nothing is drawn. */
  readonly labels: number;
  /** Where the label error comes from. */
  readonly error: ErrorSource;
  /** What signs are drawn on. */
  readonly root: RootWord;
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
  /** Weights of the entries that totals were asked for with. */
  readonly entries: string | null;
}

/** Which parameters of a network sums are of, where those of others are made elsewhere with the same draws. */
export interface SumsRange {
  /** Those whose entries are summed; null: none, it has the totals over all parameters. */
  readonly parameters: readonly string[] | null;
  /** Digests of the network and of its parameters. */
  readonly of: Pick<SumsDigests, 'network' | 'parameters'>;
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
  readonly defaults: Required<Omit<FigureOptions, 'visits'>>;
  /** Beside the stated figures; null: nothing. */
  readonly asked: SumsAsked | null;
  /** Of a form by layers: what is kept. */
  readonly layers?: SumsLayers;
  /** Of an estimate by ranges of parameters: what it is of; absent: of all parameters. */
  readonly range?: SumsRange;
  /** Of a part of an estimate's visits; null: not said, and coverage is not foretold. */
  readonly visited: SumsVisits | null;
  /** What was done that was not asked for. */
  readonly notes: readonly string[];
  /** Whether a signal ended it early. */
  readonly interrupted: boolean;
  /** By group of examples. */
  readonly parts: readonly SumsPart[];
}

/** All of it but the arrays of its parts. */
export type SumsRecord<F extends FormName = FormName> = Omit<FisherSums<F>, 'parts'>;

/** A copy of every array. */
export const copyPart = (part: SumsPart): SumsPart =>
  Object.fromEntries(Object.entries(part).map(([name, a]) => [name, a.slice()]));
