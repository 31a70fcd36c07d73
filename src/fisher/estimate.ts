/**
 * @module fisher/estimate
 *
 * Estimate with its errors. Every figure carries its standard error, split into what the draws did (`label`) and
 * what the choice of examples did (`data`), with the Fisher and the scale it is on.
 */
import type { FloatType } from '../core/tensor.js';
import type { RootName } from '../likelihood/roots/index.js';

/** Names of the estimators, in the order that help lists them. */
export const ESTIMATOR_NAMES = ['exact', 'type1', 'type2', 'mix', 'rademacher', 'empirical'] as const;

/**
 * Which matrix, and how: from all outcomes, from squared scores or second derivatives at sampled labels or a mix of both, from random
 * signs, or from the labels of the data.
 */
export type Estimator = (typeof ESTIMATOR_NAMES)[number];

/** Whether a name is that of an estimator. */
export const isEstimator = (name: string): name is Estimator =>
  (ESTIMATOR_NAMES as readonly string[]).includes(name);

/** One estimator for all, or the choice that was made for each layer. */
export type EstimatorChoice = Estimator | 'auto';

/** What may be asked for: an estimator, or the choice by layer. */
export const ESTIMATOR_CHOICES = [...ESTIMATOR_NAMES, 'auto'] as const;

/** Where the error of draws may come from. */
export const DRAW_ERRORS = ['closed-form', 'sampled'] as const;

/** Where errors come from: closed forms, the spread of draws, or nowhere. */
export type ErrorSource = (typeof DRAW_ERRORS)[number] | 'none';

/** What the mean over examples may stand for. */
export const POPULATIONS = ['distribution', 'data'] as const;

/** Whether the inputs stand for a distribution or are the whole population of interest. */
export type Population = (typeof POPULATIONS)[number];

/** How the examples that are visited are chosen. */
export const VISITINGS = ['uniform', 'weighted'] as const;

/** Uniformly, each at most once; or by what each is expected to contribute (fisher/visits). */
export type Visiting = (typeof VISITINGS)[number];

/** What may be asked for. */
export const VISITING_CHOICES = [...VISITINGS, 'auto'] as const;

/** One of them, or the better by a pilot. */
export type VisitingChoice = (typeof VISITING_CHOICES)[number];

/** Forms of the matrix that can be estimated. */
export const FORMS = ['diagonal', 'unit', 'block', 'kfac', 'ekfac', 'dense', 'gram', 'implicit'] as const;

/** A number with its error. */
export interface Figure {
  /** The estimate itself. */
  readonly value: number;
  /** Root of label² + data²; null where the data at hand cannot tell. */
  readonly standardError: number | null;
  /** Error of this estimate from its own labels or signs; null where only the total is known. */
  readonly labelError: number | null;
  /** Error from the choice of inputs. */
  readonly dataError: number | null;
  /**
   * By Student's rule with the proxies' factor where those of unvisited examples are known, or for type 2 and mixes, else by Hall's
   * (stats/rules); never below 0. Not symmetric about the value.
   */
  readonly interval: readonly [number, number] | null;
  /** Share of repeats in which such an interval covers, in [0, 1], on a stand-in for the population; null where unknown. */
  readonly expectedCoverage: number | null;
  /** Skewness of the estimator of this figure: intervals of skewed estimators cover less than they say. Null where unknown. */
  readonly skewness: number | null;
}

/** One entry of the diagonal, among the largest. */
export interface LargeEntry {
  /** Of the parameter. */
  readonly name: string;
  /** Its place there. */
  readonly index: readonly number[];
  /** 𝓘_ii. */
  readonly value: number;
  /** The error that covers it; null where unknown. */
  readonly standardError: number | null;
  /** Ends of value ± 1.96·standardError, not below 0; null where the error is unknown. */
  readonly interval: readonly [number, number] | null;
}

/** Sums of a dense weight's diagonal along its rows and columns, each with the error of the sum. */
export interface MarginFigures {
  /** Over all inputs of each output. */
  readonly outputs: readonly Figure[];
  /** Over all outputs of each input. */
  readonly inputs: readonly Figure[];
}

/** A number that was asked for by weights of the entries (fisher/entry-weights). */
export interface NamedFigure extends Figure {
  /** Of the weights. */
  readonly name: string;
}

/** One parameter tensor: arrays in its own shape, row-major. */
export interface TensorEstimate {
  /** Name of the parameter. */
  readonly name: string;
  /** Shape of the parameter and of every array here. */
  readonly shape: readonly number[];
  /** Sum over the entries. */
  readonly trace: Figure;
  /** 𝓘_ii, mean over examples [size]. */
  readonly fisher: Float64Array;
  /** [size]; null where draws cannot tell the two parts (one draw, `sampled`). */
  readonly labelError: Float64Array | null;
  /** [size]; null there too, and after a single example of a larger population. */
  readonly dataError: Float64Array | null;
  /**
   * Error that covers the entry [size]: root of its variance and r_o c_i, the largest terms of its row and column (stats/peaks). Never 0
   * because nothing was seen of an entry; null where the variance is unknown.
   */
  readonly standardError: Float64Array | null;
}

/** The trace of one layer: the sum over its parameters. */
export interface LayerEstimate {
  /** What the names of its parameters have in common. */
  readonly name: string;
  /** Names of its parameters. */
  readonly parameters: readonly string[];
  /** Sum over all their entries. */
  readonly trace: Figure;
  /** What this layer was estimated by, where that differs from layer to layer. */
  readonly estimator?: Estimator;
}

