/**
 * @module studies/commands/form-error
 *
 * `npm run study -- form-error`.
 */
import { csvTable } from 'fim/jobs';
import { studyFiles } from 'fim/report';
import type { OpenStudy } from '../face/piece.js';
import { type FormErrorCell, formErrorPieces, type FormErrorSettings } from '../form-error/study.js';
import { formErrorPage } from '../report/form-error.js';

const FULL: FormErrorSettings = { inputs: [100, 400], repeats: 200, drawnRepeats: 60, population: 20_000 };
const QUICK: FormErrorSettings = { inputs: [60], repeats: 3, drawnRepeats: 3, population: 500 };

const COLUMNS = [
  ...(['network', 'estimator', 'm', 'layer', 'form', 'truth', 'repeats'] as const),
  ...(['bias', 'sd', 'error', 'covered', 'zero'] as const),
];

export const openFormError: OpenStudy<FormErrorCell[]> = ({ quick }) => {
  const settings = quick ? QUICK : FULL;
  const pieces = formErrorPieces(settings);
  return {
    ...{ folder: 'runs/form-error', settings: { study: 'form-error', ...settings }, pieces },
    assemble: (results) => results.of(pieces).flat(),
    filesOf(cells, { by, line }) {
      const files = studyFiles(formErrorPage(cells, settings, by));
      files.set(
        'coverage.csv',
        csvTable(
          COLUMNS,
          cells.map((c) => COLUMNS.map((name) => c[name])),
        ),
      );
      files.set('summary.json', `${JSON.stringify({ command: line, settings, cells }, null, 2)}\n`);
      return { files, reason: 'the small engine' };
    },
  };
};
