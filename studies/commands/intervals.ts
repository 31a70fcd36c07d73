/**
 * @module studies/commands/intervals
 *
 * `npm run study -- intervals`: how often the printed intervals cover, what runs to a target error keep,
 * and what weighted visits are worth.
 */
import type { ExitCode } from 'fim/core';
import { createEngine } from 'fim/engine';
import { csvTable, yielding } from 'fim/jobs';
import { studyFiles } from 'fim/report';
import { Points } from 'fim/store';
import { COVERAGE_QUICK, COVERAGE_STUDY, runCoverage, type CoverageResult } from '../intervals/study.js';
import type { StudyContext } from '../face/context.js';
import { fillFolder } from '../face/fill.js';
import { coveragePage } from '../report/intervals.js';

export async function reproduceIntervals(context: StudyContext): Promise<ExitCode> {
  const { options, line, version } = context;
  const folder = options.run ?? 'runs/intervals';
  const base = options.quick ? COVERAGE_QUICK : COVERAGE_STUDY;
  const settings = { ...base, repeats: options.seeds ?? base.repeats };
  const points = new Points(folder, { study: 'intervals', ...settings });
  const made = await createEngine({ engine: 'small', threads: 1 });
  const engine = yielding(made.engine);
  try {
    return await fillFolder(context, folder, async (hooks) => {
      const result = await runCoverage(engine, points, settings, hooks);
      if (result === null) return null;
      const files = studyFiles(coveragePage(result, `Made by fim ${version}: ${line}`));
      files.set('coverage.csv', csvOf(result, 'cells'));
      for (const name of ['networks', 'targets', 'entries'] as const)
        files.set(`${name}.csv`, csvOf(result, name));
      files.set('summary.json', `${JSON.stringify({ command: line, ...result }, null, 1)}\n`);
      return { files, reason: 'the small engine, one thread' };
    });
  } finally {
    engine.dispose();
  }
}

/** The fields of every table, in the order of its columns. */
const FIELDS = {
  networks: ['network', 'truth', 'certainty', 'skewness', 'deviation'],
  cells: [
    ...['network', 'population', 'visits', 'arm', 'n', 'repeats', 'covered', 'below', 'foretold'],
    ...['rms', 'width', 'ratio', 'bias'],
  ],
  targets: [
    ...['network', 'arm', 'target', 'runs', 'reported', 'within', 'true', 'refused', 'weighted'],
    ...['median', 'rms'],
  ],
  entries: ['network', 'layer', 'entries', 'low', 'median', 'high', 'worst', 'worse', 'twice'],
} as const;

/** A table of the result as CSV. */
function csvOf(result: CoverageResult, name: keyof typeof FIELDS): string {
  const rows = result[name] as unknown as readonly Readonly<Record<string, string | number | null>>[];
  return csvTable(
    FIELDS[name],
    rows.map((row) => FIELDS[name].map((field) => row[field])),
  );
}
