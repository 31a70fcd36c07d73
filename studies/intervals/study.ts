/**
 * @module studies/intervals/study
 *
 * Study of the statistics of an estimate: how often the printed intervals cover, for uniform and weighted visits and where all are visited,
 * how large the errors are, what runs to a target error keep of their promise, and what weighted visits do to single entries.
 */
import type { Engine } from 'fim/engine';
import { type EstimateRequest, runEstimate } from 'fim/jobs';
import type { CutStudy, Piece } from '../face/piece.js';
import { cellOf, type CoverageCell, coverageCells } from './coverage.js';
import { entryPieces, type EntryRatioRow } from './entry-ratios.js';
import { likelihood } from './networks.js';
import { perNetwork, type Subject, subjectsOf } from './subjects.js';
import { type TargetCell, targetPieces } from './targets.js';

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
  targets: 300,
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

/** Of a network that is trained, and visited once. */
const SECONDS = 5;

/** The pieces, and what their results come to. */
export function coverageStudy(
  engine: Engine,
  settings: CoverageSettings,
): Pick<CutStudy<CoverageResult>, 'pieces' | 'assemble'> {
  const open = subjectsOf(engine);
  const { repeats, visits, targets } = settings;
  const networks = perNetwork((of): Piece<NetworkRow>[] => [
    { key: 'network', seconds: SECONDS, run: async () => networkRow(await open(of)) },
  ]);
  const entries = entryPieces(open, repeats);
  const toTargets = targetPieces(open, targets);
  const cells = coverageCells(open, visits, repeats);
  return {
    pieces: [...networks, ...entries, ...toTargets, ...cells.flatMap(({ pieces }) => pieces)],
    assemble: (results) => ({
      settings,
      networks: results.of(networks),
      cells: cells.map(({ cell, pieces }) => cellOf(cell, results.of(pieces))),
      targets: results.of(toTargets),
      entries: results.of(entries).flat(),
    }),
  };
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
