/**
 * @module studies/commands/nonlinear
 *
 * `npm run study -- nonlinear`. Arms that are done are kept in `points/`, and an interrupted run goes on after them.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExitCode } from 'fim/core';
import { csvTable } from 'fim/jobs';
import { studyFiles } from 'fim/report';
import { writeFiles } from 'fim/store';
import type { StudyContext } from '../face/context.js';
import { fillFolder } from '../face/fill.js';
import {
  type Arm,
  type Kept,
  measureNonlinear,
  type NonlinearCell,
  type NonlinearSettings,
} from '../nonlinear/study.js';
import { nonlinearPage } from '../report/nonlinear.js';

const over = (
  network: Arm['network'],
  design: Arm['design'],
  repeats: number,
  ...visits: readonly number[]
): readonly Arm[] => visits.map((n) => ({ network, design, n, repeats }));

const ARMS: readonly Arm[] = [
  ...over('mild', 'exact', 1000, 100, 400, 1600),
  ...over('near-certain', 'exact', 1000, 100, 400, 1600),
  ...over('near-certain', 'weighted', 1000, 100, 400, 1600),
  ...over('mild', 'all', 20, 100),
  ...over('near-certain', 'all', 20, 100),
  ...over('mild', 'label', 300, 100, 400),
  ...over('near-certain', 'label', 300, 100, 400),
  ...over('mild', 'half', 300, 100, 400),
  ...over('near-certain', 'weighted-sample', 300, 100, 400),
];

const FULL: NonlinearSettings = { arms: ARMS, population: 20_000 };
const QUICK: NonlinearSettings = {
  arms: [...over('mild', 'exact', 3, 60), ...over('near-certain', 'weighted', 3, 60)],
  population: 500,
};

const COLUMNS = [
  ...(['network', 'design', 'n', 'figure', 'truth', 'repeats', 'plugInBias', 'plugInSd'] as const),
  ...(['bias', 'sd', 'unresolved', 'covered', 'plugInCovered', 'width'] as const),
];

export function reproduceNonlinear(context: StudyContext): Promise<ExitCode> {
  const { options, line, version } = context;
  const folder = options.run ?? 'runs/nonlinear';
  const settings = options.quick ? QUICK : FULL;
  return fillFolder(context, folder, async (hooks) => {
    const cells = await measureNonlinear(settings, keptIn(join(folder, 'points')), hooks);
    if (cells === null) return null;
    const files = studyFiles(nonlinearPage(cells, settings, `Made by fim ${version}: ${line}`));
    files.set(
      'coverage.csv',
      csvTable(
        COLUMNS,
        cells.map((cell) => COLUMNS.map((name) => cell[name] ?? '')),
      ),
    );
    files.set('summary.json', `${JSON.stringify({ command: line, settings, cells }, null, 2)}\n`);
    return { files, reason: 'float64 on the host' };
  });
}

const keptIn = (folder: string): Kept => ({
  read(key) {
    const path = join(folder, `${key}.json`);
    return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as NonlinearCell[]) : null;
  },
  write: (key, cells) => writeFiles(folder, new Map([[`${key}.json`, `${JSON.stringify(cells)}\n`]])),
});
