/**
 * @module cli/estimate/dense
 *
 * `--form dense`: the whole P×P matrix with the error of every element, beside the diagonal. Small networks only.
 */
import { FimError } from '../../core/errors.js';
import { UniformStream } from '../../core/random.js';
import { ESTIMATOR_NAMES, isEstimator } from '../../fisher/estimate.js';
import { ESTIMATORS } from '../../fisher/estimators/table.js';
import type { DiagonalEstimate } from '../../fisher/index.js';
import { type DenseEstimate, estimateDense } from '../../fisher/forms/dense/dense.js';
import { denseBatch, denseBytes, requireDense } from '../../fisher/forms/dense/size.js';
import { LARGEST_SPECTRUM, type Spectrum, spectrumOf } from '../../fisher/forms/dense/spectrum.js';
import type { Likelihood } from '../../likelihood/types.js';
import type { Network } from '../../model/network.js';
import { formatCount, formatDuration, formatNumber } from '../../report/format.js';
import { askedRoot } from '../../jobs/asked-root.js';
import type { AskedRoot } from '../../jobs/request.js';
import { turn } from '../../jobs/yielding.js';
import type { EstimateSubject } from '../../jobs/estimate.js';
import { groupedSource } from '../../jobs/grouped.js';
import { LARGEST_GROUPED } from '../../jobs/shard.js';
import { weighingOf } from '../../jobs/weighing.js';
import type { Io } from '../io.js';
import { startProgress } from '../terminal/live.js';
import { messagesOf } from '../terminal/messages.js';

/** Before anything is computed: the matrix must fit, and the estimator must have a dense form. Throws `usage/dense`, `memory/too-small`. */
export function checkDense(
  network: Network,
  likelihood: Likelihood,
  options: DenseChoice & DenseOutput & { readonly memory: number | undefined },
): void {
  const { estimator, visits, memory } = options;
  requireDense(network);
  denseBatch(network, likelihood, { errors: wantsErrors(options), batch: 1, memory });
  if (visits === 'weighted') {
    throw new FimError({
      code: 'usage/dense',
      kind: 'usage',
      where: '--form dense --visits weighted',
      rule: 'the dense form visits uniformly',
      next: '--visits uniform, or leave --form out',
    });
  }
  if (estimator === undefined || isEstimator(estimator)) return;
  throw new FimError({
    code: 'usage/dense',
    kind: 'usage',
    where: `--form dense --estimator ${estimator}`,
    rule: `the dense form has the estimators ${ESTIMATOR_NAMES.join(', ')}`,
    next: '--estimator exact, or leave --form out',
  });
}

/** What the dense form must have. */
interface DenseChoice {
  readonly estimator?: string | undefined;
  readonly visits?: string | undefined;
}

/** Where the entries go. */
interface DenseOutput {
  readonly out?: string | undefined;
  readonly report?: string | undefined;
  readonly json: boolean;
}

/** Whether errors of entries are asked for: a terminal shows none. */
export const wantsErrors = ({ out, report, json }: DenseOutput): boolean =>
  out !== undefined || report !== undefined || json;

/** The matrix, and what is said of it. */
export interface DenseOutcome {
  readonly estimate: DenseEstimate;
  /** null: interrupted, or not finite. */
  readonly spectrum: Spectrum | null;
}

/** What of the command's settings the diagonal does not say. */
export interface DenseRequest {
  readonly order: 'seed' | 'file';
  readonly root: AskedRoot | undefined;
  readonly classWeights: readonly number[] | undefined;
  readonly errors: boolean;
  /** Groups of examples whose sums are kept. */
  readonly groupSums: number;
  /** Bytes that it may hold. */
  readonly memory: number | undefined;
}

interface Watched {
  readonly io: Io;
  readonly quiet: boolean;
  readonly signal: AbortSignal;
}

/** A forecast is said where the work takes longer than this. */
const LONG_SECONDS = 10;
/** It is made after so much time, from the part that is done. */
const FORECAST_SECONDS = 0.5;
/** Memory is said beforehand where it is more than this. */
const MUCH_BYTES = 2 ** 28;

const gigabytes = (bytes: number): string => `${formatNumber(bytes / 1e9, 2)} GB`;

/**
 * The matrix over the same examples and labels as the diagonal, with progress and a forecast; null where it was interrupted before
 * the first example was done.
 */
