/**
 * @module jobs/out-of-reach
 *
 * The answer no to `--target-error`: what the target takes by the pilot, what the data reached, and the estimate that they allow, which
 * is made all the same.
 */
import { type Complaint, FimError } from '../core/errors.js';
import { setting } from '../core/settings/reference.js';
import type { DiagonalEstimate } from '../fisher/index.js';

/** A target error that the data do not reach. */
export class OutOfReach extends FimError {
  /** From all examples, as far as they go. */
  readonly estimate: DiagonalEstimate;

  constructor(
    target: number,
    said: Pick<Complaint, 'rule' | 'got' | 'cause' | 'next'>,
    estimate: DiagonalEstimate,
  ) {
    super({
      code: 'estimate/out-of-reach',
      kind: 'answer-no',
      where: `${setting('targetError')} ${percent(target)}`,
      ...said,
    });
    this.name = 'OutOfReach';
    this.estimate = estimate;
  }
}

/** Makes the answer of the estimate that the data allow. */
export type Refusal = (estimate: DiagonalEstimate) => OutOfReach;

/** One example has no spread, which is the error that would be planned for. */
export const onePilot =
  (target: number): Refusal =>
  (estimate) =>
    new OutOfReach(
      target,
      {
        rule: 'takes a pilot of at least 2 examples, whose spread is the error that is planned for',
        got: '1 example',
        next: 'more data, or leave `targetError` out',
      },
      estimate,
    );

/** A trace of 0 has no relative error. */
export const noTrace =
  (target: number, trace: number): Refusal =>
  (estimate) =>
    new OutOfReach(
      target,
      {
        rule: 'is relative to the trace, which must be above 0',
        got: `${trace} in the pilot`,
        cause: 'outputs so sure that the Fisher is 0 in this precision',
        next: "`estimator: 'exact', dtype: 'float64'`, without a target",
      },
      estimate,
    );

export interface Reach {
  readonly target: number;
  /** What it takes: examples, and draws for each. */
  readonly examples: number;
  readonly draws: number;
  /** Examples of the pilot. */
  readonly pilot: number;
  /** Size of a finite population, else null. */
  readonly population: number | null;
  /** Draws per example that were asked for. */
  readonly labels: number | undefined;
}

/** More examples or draws than there are. */
export const outOfReach =
  ({ target, examples, draws: K, pilot, population, labels }: Reach): Refusal =>
  (estimate) => {
    const { value, standardError } = estimate.trace;
    const reached = standardError === null ? Infinity : standardError / Math.abs(value);
    const drawn = K > 0;
    return new OutOfReach(
      target,
      {
        rule: `takes about ${amount({ examples, labels: K })}, by a pilot of ${pilot}`,
        got: `${estimate.examples} examples, which reach ${percent(reached)}${estimate.labels > 0 ? ` with ${draws(estimate.labels)}` : ''}`,
        next:
          population === null
            ? "more data, a larger target, or `population: 'data'` if these examples are all that matters"
            : drawn
              ? `a larger target, ${labels === undefined ? setting('labels', K) : 'more `labels`'}, or ${setting('estimator', 'exact')}`
              : 'a larger target, or more of the examples',
      },
      estimate,
    );
  };

/** `1711 examples with 8 draws each`. */
export const amount = ({
  examples,
  labels,
}: {
  readonly examples: number;
  readonly labels: number;
}): string => `${examples} examples${labels > 0 ? ` with ${draws(labels)}` : ''}`;

export const draws = (K: number): string => `${K} ${K === 1 ? 'draw' : 'draws'} each`;

/** Two digits. */
export const percent = (share: number): string => `${Number((100 * share).toPrecision(2))} %`;
