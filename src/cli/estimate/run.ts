/**
 * @module cli/estimate/run
 *
 * From decided options to an estimate, with a pilot first where a target error was asked.
 */
import { FimError } from '../../core/errors.js';
import { batches } from '../../data/batches.js';
import type { Dataset } from '../../data/dataset.js';
import type { Engine } from '../../engine/types.js';
import {
  chooseEstimator,
  type Chosen,
  type DiagonalEstimate,
  type DiagonalOptions,
  estimateDiagonal,
  type ExampleSource,
  pilotSize,
  pilotVariances,
  planTarget,
} from '../../fisher/index.js';
import type { Labels, Likelihood } from '../../likelihood/types.js';
import type { Network } from '../../model/network.js';
import { formatCount, formatPercent } from '../../report/format.js';

export interface EstimateRequest {
  readonly estimator?: Chosen['estimator'] | undefined;
  readonly labels?: number | undefined;
  readonly error: 'auto' | 'closed-form' | 'sampled';
  readonly population: 'distribution' | 'data';
  readonly level: number;
  readonly targetError?: number | undefined;
  readonly examples?: number | undefined;
  readonly order: 'seed' | 'file';
  readonly seed: number;
  readonly batch: number;
}

export interface EstimateSubject {
  readonly engine: Engine;
  readonly network: Network;
  readonly likelihood: Likelihood;
  readonly dataset: Dataset;
  readonly targets: Labels | null;
}

/** What is heard while it runs. */
export interface EstimateListener {
  say(line: string): void;
  progress(share: number, estimate: DiagonalEstimate): void;
  readonly signal: AbortSignal;
}

/** Decides, pilots where asked, estimates. Throws `estimate/out-of-reach` (the answer is no). */
export async function runEstimate(
  subject: EstimateSubject,
  request: EstimateRequest,
  listener: EstimateListener,
): Promise<DiagonalEstimate> {
  const { network, likelihood, dataset } = subject;
  const examples = request.examples ?? dataset.n;
  let chosen = chooseEstimator(network, likelihood, { ...request, examples });
  for (const reason of chosen.reasons) listener.say(reason);
  let visit = { examples, from: 0 };
  if (request.targetError !== undefined) {
    const planned = await pilot(subject, request, chosen, listener);
    chosen = planned.chosen;
    visit = planned.visit;
  }
  const total = visit.examples;
  return estimateDiagonal(
    subject.engine,
    network,
    likelihood,
    sourceOf(dataset, request, visit.examples, visit.from),
    {
      ...diagonalOptions(subject, request, chosen, listener),
      onBatch: ({ examples: done, estimate }) => listener.progress(done / total, estimate()),
    },
  );
}

function diagonalOptions(
  subject: EstimateSubject,
  request: EstimateRequest,
  chosen: Omit<Chosen, 'reasons'>,
  listener: EstimateListener,
): DiagonalOptions {
  return {
    estimator: chosen.estimator,
    labels: chosen.labels,
    ...(chosen.error === 'none' ? {} : { error: chosen.error }),
    ...(subject.targets ? { targets: subject.targets } : {}),
    seed: request.seed,
    population: request.population,
    populationSize: subject.dataset.n,
    level: request.level,
    batch: request.batch,
    signal: listener.signal,
  };
}

/** Examples from…from+examples of the seeded order. */
function sourceOf(dataset: Dataset, request: EstimateRequest, examples: number, from: number): ExampleSource {
  const { order, seed } = request;
  return (batch, dtype) => batches(dataset, { batch, dtype, order, seed, examples: from + examples, from });
}

async function pilot(
  subject: EstimateSubject,
  request: EstimateRequest,
  chosen: Chosen,
  listener: EstimateListener,
): Promise<{ chosen: Chosen; visit: { examples: number; from: number } }> {
  const { network, likelihood, dataset } = subject;
  const N = request.examples ?? dataset.n;
  const target = request.targetError as number;
  const n0 = pilotSize(N);
  const drawn = chosen.labels > 0;
  const estimate = await estimateDiagonal(
    subject.engine,
    network,
    likelihood,
    sourceOf(dataset, request, n0, 0),
    {
      ...diagonalOptions(subject, request, drawn ? { ...chosen, error: 'closed-form' } : chosen, listener),
      stream: 'pilot',
      population: 'distribution',
    },
  );
  const variances = pilotVariances(estimate);
  const plan = planTarget(
    network,
    likelihood,
    chosen.estimator,
    variances,
    target,
    N,
    request.population,
    request.labels,
  );
  const what = `${formatCount(plan.examples)} examples${plan.labels > 0 ? ` with ${plan.labels} draws each` : ''}`;
  if (!plan.feasible) {
    throw new FimError({
      code: 'estimate/out-of-reach',
      kind: 'answer-no',
      where: `--target-error ${formatPercent(target)}`,
      rule: `takes about ${what}, by a pilot of ${n0}`,
      got: `${formatCount(N)} examples, which reach ${formatPercent(plan.attainable)}`,
      next:
        request.population === 'distribution'
          ? 'more data, a larger target, or --population data if these examples are all that matters'
          : 'a larger target, more --labels, or --estimator exact',
    });
  }
  listener.say(`pilot of ${n0} examples: ${formatPercent(target)} takes ${what}`);
  // Fresh examples where there are enough of them; a finite population is visited from its start.
  const from = request.population === 'distribution' && plan.examples + n0 <= N ? n0 : 0;
  return {
    chosen: { ...chosen, labels: plan.labels },
    visit: { examples: plan.examples, from },
  };
}
