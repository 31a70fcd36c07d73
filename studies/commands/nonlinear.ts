/**
 * @module studies/commands/nonlinear
 *
 * `npm run study -- nonlinear`: how often intervals of numbers that are no means cover, a piece for each arm.
 */
import { csvTable } from 'fim/jobs';
import { studyFiles } from 'fim/report';
import type { OpenStudy } from '../face/piece.js';
import { type Arm, type NonlinearCell, nonlinearPieces, type NonlinearSettings } from '../nonlinear/study.js';
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

export const openNonlinear: OpenStudy<NonlinearCell[]> = ({ quick }) => {
  const settings = quick ? QUICK : FULL;
  const pieces = nonlinearPieces(settings);
  return {
    ...{
      folder: 'runs/nonlinear',
      settings: { study: 'nonlinear', population: settings.population },
      pieces,
    },
    assemble: (results) => results.of(pieces).flat(),
    filesOf(cells, { by, line }) {
      const files = studyFiles(nonlinearPage(cells, settings, by));
      files.set(
        'coverage.csv',
        csvTable(
          COLUMNS,
          cells.map((cell) => COLUMNS.map((name) => cell[name] ?? '')),
        ),
      );
      files.set('summary.json', `${JSON.stringify({ command: line, settings, cells }, null, 2)}\n`);
      return { files, reason: 'float64 on the host' };
    },
  };
};
