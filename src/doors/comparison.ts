/**
 * @module doors/comparison
 *
 * The short way to a comparison: arms × environments × seeds in, a folder with every run and its report out. Runs that are done are
 * never repeated, those that were cut off go on.
 */
import { availableParallelism } from 'node:os';
import process from 'node:process';
import { comparisonFiles, comparisonReport, forecastText, hasResults } from '../report/rl/comparison.js';
import { compareText } from '../report/rl/index.js';
import { CompareRun, type Forecast, statusOf } from '../store/training/compare.js';
import { type Comparison, jobsOf } from '../store/training/grid.js';
import { writeFiles } from '../store/study-files.js';

/** How a comparison is run. */
export interface ComparisonOptions {
  /** Runs at a time; the results do not depend on it. Default: one per core. */
  readonly workers?: number | undefined;
  /** Of fim, for the report and the runs' manifests. */
  readonly version: string;
  /** The line that makes it again, for the report. */
  readonly command: string;
  /** Aborted: every run saves and stops. */
  readonly signal: AbortSignal;
  /** How long it will take, before the first run. */
  readonly say?: (line: string) => void;
  /** Share of the work, by its seconds, and how many runs have ended. */
  readonly onProgress?: (share: number, text: string) => void;
}

/** What a comparison came to. */
export interface ComparisonResult {
  /** Every run has ended, with numbers or without. */
  readonly finished: boolean;
  /** A line for each run whose environment failed or whose thread was lost. */
  readonly failures: readonly string[];
  /** The report as text; null where no run has numbers. */
  readonly text: string | null;
}

/**
 * Runs what remains of a comparison in `folder`, and writes its report there: index.html, figures, runs.csv, curves.csv, profiles.csv,
 * summary.json. Throws as `jobsOf` does, `run/of-another` where the folder holds runs of other settings, and what a run throws.
 * @throws FimError with `arrays/missing`, `data/memory`, `file/empty`, `file/folder`, `file/forbidden`, `file/missing`, `file/no-folder`,
 * `file/unreadable`, `file/unwritable`, `manifest/json`, `manifest/run`, `points/damaged`, `random/index`, `random/seed`,
 * `report/run-twice`, `rl/score`, `rl/setting`, `rl/unknown`, `run/checkpoint-damaged`, `run/checkpoint-format`, `run/checkpoint-gone`,
 * `run/not-a-run`, `run/result-damaged`, `safetensors/dtype`, `safetensors/entry`, `safetensors/header`, `safetensors/offsets`,
 * `safetensors/truncated`, `stats/curves`, `stats/few-seeds`, `stats/resamples`, `stats/score`, `stats/seed-twice`, `stats/unpaired`
 */
export async function runComparison(
  comparison: Comparison,
  folder: string,
  options: ComparisonOptions,
): Promise<ComparisonResult> {
  const { workers = availableParallelism(), version, command, signal, say } = options;
  const run = new CompareRun(jobsOf(comparison, folder), { workers, version });
  try {
    const forecast = await run.forecast(signal);
    if (forecast !== null) say?.(forecastText(run, forecast, comparison, workers));
    const finished = forecast !== null && (await goOn(run, forecast, options));
    const made = { version, node: process.version, workers, command };
    const report = comparisonReport(comparison, run, made);
    const text = hasResults(report) ? compareText(report) : null;
    if (text !== null) writeFiles(folder, comparisonFiles(report));
    const failures = [...run.statuses].flatMap(([job, status]) =>
      status.kind === 'failed'
        ? [`${job.arm} in ${job.environment}, seed ${job.seed}: ${status.message}`]
        : [],
    );
    return { finished, failures, text };
  } finally {
    await run.close();
  }
}

/** Progress by seconds: each run counts what the forecast gave it. */
async function goOn(
  run: CompareRun,
  { remaining }: Forecast,
  { signal, onProgress }: ComparisonOptions,
): Promise<boolean> {
  const done = new Map(remaining.map(({ job, share }) => [job, share]));
  const weights = new Map(remaining.map(({ job, seconds, share }) => [job, seconds / (1 - share || 1)]));
  const all = remaining.reduce((sum, { job }) => sum + (weights.get(job) ?? 0), 0);
  const show = (): void => {
    const work = remaining.reduce((sum, { job }) => sum + (weights.get(job) ?? 0) * (done.get(job) ?? 0), 0);
    const ended = [...run.statuses.values()].filter(({ kind }) => kind !== 'new' && kind !== 'begun').length;
    onProgress?.(all > 0 ? work / all : 1, `${ended} of ${run.jobs.length} runs`);
  };
  return run.go(remaining, signal, {
    onNews: (job, { share }) => {
      done.set(job, share);
      show();
    },
    onEnd: (job) => {
      done.set(job, 1);
      show();
    },
  });
}

/** What a run of a comparison scored. */
export interface RunScore {
  /** Name of the arm. */
  readonly arm: string;
  /** Name of the environment. */
  readonly environment: string;
  /** Of the run. */
  readonly seed: number;
  /** Mean return of the final evaluation; −∞ of a run that has none. */
  readonly score: number;
  /** Its numbers stopped being finite; the score is what its last finite parameters are worth. */
  readonly diverged: boolean;
}

/**
 * The scores of all runs in a comparison's folder. Throws as `jobsOf` does, `run/of-another`, `manifest/…`, `points/damaged`.
 * @throws FimError with `arrays/missing`, `data/memory`, `file/empty`, `file/folder`, `file/forbidden`, `file/missing`, `file/unreadable`,
 * `manifest/json`, `manifest/run`, `rl/setting`, `rl/unknown`, `run/checkpoint-damaged`, `run/checkpoint-format`, `run/checkpoint-gone`,
 * `run/not-a-run`, `run/result-damaged`, `safetensors/dtype`, `safetensors/entry`, `safetensors/header`, `safetensors/offsets`,
 * `safetensors/truncated`
 */
export function scoresOf(comparison: Comparison, folder: string): RunScore[] {
  return jobsOf(comparison, folder).map((job) => {
    const { arm, environment, seed } = job;
    const status = statusOf(job);
    const diverged = status.kind === 'diverged';
    const evaluation =
      status.kind === 'done' ? status.result.evaluation : diverged ? status.divergence.evaluation : null;
    return { arm, environment, seed, score: evaluation?.mean ?? -Infinity, diverged };
  });
}
