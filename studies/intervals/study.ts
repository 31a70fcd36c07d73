/**
 * @module studies/intervals/study
 *
 * Study of the statistics of an estimate: how often the printed intervals cover, for uniform and weighted visits and where all are visited,
 * how large the errors are, what runs to a target error keep of their promise, and what weighted visits do to single entries. Pieces are
 * points: an interrupted study goes on.
 */
import type { Engine } from 'fim/engine';
import { type EstimateRequest, type Hooks, runEstimate } from 'fim/jobs';
import type { Points } from 'fim/store';
import { type CoverageCell, coverageSteps } from './coverage.js';
import { type EntryRatioRow, entrySteps } from './entry-ratios.js';
import { likelihood } from './networks.js';
import { perNetwork, type Step, type Subject, subjectsOf } from './subjects.js';
import { type TargetCell, targetSteps } from './targets.js';

/** How large the study is. */
export interface CoverageSettings {
  readonly repeats: number;
  readonly visits: readonly number[];
  readonly targets: number;
}

export const COVERAGE_QUICK: CoverageSettings = { repeats: 4, visits: [10], targets: 2 };
export const COVERAGE_STUDY: CoverageSettings = {
  repeats: 400,
  visits: [10, 20, 50, 200, 1000],
  targets: 100,
};

/** What a network is like. */
export interface NetworkRow {
  readonly network: string;
  readonly truth: number;
  /** Mean of the largest probability. */
  readonly certainty: number;
  /** Of tr F(x) over the inputs: skewness, and standard deviation over the mean. */
  readonly skewness: number;
  readonly deviation: number;
}

/** What the study found. */
export interface CoverageResult {
  readonly settings: CoverageSettings;
  readonly networks: readonly NetworkRow[];
  readonly cells: readonly CoverageCell[];
  readonly targets: readonly TargetCell[];
  readonly entries: readonly EntryRatioRow[];
}

/** Runs all pieces; null where it was interrupted. */
export async function runCoverage(
  engine: Engine,
  points: Points,
  settings: CoverageSettings,
  hooks: Hooks,
): Promise<CoverageResult | null> {
  const open = subjectsOf(engine);
  const { repeats, visits, targets } = settings;
  const plan = {
    networks: perNetwork((of): Step<NetworkRow>[] => [
      { key: 'network', run: async () => networkRow(await open(of)) },
    ]),
    entries: entrySteps(open, repeats),
    targets: targetSteps(open, targets),
    cells: coverageSteps(open, visits, repeats),
  };
  const all = Object.values(plan).reduce((sum, steps) => sum + steps.length, 0);
  let done = 0;
  const made = async <R>(steps: readonly Step<R>[]): Promise<R[] | null> => {
    const results: R[] = [];
    for (const { key, run } of steps) {
      const one = await points.get(key.replace(/[^\w]+/g, '-'), () => run(hooks.signal) as Promise<never>);
      if (one === null || hooks.signal?.aborted) return null;
      results.push(one);
      hooks.onProgress?.(++done / all, key);
    }
    return results;
  };
  const networks = await made(plan.networks);
  const entries = networks && (await made(plan.entries));
  const kept = entries && (await made(plan.targets));
  const cells = kept && (await made(plan.cells));
  return cells && { settings, networks, cells, targets: kept, entries: entries.flat() };
}

async function networkRow({ name, engine, network, dataset, whole }: Subject): Promise<NetworkRow> {
  const asked: EstimateRequest = { estimator: 'type1', labels: 1, error: 'sampled' };
  const { offModeLabels } = await runEstimate({ engine, network, likelihood, dataset }, asked);
  const { value, dataError, skewness } = whole.trace;
  const N = dataset.n;
  return {
    network: name,
    truth: value,
    certainty: 1 - (offModeLabels as number) / N,
    skewness: (skewness as number) * Math.sqrt(N),
    deviation: ((dataError as number) * Math.sqrt(N)) / value,
  };
}
