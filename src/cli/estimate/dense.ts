/**
 * @module cli/estimate/dense
 *
 * `--form dense`: the whole P×P matrix with the error of every element, beside the diagonal. Small networks only.
 */
import { FimError } from '../../core/errors.js';
import { UniformStream } from '../../core/random.js';
import { batches } from '../../data/batches.js';
import type { DiagonalEstimate } from '../../fisher/index.js';
import { type DenseEstimate, estimateDense } from '../../fisher/forms/dense/dense.js';
import { requireDense } from '../../fisher/forms/dense/size.js';
import { symmetricEigenvalues } from '../../linalg/index.js';
import type { Network } from '../../model/network.js';
import { formatCount, formatDuration, formatNumber } from '../../report/format.js';
import { turn } from '../../jobs/yielding.js';
import type { EstimateSubject } from '../../jobs/estimate.js';
import { weighingOf } from '../../jobs/weighing.js';
import type { Io } from '../io.js';
import { startProgress } from '../terminal/live.js';
import { messagesOf } from '../terminal/messages.js';

const KINDS = ['exact', 'type1', 'type2', 'mix'] as const;
type Kind = (typeof KINDS)[number];

const isKind = (name: string): name is Kind => (KINDS as readonly string[]).includes(name);

/** Before anything is computed: the matrix must fit, and the estimator must have a dense form. Throws `usage/dense`. */
export function checkDense(network: Network, estimator: string | undefined): void {
  requireDense(network);
  if (estimator === undefined || isKind(estimator)) return;
  throw new FimError({
    code: 'usage/dense',
    kind: 'usage',
    where: `--form dense --estimator ${estimator}`,
    rule: `the dense form has the estimators ${KINDS.join(', ')}`,
    next: '--estimator exact, or leave --form out',
  });
}

/** A matrix of P×P numbers is not for a screen: it goes to a file, or its summary into JSON. Throws `usage/dense`. */
export function checkDenseOutput({ out, report, json }: DenseOutput): void {
  if (out !== undefined || report !== undefined || json) return;
  throw new FimError({
    code: 'usage/dense',
    kind: 'usage',
    where: '--form dense',
    rule: 'makes a matrix of P×P numbers, which is written to a file',
    got: 'no --out, --report or --json',
    next: '--out fisher.npz, which holds fisher_dense, label_se_dense and data_se_dense',
  });
}

interface DenseOutput {
  readonly out?: string | undefined;
  readonly report?: string | undefined;
  readonly json: boolean;
}

interface Watched {
  readonly io: Io;
  readonly quiet: boolean;
  readonly signal: AbortSignal;
}

/** A forecast is said where the work takes longer than this. */
const LONG_SECONDS = 10;
/** When it is made: after so many examples, or an eighth of them and so much time. */
const FORECAST_EXAMPLES = 32;
const FORECAST_SECONDS = 2;

function forecastText({ parameters, examples }: DiagonalEstimate, seconds: number): string {
  const P = formatCount(parameters);
  return `matrix of ${P} × ${P} over ${formatCount(examples)} examples: about ${formatDuration(seconds)}; Ctrl-C ends with what is known`;
}

/**
 * The matrix over the same examples and labels as the diagonal, with progress and a forecast; null where it was interrupted before
 * the first example was done.
 */
export async function denseBeside(
  subject: EstimateSubject,
  diagonal: DiagonalEstimate,
  order: 'seed' | 'file',
  { io, quiet, signal }: Watched,
): Promise<DenseEstimate | null> {
  const { engine, network, likelihood, dataset } = subject;
  const { seed, examples, populationSize, population, labels } = diagonal;
  const { weights, among } = weighingOf(dataset);
  const estimator = isKind(diagonal.estimator) ? diagonal.estimator : 'exact';
  const progress = startProgress(io, 'dense', quiet);
  const messages = messagesOf(io, { quiet }, progress.log);
  const began = io.now();
  let forecast = false;
  try {
    const dense = await estimateDense(
      engine,
      network,
      likelihood,
      (batch, dtype) => batches(dataset, { batch, dtype, order, seed, examples, among }),
      {
        estimator,
        labels: Math.max(1, labels),
        ...(diagonal.error === 'none' ? {} : { error: diagonal.error }),
        stream: new UniformStream(seed, 'type1/estimate'),
        ...(weights ? { weights } : {}),
        ...(population === 'data' ? { population: populationSize } : {}),
        signal,
        pause: turn,
        onExample: (done) => {
          const elapsed = io.now() - began;
          const left = (elapsed * (examples - done)) / done;
          if (
            !forecast &&
            (done >= FORECAST_EXAMPLES || (elapsed > FORECAST_SECONDS && done >= FORECAST_EXAMPLES / 8))
          ) {
            forecast = true;
            if (left > LONG_SECONDS) messages.say(forecastText(diagonal, left));
          }
          progress.update(done / examples, `${formatCount(done)} of ${formatCount(examples)} examples`);
        },
      },
    );
    return dense.examples === 0 ? null : dense;
  } finally {
    progress.end();
  }
}

/** Matrices beyond this are not taken apart for a summary: 8P³ operations. */
const LARGEST_SPECTRUM = 600;

interface Spectrum {
  /** The largest, falling. */
  readonly eigenvalues: readonly number[];
  /** How many are above P·2⁻⁵² of the largest. */
  readonly rank: number;
  /** Largest over the smallest that counts. */
  readonly condition: number | null;
}

function spectrumOf({ fisher, parameters: P }: DenseEstimate): Spectrum | null {
  if (P > LARGEST_SPECTRUM || !fisher.every(Number.isFinite)) return null;
  const falling = symmetricEigenvalues(fisher, P).reverse();
  const counted = falling.filter((v) => v > P * 2 ** -52 * falling[0]);
  const condition = counted.length === 0 ? null : falling[0] / counted[counted.length - 1];
  return { eigenvalues: [...falling.slice(0, SHOWN)], rank: counted.length, condition };
}

const SHOWN = 5;

/** Fields of `--json`: over how many examples, and the spectrum of matrices that are small enough. */
export function denseJson(dense: DenseEstimate | null): Record<string, unknown> {
  return dense === null ? { dense: null } : { dense: { examples: dense.examples, ...spectrumOf(dense) } };
}

/** What the matrix is asked for, in two lines. */
export function denseText(dense: DenseEstimate): string {
  const P = dense.parameters;
  const size = `matrix ${P} × ${P} over ${formatCount(dense.examples)} examples`;
  const spectrum = spectrumOf(dense);
  if (!spectrum) return `${size}\n`;
  const { eigenvalues, rank, condition } = spectrum;
  const over =
    condition === null ? '' : `, condition ${condition.toPrecision(2).replace('e+', 'e')} on its range`;
  return `${size}: rank ${rank}${over}\nlargest eigenvalues ${eigenvalues.map((v) => formatNumber(v, 3)).join(', ')}\n`;
}
