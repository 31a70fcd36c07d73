/**
 * @module cli/compare/run
 *
 * A comparison from its forecast to its report: for `fim rl compare`, and for studies that are comparisons.
 */
import { availableParallelism } from 'node:os';
import type { ExitCode } from '../../core/errors.js';
import { formatCount, formatDuration } from '../../report/format.js';
import {
  compareCsv,
  compareFiles,
  compareSummary,
  compareText,
  type CompareReport,
  curvesCsv,
  profilesCsv,
  summaryOf,
} from '../../report/rl/index.js';
import { presetFor } from '../../rl/presets/index.js';
import { CompareRun, type Forecast } from '../../store/training/compare.js';
import { arenaName, type Comparison, jobsOf, sharedGroups } from '../../store/training/grid.js';
import { writeFiles } from '../../store/study-files.js';
import type { Io } from '../io.js';
import { startProgress } from '../terminal/live.js';
import { renderTable } from '../terminal/table.js';
import { Board } from './board.js';

/** What is used of a command's context. */
export interface CompareContext {
  readonly io: Io;
  readonly signal: AbortSignal;
  readonly version: string;
  readonly commandLine: string;
  readonly options: {
    readonly quiet: boolean;
    readonly json: boolean;
    readonly dryRun?: boolean;
    readonly workers?: number | undefined;
  };
}

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
  const say = (line: string): void => void (options.quiet || io.stderr.write(`${line}\n`));
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
    const report = reportOf(context, comparison, run, workers, extras.report);
    if (report.runs.some((r) => r.status !== 'missing' && r.status !== 'failed')) {
      writeReport(out, report);
      io.stdout.write(
        options.json
          ? `${JSON.stringify({ folder: out, ...compareSummary(report) })}\n`
          : compareText(report),
      );
      say(`\n${out}/index.html`);
    }
    if (!finished) say(`${out}: stopped; the same command goes on from here`);
    const failures = [...run.statuses].flatMap(([job, status]) =>
      status.kind === 'failed' ? [{ job, message: status.message }] : [],
    );
    for (const { job, message } of failures)
      io.stderr.write(`failed: ${job.arm} in ${job.environment}, seed ${job.seed}: ${message}\n`);
    return !finished ? 130 : failures.length > 0 ? 3 : 0;
  } finally {
    await run.close();
  }
}

async function go(
  { io, signal, options }: CompareContext,
  run: CompareRun,
  forecast: Forecast,
): Promise<boolean> {
  const { remaining } = forecast;
  if (remaining.length === 0) return true;
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

function forecastText(
  run: CompareRun,
  { remaining, seconds }: Forecast,
  { arms, environments, seeds }: Comparison,
  workers: number,
): string {
  const count = (n: number, one: string): string => `${n} ${one}${n === 1 ? '' : 's'}`;
  const what = [
    count(arms.length, 'algorithm'),
    count(environments.length, 'environment'),
    count(seeds.length, 'seed'),
  ];
  const done = run.jobs.length - remaining.length;
  const rest =
    remaining.length === 0
      ? 'all done'
      : `${done > 0 ? `${done} done, ` : ''}the ${done > 0 ? 'rest' : 'whole'} takes about ${formatDuration(seconds)} on ${count(workers, 'thread')}`;
  return `${what.join(' × ')} = ${count(run.jobs.length, 'run')}; ${rest}`;
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

function reportOf(
  { version, commandLine }: CompareContext,
  comparison: Comparison,
  run: CompareRun,
  workers: number,
  extra: Partial<CompareReport> = {},
): CompareReport {
  const { title, arms, environments, seeds, reference } = comparison;
  return {
    title,
    runs: run.jobs.map((job) => summaryOf(job, run.statuses.get(job) ?? { kind: 'new' })),
    algorithms: arms.map((a) => a.name),
    environments: environments.map(arenaName),
    shared: sharedGroups(comparison),
    ...(reference === undefined ? {} : { reference }),
    command: commandLine,
    facts: [
      { name: 'fim', value: `${version}, Node ${process.version}` },
      { name: 'Runs at a time', value: String(workers) },
      { name: 'Seeds', value: seeds.join(', ') },
      ...environments.map((e) => ({
        name: arenaName(e),
        value: `${formatCount(e.steps)} steps a run${settingText(e.set)}`,
      })),
      ...arms.map((arm) => ({
        name: arm.name,
        value: armText(
          arm,
          environments.map((e) => e.id),
        ),
      })),
    ],
    footer: `Made by fim ${version}`,
    ...extra,
  };
}

/** Algorithm, presets by their sources, and what was set. */
function armText(arm: Comparison['arms'][number], ids: readonly string[]): string {
  const sources = new Map<string, string[]>();
  for (const id of ids) {
    const { source } = presetFor(arm.algorithm, id);
    sources.set(source, [...(sources.get(source) ?? []), id]);
  }
  const presets = [...sources].map(([source, of]) =>
    sources.size === 1 ? source : `${source} (${of.join(', ')})`,
  );
  const own = Object.entries(arm.environments).map(([id, set]) => `; in ${id}${settingText(set)}`);
  return `${arm.algorithm}; ${presets.join('; ')}${settingText(arm.set)}${own.join('')}`;
}

function settingText(set: Readonly<Record<string, unknown>>): string {
  const parts = Object.entries(set).map(
    ([name, value]) => `${name} ${Array.isArray(value) ? value.join('×') : String(value)}`,
  );
  return parts.length === 0 ? '' : `; set ${parts.join(', ')}`;
}

function writeReport(out: string, report: CompareReport): void {
  const files = new Map(compareFiles(report));
  files.set('runs.csv', compareCsv(report));
  files.set('curves.csv', curvesCsv(report));
  files.set('profiles.csv', profilesCsv(report));
  files.set('summary.json', `${JSON.stringify(compareSummary(report), null, 1)}\n`);
  writeFiles(out, files);
}
