/**
 * @module studies/commands/roots
 *
 * `npm run study -- roots`: the label variance that roots of random signs leave, a piece for each network.
 */
import { createEngine } from 'fim/engine';
import { csvTable, yielding } from 'fim/jobs';
import { studyFiles } from 'fim/report';
import type { OpenStudy } from '../face/piece.js';
import { rootsPage } from '../report/roots.js';
import { rootFiles, rootPieces, type RootRow } from '../roots/roots.js';

const COLUMNS = [
  ...(['network', 'outputs', 'certainty', 'one', 'two', 'auto', 'pairs'] as const),
  ...(['kernelOne', 'kernelTwo', 'error', 'seconds'] as const),
];

export const openRoots: OpenStudy<RootRow[]> = async ({ quick }, { now }) => {
  const made = await createEngine({ engine: 'small', threads: 1 });
  const engine = yielding(made.engine);
  const pieces = rootPieces(engine, now, quick);
  return {
    ...{ folder: 'runs/roots', settings: { study: 'roots', quick }, files: rootFiles(quick), pieces },
    assemble: (results) => results.of(pieces),
    filesOf(rows, { by, line }) {
      const files = studyFiles(rootsPage(rows, by));
      files.set(
        'roots.csv',
        csvTable(
          COLUMNS,
          rows.map((row) => COLUMNS.map((name) => row[name])),
        ),
      );
      files.set('summary.json', `${JSON.stringify({ command: line, rows }, null, 1)}\n`);
      return { files, reason: 'the small engine, one thread' };
    },
    dispose: () => engine.dispose(),
  };
};
