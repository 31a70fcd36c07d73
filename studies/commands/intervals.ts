/**
 * @module studies/commands/intervals
 *
 * `npm run study -- intervals`: how often the printed intervals cover, for uniform and weighted visits.
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
      files.set('coverage.csv', coverageCsv(result));
      files.set('targets.csv', targetsCsv(result));
      files.set('summary.json', `${JSON.stringify({ command: line, ...result }, null, 1)}\n`);
      return { files, reason: 'the small engine, one thread' };
    });
  } finally {
    engine.dispose();
  }
}

const COVERAGE_FIELDS = [
  'network',
  'population',
  'visits',
  'arm',
  'n',
  'repeats',
  'covered',
  'below',
  'foretold',
  'rms',
  'width',
  'ratio',
] as const;

const coverageCsv = ({ cells }: CoverageResult): string =>
  csvTable(
    COVERAGE_FIELDS,
    cells.map((c) => COVERAGE_FIELDS.map((field) => c[field])),
  );

const TARGET_FIELDS = [
  'network',
  'arm',
  'target',
  'runs',
  'reported',
  'within',
  'refused',
  'median',
] as const;

const targetsCsv = ({ targets }: CoverageResult): string =>
  csvTable(
    TARGET_FIELDS,
    targets.map((t) => TARGET_FIELDS.map((field) => t[field])),
  );
