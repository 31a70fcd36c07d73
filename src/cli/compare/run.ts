/**
 * @module cli/compare/run
 *
 * `fim rl compare` from its forecast to its report.
 */
import { availableParallelism } from 'node:os';
import type { ExitCode } from '../../core/errors.js';
import { formatCount, formatDuration } from '../../report/format.js';
import { comparisonFiles, comparisonReport, forecastText, hasResults } from '../../report/rl/comparison.js';
import { compareSummary, compareText, type CompareReport } from '../../report/rl/index.js';
import { CompareRun, type Forecast } from '../../store/training/compare.js';
import { type Comparison, jobsOf } from '../../store/training/grid.js';
import { writeFiles } from '../../store/study-files.js';
import type { Io } from '../io.js';
import { startProgress } from '../terminal/live.js';
import { renderTable } from '../terminal/table.js';
import { Board } from './board.js';
import { inFlags, jsonLine } from '../mentions.js';

/** What is used of a command's context. */
export interface CompareContext {
  /** Streams and clock. */
  readonly io: Io;
  /** Aborted: stop, and keep what is done. */
  readonly signal: AbortSignal;
  /** Version of fim. */
  readonly version: string;
  /** The line to go on with. */
  readonly commandLine: string;
  /** Options that are read. */
  readonly options: {
    readonly quiet: boolean;
    readonly json: boolean;
    readonly dryRun?: boolean;
    readonly workers?: number | undefined;
  };
}

/** What a study adds to a comparison. */
export interface CompareExtras {
  /** Modules of the user's that register environments. */
  readonly modules?: readonly string[];
  /** More of the report, or other words: kicker, notes, facts. */
  readonly report?: Partial<CompareReport>;
}

/** Runs what remains of the comparison in folder `out`, and writes the report of what is there. 130 where it was interrupted. */
export async function runCompare(
  context: CompareContext,
  comparison: Comparison,
  out: string,
  extras: CompareExtras = {},
): Promise<ExitCode> {
  const { io, signal, options, version } = context;
  const jobs = jobsOf(comparison, out);
  const workers = options.workers ?? availableParallelism();
  const say = (line: string): void => void (options.quiet || io.stderr.write(`${inFlags(line)}\n`));
  const run = new CompareRun(jobs, { workers, version, modules: extras.modules ?? [] });
  try {
    const progress = startProgress(io, 'pilot', options.quiet);
    let forecast: Forecast | null;
    try {
      forecast = await run.forecast(signal, {
        onPilot: (done, of) => progress.update(done / of, `${done} of ${of}`),
      });
    } finally {
      progress.end();
    }
    if (forecast !== null) say(forecastText(run, forecast, comparison, workers));
    if (options.dryRun) {
      if (forecast !== null) io.stdout.write(planText(run, forecast, options.json));
      return forecast === null ? 130 : 0;
    }
    const finished = forecast !== null && (await go(context, run, forecast));
    writeComparison(context, comparison, run, out, extras);
    if (!finished) say(`${out}: stopped; the same command goes on from here`);
    const failures = [...run.statuses].flatMap(([job, status]) =>
      status.kind === 'failed' ? [{ job, message: status.message }] : [],
    );
    for (const { job, message } of failures)
      io.stderr.write(`failed: ${job.arm} in ${job.environment}, seed ${job.seed}: ${inFlags(message)}\n`);
    return !finished ? 130 : failures.length > 0 ? 3 : 0;
  } finally {
    await run.close();
  }
}

/** Writes the report of what is there, and prints it; nothing where no run has numbers. */
export function writeComparison(
  { io, options, version, commandLine }: CompareContext,
  comparison: Comparison,
  run: CompareRun,
  out: string,
  extras: CompareExtras = {},
): void {
  const workers = options.workers ?? availableParallelism();
  const made = { version, node: process.version, workers, command: commandLine };
  const report = comparisonReport(comparison, run, made, { say: inFlags, ...extras.report });
  if (!hasResults(report)) return;
  writeFiles(out, comparisonFiles(report));
  io.stdout.write(options.json ? jsonLine({ folder: out, ...compareSummary(report) }) : compareText(report));
  if (!options.quiet) io.stderr.write(`\n${out}/index.html\n`);
}

async function go(
  { io, signal, options }: CompareContext,
  run: CompareRun,
  forecast: Forecast,
): Promise<boolean> {
  const { remaining } = forecast;
  if (remaining.length === 0) {
    run.clear();
    return true;
  }
  const seconds = new Map(remaining.map((r) => [r.job, r.seconds / Math.max(1 - r.share, 1e-3)]));
  const runs = run.jobs.map((job) => ({ job, seconds: seconds.get(job) ?? 0 }));
  const board = new Board(io, runs, run.statuses, options.quiet, signal);
  try {
    return await run.go(remaining, signal, {
      onNews: (job, news) => board.update(job, news),
      onEnd: (job, status) => board.ended(job, status),
    });
  } finally {
    board.end();
  }
}

/** What would be run, by arm and environment. */
function planText(run: CompareRun, { remaining, seconds }: Forecast, json: boolean): string {
  const cells = new Map<
    string,
    { arm: string; environment: string; steps: number; runs: number; seconds: number }
  >();
  for (const job of run.jobs) {
    const key = JSON.stringify([job.arm, job.environment]);
    const { arm, environment } = job;
    const cell = cells.get(key) ?? { arm, environment, steps: job.settings.steps, runs: 0, seconds: 0 };
    const left = remaining.find((r) => r.job === job);
    if (left) {
      cell.runs++;
      cell.seconds += left.seconds;
    }
    cells.set(key, cell);
  }
  const list = [...cells.values()];
  if (json) return `${JSON.stringify({ seconds, runs: remaining.length, cells: list })}\n`;
  return `${renderTable(
    [
      { title: 'algorithm' },
      { title: 'environment' },
      { title: 'steps', align: 'right' },
      { title: 'runs to do', align: 'right' },
      { title: 'together', align: 'right' },
    ],
    list.map((c) => [c.arm, c.environment, formatCount(c.steps), String(c.runs), formatDuration(c.seconds)]),
  )}\n`;
}