/** A doubt with its effect. */
export interface DoubtEstimate {
  /** Name of the tensor. */
  readonly name: string;
  /** Its shape. */
  readonly shape: readonly number[];
  /** Whether it is counted in the estimate. */
  readonly counted: boolean;
  /** Why it is, or is not. */
  readonly reason: string;
  /** What settling it otherwise adds to the trace, as a fraction of the trace; null where that is no finite number. */
  readonly share: number | null;
}

/** What is known of the errors of single entries, all together. */
export interface EntriesEstimate {
  /** Of value ± 1.96·standardError, on average over entries, in (0, 1]; null where unknown. */
  readonly expectedCoverage: number | null;
  /** Whether so few informative labels are expected that entries are known from above alone. */
  readonly upperEndsOnly: boolean;
}

/** Sums of the values by group of examples. */
export interface GroupSums {
  /** Groups G. */
  readonly count: number;
  /** Examples of each [G]. */
  readonly examples: Float64Array;
  /** Σω of each; the number of examples where they weigh the same [G]. */
  readonly weight: Float64Array;
  /** Σωf over the examples of each group, by parameter [G, …]. */
  readonly tensors: ReadonlyMap<string, Float64Array>;
  /** Of weighted visits for a distribution: groups of inputs. `examples`, `weight` and `tensors` are then of the drawn visits. */
  readonly byInput?: GroupsByInput;
}

/** What groups of inputs have beside the drawn visits to them (matrix/visited-groups). */
export interface GroupsByInput {
  /** Inputs of each group that could be visited [G]. */
  readonly inputs: Float64Array;
  /** Σπ over the inputs of each that may be drawn [G]. */
  readonly share: Float64Array;
  /** Σf over the inputs of each that are taken once, by parameter [G, …]. */
  readonly taken: ReadonlyMap<string, Float64Array>;
}

/** A diagonal Fisher: mean over examples, sum over outputs. */
export interface DiagonalEstimate {
  /** Only the diagonal 𝓘_ii was estimated. */
  readonly form: 'diagonal';
  /** Multiply by N for a sum over N examples. */
  readonly scale: 'mean over examples, sum over outputs';
  /** How it was estimated; `auto` where layers differ. */
  readonly estimator: EstimatorChoice;
  /** Name of the family that the Fisher belongs to. */
  readonly likelihood: string;
  /** Examples that went in, of `populationSize` in the data; with weighted visits, how many visits. */
  readonly examples: number;
  /** How they were chosen. */
  readonly visits: Visiting;
  /** Different examples among them. */
  readonly distinctExamples: number;
  /** Of the list of weighted visits, 16 hexadecimal digits; null or absent where they are uniform. */
  readonly visitsHash?: string | null;
  /** Sums of the values by group of examples, where they were asked for. */
  readonly groupSums?: GroupSums;
  /** (Σ ω)²/Σ ω²: as many as know as much with equal weights; `examples` where all weigh the same. */
  readonly effectiveExamples: number;
  /** Examples in the data N. */
  readonly populationSize: number;
  /** T, the width of h. */
  readonly outputs: number;
  /** P, the number of scalars in θ. */
  readonly parameters: number;
  /** Draws per example; 0 where nothing is drawn. */
  readonly labels: number;
  /** What signs were drawn on; null where none were. */
  readonly root: RootName | null;
  /** Columns of the root that were taken exactly beside the signs. */
  readonly exactPairs: number;
  /** What they alone give of the trace, at most the trace of the examples that were visited; null without. No draw enters it. */
  readonly lowerBound: number | null;
  /** Of the draws and the order of examples. */
  readonly seed: number;
  /** Precision of the passes; sums are float64. */
  readonly dtype: FloatType;
  /** Where the label error comes from. */
  readonly error: ErrorSource;
  /** Whether the data are a sample or all there is. */
  readonly population: Population;
  /** Confidence of the intervals, in (0, 1). */
  readonly level: number;
  /** Sum of the diagonal over all parameters. */
  readonly trace: Figure;
  /** Traces by layer, in the network's order. */
  readonly layers: readonly LayerEstimate[];
  /** Σ_i w_i 𝓘_ii of each `functionals`; absent where none was asked for. */
  readonly functionals?: readonly NamedFigure[];
  /** wᵀ𝓘w of each `quadratics`; absent where none was asked for. */
  readonly quadratics?: readonly NamedFigure[];
  /** The largest entries, the first the largest; absent where not asked for. */
  readonly largest?: readonly LargeEntry[];
  /** Of every dense weight, by its name; absent where not asked for. */
  readonly sums?: Readonly<Record<string, MarginFigures>>;
  /** Entries by parameter, in the network's order. */
  readonly tensors: readonly TensorEstimate[];
  /** What is known of the errors of all entries together. */
  readonly entries: EntriesEstimate;
  /** What the file leaves open about which tensors are parameters, and what each would change. */
  readonly parameterDoubts: readonly DoubtEstimate[];
  /** Expected number of sampled labels that are not the likeliest; null where it does not apply. */
  readonly offModeLabels: number | null;
  /** Reasons to distrust the numbers or their errors, one sentence each. */
  readonly warnings: readonly string[];
  /** What was done that was not asked for, such as work in float64 where float32 does not hold the numbers. */
  readonly notes: readonly string[];
  /** Whether a signal ended it early; it is then an estimate from fewer examples. */
  readonly interrupted: boolean;
}