export async function denseBeside(
  subject: EstimateSubject,
  diagonal: DiagonalEstimate,
  { order, root: asked, classWeights, errors, groupSums, memory }: DenseRequest,
  { io, quiet, signal }: Watched,
): Promise<DenseOutcome | null> {
  const { engine, network, likelihood, dataset, targets } = subject;
  const { seed, examples, populationSize, population, labels, parameters, exactPairs } = diagonal;
  const weighing = weighingOf(dataset);
  const { weights } = weighing;
  const groups = parameters <= LARGEST_GROUPED ? groupSums : 0;
  const estimator = isEstimator(diagonal.estimator) ? diagonal.estimator : 'exact';
  const progress = startProgress(io, 'dense', quiet);
  const messages = messagesOf(io, { quiet }, progress.log);
  const began = io.now();
  const P = formatCount(parameters);
  const size = `matrix of ${P} × ${P} over ${formatCount(examples)} examples`;
  const closedForm = diagonal.error === 'closed-form';
  const bytes = denseBytes(parameters, { errors, closedForm, weighted: weights !== null });
  if (bytes > MUCH_BYTES) messages.say(`${size}: takes ${gigabytes(bytes)} of memory`);
  let forecast = false;
  try {
    const root = await askedRoot(subject, { root: asked, estimator, seed, memory });
    const estimate = await estimateDense(
      engine,
      network,
      likelihood,
      groupedSource({ ...subject, weighing }, { order, seed, groupSums: groups }, examples),
      {
        groupSums: groups,
        estimator,
        labels: Math.max(1, labels),
        errors,
        exactPairs,
        ...(root ? { root } : {}),
        ...(diagonal.error === 'none' ? {} : { error: diagonal.error }),
        stream: new UniformStream(seed, `${ESTIMATORS[estimator].stream}/estimate`),
        ...(targets ? { targets } : {}),
        ...(classWeights ? { classWeights } : {}),
        ...(weights ? { weights } : {}),
        ...(population === 'data' ? { population: populationSize } : {}),
        batch: BATCH,
        memory,
        say: (line) => messages.say(line),
        signal,
        pause: turn,
        onStep: (done) => {
          const elapsed = io.now() - began;
          const left = (elapsed * (examples - done)) / done;
          if (!forecast && elapsed > FORECAST_SECONDS) {
            forecast = true;
            if (left > LONG_SECONDS)
              messages.say(`${size}: about ${formatDuration(left)}; Ctrl-C ends with what is known`);
          }
          const whole = formatCount(Math.floor(done));
          progress.update(done / examples, `${whole} of ${formatCount(examples)} examples`);
        },
      },
    );
    if (estimate.examples === 0) return null;
    const spectrum = await spectrumOf(estimate.fisher, estimate.parameters, { signal, pause: turn });
    return { estimate, spectrum };
  } finally {
    progress.end();
  }
}

/** Examples per pass. */
const BATCH = 64;

/** Fields of `--json`: over how many examples, and the spectrum. */
export function denseJson(dense: DenseOutcome | null): Record<string, unknown> {
  return { dense: dense && { examples: dense.estimate.examples, ...dense.spectrum, ...unknownJson(dense) } };
}

/** Why rank or condition are null. */
function unknownJson({ spectrum }: DenseOutcome): { reason?: string } {
  if (!spectrum || (spectrum.rank !== null && spectrum.condition !== null)) return {};
  return {
    reason:
      spectrum.rank === null
        ? `rank and condition are taken of up to ${formatCount(LARGEST_SPECTRUM)} parameters`
        : 'condition: no eigenvalue is above 0',
  };
}

/** What the matrix is asked for, in a few lines. */
export function denseText({ estimate, spectrum }: DenseOutcome): string {
  const P = estimate.parameters;
  const size = `matrix ${P} × ${P} over ${formatCount(estimate.examples)} examples`;
  if (!spectrum) return `${size}\n`;
  const { eigenvalues, rank, condition, rankTolerance } = spectrum;
  const over =
    condition === null ? '' : `, condition ${condition.toPrecision(2).replace('e+', 'e')} on its range`;
  const largest = eigenvalues.map((v) => formatNumber(v, 3)).join(', ');
  return [
    rank === null ? size : `${size}: rank ${rank}${over}`,
    `largest eigenvalues ${largest}`,
    rank === null
      ? `rank and condition: of up to ${formatCount(LARGEST_SPECTRUM)} parameters`
      : `rank: eigenvalues above ${formatNumber(rankTolerance, 2)} of the largest, P·2⁻⁵²`,
    '',
  ].join('\n');
}
