/**
 * @module studies/intervals/study
 *
 * Coverage of the printed intervals, repeat by repeat through `runEstimate`: of the trace, for uniform and weighted visits, both populations,
 * on a near-certain and a mild network. Population `data`: n of the file's examples. Population `distribution`: the file is the law, each
 * repeat has a file of N examples drawn from it with replacement, and the truth is the law's. Beside it how large the errors are, and
 * what runs to a target error keep of their promise. Cells are points: an interrupted study goes on.
 */
import { makeDataset, type Network, tensor } from 'fim';
import { Sequence } from 'fim/core';
import type { Dataset } from 'fim/data';
import type { Engine } from 'fim/engine';
import { type EstimateRequest, type Hooks, OutOfReach, runEstimate } from 'fim/jobs';
import type { Points } from 'fim/store';
import { likelihood, NETWORKS, population, type StudyNetwork, train } from './networks.js';

/** What is estimated by. */
export const ARMS: readonly (readonly [name: string, request: EstimateRequest])[] = [
  ['exact', { estimator: 'exact' }],
  ['eigen signs', { estimator: 'rademacher', labels: 2, error: 'sampled' }],
  ['top pair + signs', { estimator: 'rademacher', labels: 2, exactPairs: 1, error: 'sampled' }],
  ['one label', { estimator: 'type1', labels: 1, error: 'sampled' }],
];

/** How large the study is. */
export interface CoverageSettings {
  readonly repeats: number;
  readonly visits: readonly number[];
  readonly targets: number;
}

export const COVERAGE_QUICK: CoverageSettings = { repeats: 4, visits: [10], targets: 2 };
export const COVERAGE_STUDY: CoverageSettings = { repeats: 400, visits: [10, 20, 50, 200], targets: 60 };

/** One cell of the table. */
export interface CoverageCell {
  readonly network: string;
  readonly population: 'data' | 'distribution';
  readonly visits: 'uniform' | 'weighted';
  readonly arm: string;
  readonly n: number;
  readonly repeats: number;
  /** Shares of repeats. */
  readonly covered: number;
  readonly below: number;
  /** Mean of what was foretold; null where nothing was. */
  readonly foretold: number | null;
  /** Root mean square error, median width of the interval, relative to the truth; mean SE² over mean squared error. */
  readonly rms: number;
  readonly width: number;
  readonly ratio: number;
}

/** What runs to a target kept. */
export interface TargetCell {
  readonly network: string;
  readonly arm: string;
  readonly target: number;
  readonly runs: number;
  readonly reported: number;
  readonly within: number;
  readonly refused: number;
  readonly median: number;
}

/** What the study found. */
export interface CoverageResult {
  readonly settings: CoverageSettings;
  readonly cells: readonly CoverageCell[];
  readonly targets: readonly TargetCell[];
}

