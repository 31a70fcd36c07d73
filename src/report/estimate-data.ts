/**
 * @module report/estimate-data
 *
 * Data that a report on an estimate is made from: plain data, JSON throughout, so that a page can be made again from a file.
 * `summariseEntries` makes the parts about single parameters.
 */
import type { PicturedArray } from './form-pictures.js';
import type { EntrySummary } from './entries.js';

/** A number and its error; an `Estimate`'s figures have this shape. */
export interface ReportFigure {
  /** The number. */
  readonly value: number;
  /** Null where unknown; the parts may be unknown where the total is known. */
  readonly standardError: number | null;
  /** Standard error from sampled labels; null where unknown. */
  readonly labelError: number | null;
  /** Standard error from the examples; null where unknown. */
  readonly dataError: number | null;
  /** Ends of the confidence interval; null or absent where unknown. */
  readonly interval?: readonly [number, number] | null;
}

/** A line of a table of facts. */
export interface ReportFact {
  /** What it is. */
  readonly name: string;
  /** Its value, as text. */
  readonly value: string;
  /** A remark beside it. */
  readonly note?: string;
}

/** A layer's share of the trace: its weights and bias together. */
export interface ReportLayer extends ReportFigure {
  /** Name of the layer. */
  readonly name: string;
  /** How many numbers it holds. */
  readonly parameters: number;
}

/** A tensor's share of the trace. */
export interface ReportTensor extends ReportFigure {
  /** Name of the parameter. */
  readonly name: string;
  /** Its shape. */
  readonly shape: readonly number[];
}

/** A number that was asked for by weights of the entries. */
export interface ReportNamed extends ReportFigure {
  /** What it is called. */
  readonly name: string;
}

/** All that a page on an estimate says. */
export interface EstimateReport {
  /** Version of fim. */
  readonly version: string;
  /** The line that made it, ready to be pasted. */
  readonly commandLine: string;
  /** A date, if the page should bear one; the library has no clock. */
  readonly date?: string;

  /** The network. */
  readonly model: {
    /** File name or the like, for the title. */
    readonly name: string;
    /** Numbers in θ. */
    readonly parameters: number;
    /** Numbers in h. */
    readonly outputs: number;
    /** Further facts: opset, removed output operators, frozen parameters, hashes. */
    readonly facts: readonly ReportFact[];
  };

  /** Which estimator. */
  readonly estimator: 'exact' | 'type1' | 'type2' | 'mix' | 'rademacher' | 'empirical' | 'auto';
  /** Draws per example; 0 for exact and empirical. */
  readonly labels: number;
  /** Name of the likelihood. */
  readonly likelihood: string;
  /** Known variance of a Gaussian. */
  readonly variance?: number | readonly number[];
  /** What the numbers are a mean and a sum over; always said in the title. */
  readonly scale: string;
  /** Where the label error comes from. */
  readonly error: 'closed-form' | 'sampled' | 'none';
  /** What the data error is about: a distribution that the data are drawn from, or the data themselves. */
  readonly population: 'distribution' | 'data';
  /** Level of the intervals, e.g. 0.95. */
  readonly level: number;
  /** Examples that went in, of how many. */
  readonly examples: number;
  /** Examples in the data set. */
  readonly populationSize: number;
  /** Whether the estimate was ended before its last example. */
  readonly interrupted: boolean;
  /** Time that it took. */
  readonly seconds?: number;

  /** The trace of the Fisher. */
  readonly trace: ReportFigure & {
    /** Its interval at `level`; null without an error. */
    readonly interval: readonly [number, number] | null;
  };
  /** Shares of the trace by layer. */
  readonly layers: readonly ReportLayer[];
  /** Shares of the trace by tensor. */
  readonly tensors: readonly ReportTensor[];
  /** Σ w 𝓘_ii, where weights of the entries were given. */
  readonly functionals?: readonly ReportNamed[];
  /** wᵀ𝓘w, the same. */
  readonly quadratics?: readonly ReportNamed[];
  /** Whether entries are known from above alone, because few informative labels are expected; default false. */
  readonly upperEndsOnly?: boolean;
  /** Single entries. */
  readonly entries: EntrySummary;
  /** Arrays of a form by layer, where one was asked for. */
  readonly forms?: readonly PicturedArray[];
  /** Every option, defaults included. */
  readonly settings: readonly ReportFact[];
  /** Warnings, one sentence each. */
  readonly warnings: readonly string[];
}

/** Which Fisher, in words: `Exact Fisher`, `Fisher from 2 sampled labels per example`. */
export function estimatorTitle(
  report: Pick<EstimateReport, 'estimator' | 'labels'> & {
    readonly trace?: { readonly labelError: number | null };
  },
): string {
  const draws = (one: string, many: string): string =>
    `${report.labels} ${report.labels === 1 ? one : many} per example`;
  switch (report.estimator) {
    case 'exact':
      return 'Exact Fisher, summed over labels';
    case 'type1':
      return `Fisher estimated from ${draws('sampled label', 'sampled labels')}`;
    case 'type2':
      if (report.trace?.labelError === 0)
        return 'Fisher from second derivatives, exact here: no label enters';
      return `Fisher estimated from second derivatives at ${draws('sampled label', 'sampled labels')}`;
    case 'mix':
      return `Fisher estimated from a mix of types 1 and 2 at ${draws('sampled label', 'sampled labels')}`;
    case 'rademacher':
      return `Fisher estimated from ${draws('vector of random signs', 'vectors of random signs')}`;
    case 'auto':
      return 'Fisher, each layer by the estimator that suits it';
    case 'empirical':
      return 'Empirical Fisher, from the targets of the data';
  }
}

/** `categorical`, `gaussian (σ² = 0.25)`. */
export function likelihoodTitle(report: Pick<EstimateReport, 'likelihood' | 'variance'>): string {
  return report.variance === undefined
    ? report.likelihood
    : `${report.likelihood} (σ² = ${[report.variance].flat().join(', ')})`;
}
