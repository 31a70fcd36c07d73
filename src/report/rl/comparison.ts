/**
 * @module report/rl/comparison
 *
 * The report of a comparison from its folders: what was run and how, in facts, and all files that say what came out.
 */
import { presetFor } from '../../rl/presets/index.js';
import type { CompareRun, Forecast } from '../../store/training/compare.js';
import { arenaName, type Comparison, sharedGroups } from '../../store/training/grid.js';
import { formatCount, formatDuration } from '../format.js';
import { compareCsv, curvesCsv, profilesCsv } from './csv.js';
import { compareFiles } from './page.js';
import { summaryOf } from './runs.js';
import { compareSummary } from './summary.js';
import type { CompareReport } from './types.js';

/** What ran a comparison. */
export interface ComparisonMaker {
  /** Of fim. */
  readonly version: string;
  /** Version of Node. */
  readonly node: string;
  /** Runs at a time. */
  readonly workers: number;
  /** The line that makes it again. */
  readonly command: string;
}

/** The report of what is there, finished or not; `extra` adds to it or says it in other words. Reads the runs' folders. */
export function comparisonReport(
  comparison: Comparison,
  run: CompareRun,
  { version, node, workers, command }: ComparisonMaker,
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
    command,
    facts: [
      { name: 'fim', value: `${version}, Node ${node}` },
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

/** Whether a run of it has ended with numbers. */
export const hasResults = (report: CompareReport): boolean =>
  report.runs.some((r) => r.status !== 'missing' && r.status !== 'failed');

/** The page, its figures, and the numbers as CSV and JSON, by name. */
export function comparisonFiles(report: CompareReport): Map<string, string> {
  const files = new Map(compareFiles(report));
  files.set('runs.csv', compareCsv(report));
  files.set('curves.csv', curvesCsv(report));
  files.set('profiles.csv', profilesCsv(report));
  files.set('summary.json', `${JSON.stringify(compareSummary(report), null, 1)}\n`);
  return files;
}

/** `9 algorithms × 5 environments × 5 seeds = 225 runs; the whole takes about 40 min on 2 threads`. */
export function forecastText(
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
