/**
 * @module fisher/warnings
 *
 * Warnings that a reader must know before trusting an interval. On a confident network a one-label estimate looks healthy while every label
 * is the likeliest one; the warning therefore comes from the model's probabilities, never from the draws: m = K Σ_x (1 − max_c p_xc),
 * the expected number of labels off the mode; and the coverage that is expected of the trace's interval, or where that is not known the
 * exact skewness of its estimator. A trace of 0 has an error of 0, whatever the truth is: that is said.
 */
import { setting } from '../core/settings/reference.js';
import type { Estimator, Figure } from './estimate.js';

/** Expected off-mode labels below which a sampled estimate is called fragile. */
export const FEW_OFF_MODE = 100;
/** Share of labels off the mode below which a network is called confident: the few then carry nearly all. */
const CONFIDENT = 0.2;
/** Expected coverage below which it is said. */
export const LOW_COVERAGE = 0.93;
/** Weighted examples worth fewer have no error that could be trusted. */
const FEW_WORTH = 2;
/** Skewness of an estimator above which its interval is called short. */
export const HIGH_SKEWNESS = 0.5;

export interface WarningFacts {
  readonly estimator: Estimator;
  readonly labels: number;
  readonly trace: Figure;
  readonly offModeLabels: number | null;
  readonly examples: number;
  readonly populationSize: number;
  readonly interrupted: boolean;
  /** Examples of one weight that the weighted ones are worth; absent: as many as there are. */
  readonly effectiveExamples?: number;
  /** Of the intervals; default 0.95. */
  readonly level?: number;
}

const formatLevel = (level = 0.95): string => String(Number((100 * level).toPrecision(6)));

/** What is said of a trace of 0, wherever its error is shown; nothing of any other. */
export const zeroWarnings = (trace: number): string[] =>
  trace === 0
    ? [
        'zero: the trace is 0, and no error or interval of it means anything; outputs are so sure that their information is 0 in this precision, or no parameter moves them',
      ]
    : [];

export function warningsOf(facts: WarningFacts): string[] {
  const { estimator, trace, offModeLabels, examples, interrupted, populationSize } = facts;
  const warnings: string[] = [];
  if (interrupted)
    warnings.push(`interrupted after ${examples} of ${populationSize} examples: a valid estimate from these`);
  if (offModeLabels !== null && offModeLabels < FEW_OFF_MODE) {
    const drawn = examples * facts.labels;
    const expected = `only ${Number(offModeLabels.toPrecision(3))} of ${drawn} sampled labels are expected to differ from the likeliest`;
    warnings.push(
      offModeLabels < CONFIDENT * drawn
        ? `heavy tail: ${expected}, and they carry nearly all of the Fisher; use ${setting('estimator', 'exact')}, or rademacher where outputs are many`
        : `few labels: ${expected}, too few to trust an interval; use more examples or draws, or ${setting('estimator', 'exact')}`,
    );
  }
  const { expectedCoverage: covers } = trace;
  if (covers !== null && covers < LOW_COVERAGE - (0.95 - Math.min(0.95, facts.level ?? 0.95))) {
    warnings.push(
      `coverage: such an interval of the trace is expected to cover ${Math.round(100 * covers)} %, not ${formatLevel(facts.level)} %; more examples would help`,
    );
  } else if (covers === null && trace.skewness !== null && Math.abs(trace.skewness) > HIGH_SKEWNESS) {
    const better =
      estimator === 'type1'
        ? "; `estimator: 'exact'` or rademacher has lighter tails"
        : '; more examples would help';
    warnings.push(
      `skewed: the estimator of the trace has skewness ${trace.skewness.toFixed(2)}, so its interval covers less than it says${better}`,
    );
  }
  const { effectiveExamples: worth = examples } = facts;
  if (examples > 1 && worth < FEW_WORTH)
    warnings.push(
      `weights: the examples are worth only ${worth.toPrecision(3)}, since one carries nearly all of the weight; errors from the choice of inputs are too small then`,
    );
  warnings.push(...zeroWarnings(trace.value));
  if (estimator === 'empirical') {
    warnings.push(
      'empirical Fisher: labels come from the data, so this is not an estimate of the Fisher information matrix',
    );
  }
  return warnings;
}