interface Subject {
  readonly name: string;
  readonly engine: Engine;
  readonly network: Network;
  readonly dataset: Dataset;
  readonly truth: number;
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Runs all cells; null where it was interrupted. */
export async function runCoverage(
  engine: Engine,
  points: Points,
  settings: CoverageSettings,
  hooks: Hooks,
): Promise<CoverageResult | null> {
  const dataset = population();
  const cells: CoverageCell[] = [];
  const targets: TargetCell[] = [];
  const plans = NETWORKS.flatMap((of) => planOf(of, settings));
  let subject: Subject | null = null;
  for (const [i, plan] of plans.entries()) {
    const name = `${plan.of.name}, ${plan.key}`;
    const made = await points.get(plan.key.replace(/[^\w]+/g, '-') + `-${plan.of.name}`, async () => {
      if (subject?.name !== plan.of.name) subject = await open(engine, dataset, plan.of);
      const own = subject;
      return plan.run(own, hooks.signal) as Promise<never>;
    });
    if (made === null || hooks.signal?.aborted) return null;
    if ('covered' in (made as object)) cells.push(made);
    else targets.push(made);
    hooks.onProgress?.((i + 1) / plans.length, name);
  }
  return { settings, cells, targets };
}

interface Plan {
  readonly of: StudyNetwork;
  readonly key: string;
  run(subject: Subject, signal: AbortSignal | undefined): Promise<CoverageCell | TargetCell | null>;
}

function planOf(of: StudyNetwork, settings: CoverageSettings): Plan[] {
  const cells = (['data', 'distribution'] as const).flatMap((kind) =>
    (['uniform', 'weighted'] as const).flatMap((visits) =>
      ARMS.flatMap(([arm, request]) =>
        settings.visits.map((n): Plan => ({
          of,
          key: `${kind} ${visits} ${arm} ${n}`,
          run: (subject, signal) =>
            cellOf(
              subject,
              { ...request, population: kind, visits, examples: n },
              arm,
              settings.repeats,
              signal,
            ),
        })),
      ),
    ),
  );
  const targets = ARMS.filter(([arm]) => arm !== 'top pair + signs').map(([arm, request]): Plan => ({
    of,
    key: `target ${arm}`,
    run: (subject, signal) => targetOf(subject, request, arm, settings.targets, signal),
  }));
  return [...cells, ...targets];
}

async function open(engine: Engine, dataset: Dataset, of: StudyNetwork): Promise<Subject> {
  const network = await train(engine, dataset, of);
  const whole = await runEstimate(
    { engine, network, likelihood, dataset },
    { estimator: 'exact', population: 'data' },
  );
  return { name: of.name, engine, network, dataset, truth: whole.trace.value };
}

/** A file of as many examples, drawn from the law with replacement. */
function redrawn(dataset: Dataset, seed: number): Dataset {
  const [[name, x]] = dataset.inputs;
  const size = x.shape[1];
  const sequence = new Sequence(seed, 'coverage study');
  const from = x.data as Float32Array;
  const data = new Float32Array(from.length);
  for (let n = 0; n < dataset.n; n++) {
    const row = sequence.integer(dataset.n);
    data.set(from.subarray(row * size, (row + 1) * size), n * size);
  }
  const inputs = new Map([[name, tensor('float32', [dataset.n, size], data)]]);
  return makeDataset({ source: `${dataset.source}, redrawn`, inputs });
}

async function cellOf(
  { name, engine, network, dataset, truth }: Subject,
  request: EstimateRequest,
  arm: string,
  repeats: number,
  signal: AbortSignal | undefined,
): Promise<CoverageCell | null> {
  let [covered, below, squares, variances, foretold, known] = [0, 0, 0, 0, 0, 0];
  const widths: number[] = [];
  for (let seed = 0; seed < repeats; seed++) {
    await turn();
    if (signal?.aborted) return null;
    const own = request.population === 'data' ? dataset : redrawn(dataset, seed);
    const { trace } = await runEstimate({ engine, network, likelihood, dataset: own }, { ...request, seed });
    const [low, high] = trace.interval ?? [0, Infinity];
    if (low <= truth && truth <= high) covered++;
    else if (high < truth) below++;
    widths.push((high - low) / truth);
    squares += (trace.value - truth) ** 2;
    variances += (trace.standardError ?? 0) ** 2;
    if (trace.expectedCoverage === null) continue;
    foretold += trace.expectedCoverage;
    known++;
  }
  widths.sort((a, b) => a - b);
  return {
    network: name,
    population: request.population as 'data',
    visits: request.visits as 'uniform',
    arm,
    n: request.examples as number,
    repeats,
    covered: covered / repeats,
    below: below / repeats,
    foretold: known === 0 ? null : foretold / known,
    rms: Math.sqrt(squares / repeats) / truth,
    width: widths[Math.floor(repeats / 2)],
    ratio: variances / squares,
  };
}

/** What is asked of each arm: what the data can give with room to spare. */
const TARGETS: Readonly<Record<string, number>> = { exact: 0.05, 'eigen signs': 0.05, 'one label': 0.2 };

async function targetOf(
  { name, engine, network, dataset, truth }: Subject,
  request: EstimateRequest,
  arm: string,
  runs: number,
  signal: AbortSignal | undefined,
): Promise<TargetCell | null> {
  const target = TARGETS[arm];
  let [reported, within, refused] = [0, 0, 0];
  const visits: number[] = [];
  const asked: EstimateRequest = {
    ...request,
    labels: undefined,
    error: undefined,
    targetError: target,
    population: 'data',
  };
  for (let seed = 0; seed < runs; seed++) {
    await turn();
    if (signal?.aborted) return null;
    const made = await runEstimate({ engine, network, likelihood, dataset }, { ...asked, seed }).catch(
      (error: unknown) => {
        if (!(error instanceof OutOfReach)) throw error;
        refused++;
        return error.estimate;
      },
    );
    const { value, standardError } = made.trace;
    if ((standardError ?? Infinity) <= 1.02 * target * value) reported++;
    if (Math.abs(value - truth) <= 1.96 * target * truth) within++;
    visits.push(made.examples);
  }
  visits.sort((a, b) => a - b);
  return {
    network: name,
    arm,
    target,
    runs,
    reported: reported / runs,
    within: within / runs,
    refused: refused / runs,
    median: visits[Math.floor(runs / 2)],
  };
}
