/**
 * @module studies/commands/intervals
 *
 * `npm run study -- intervals`: how often the printed intervals cover, what runs to a target error keep,
 * and what weighted visits are worth.
 */
import { createEngine } from 'fim/engine';
import { csvTable, yielding } from 'fim/jobs';
import { studyFiles } from 'fim/report';
import type { OpenStudy } from '../face/piece.js';
import { COVERAGE_QUICK, COVERAGE_STUDY, type CoverageResult, coverageStudy } from '../intervals/study.js';
import { coveragePage } from '../report/intervals.js';

export const openIntervals: OpenStudy<CoverageResult> = async ({ quick, seeds }) => {
  const base = quick ? COVERAGE_QUICK : COVERAGE_STUDY;
  const settings = { ...base, repeats: seeds ?? base.repeats };
  const made = await createEngine({ engine: 'small', threads: 1 });
  const engine = yielding(made.engine);
  return {
    // Pieces have all that they depend on in their names: a folder of 400 repeats goes on to 2,000.
    ...{ folder: 'runs/intervals', settings: { study: 'intervals' } },
    ...coverageStudy(engine, settings),
    filesOf(result, { by, line }) {
      const files = studyFiles(coveragePage(result, by));
      files.set('coverage.csv', csvOf(result, 'cells'));
      for (const name of ['networks', 'targets', 'entries'] as const)
        files.set(`${name}.csv`, csvOf(result, name));
      files.set('summary.json', `${JSON.stringify({ command: line, ...result }, null, 1)}\n`);
      return { files, reason: 'the small engine, one thread' };
    },
    dispose: () => engine.dispose(),
  };
};

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
