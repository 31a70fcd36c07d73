/**
 * @module studies/commands/form-error
 *
 * `npm run study -- form-error`.
 */
import type { ExitCode } from 'fim/core';
import { csvTable } from 'fim/jobs';
import { studyFiles } from 'fim/report';
import type { StudyContext } from '../face/context.js';
import { fillFolder } from '../face/fill.js';
import { type FormErrorSettings, measureFormErrors } from '../form-error/study.js';
import { formErrorPage } from '../report/form-error.js';

const FULL: FormErrorSettings = { inputs: [100, 400], repeats: 200, drawnRepeats: 60, population: 20_000 };
const QUICK: FormErrorSettings = { inputs: [60], repeats: 3, drawnRepeats: 3, population: 500 };

export function reproduceFormError(context: StudyContext): Promise<ExitCode> {
  const { options, line, version } = context;
  const folder = options.run ?? 'runs/form-error';
  const settings = options.quick ? QUICK : FULL;
  return fillFolder(context, folder, async (hooks) => {
    const cells = await measureFormErrors(settings, hooks);
    if (cells === null) return null;
    const files = studyFiles(formErrorPage(cells, settings, `Made by fim ${version}: ${line}`));
    const names = [
      'network',
      'estimator',
      'm',
      'layer',
      'form',
      'truth',
      'repeats',
      'bias',
      'sd',
      'error',
      'covered',
      'zero',
    ] as const;
    files.set(
      'coverage.csv',
      csvTable(
        names,
        cells.map((c) => names.map((name) => c[name])),
      ),
    );
    files.set('summary.json', `${JSON.stringify({ command: line, settings, cells }, null, 2)}\n`);
    return { files, reason: 'the small engine' };
  });
}
