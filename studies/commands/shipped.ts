/**
 * @module studies/commands/shipped
 *
 * `npm run study -- shipped`: fetches the networks that npm packages ship, reads each, compares it with ONNX Runtime and estimates the
 * trace of its Fisher.
 */
import { csvTable } from 'fim/jobs';
import { studyFiles } from 'fim/report';
import type { OpenStudy } from '../face/piece.js';
import { shippedPage } from '../report/shipped.js';
import { SHIPPED } from '../shipped/list.js';
import { accepted, type Row, rowsOf, shippedPieces } from '../shipped/study.js';

/** Files of a quick look. */
const QUICK = 8;

export const openShipped: OpenStudy<Row[]> = ({ quick }, { version, now }) => {
  const list = quick ? SHIPPED.slice(0, QUICK) : SHIPPED;
  const pieces = shippedPieces(list, { cache: 'runs/packages', now });
  return {
    ...{ folder: 'runs/shipped', settings: { study: 'shipped', version }, pieces: [...pieces.values()] },
    assemble: (results) => rowsOf(list, pieces, results),
    filesOf(rows, { by }) {
      const files = studyFiles(shippedPage(rows, by));
      files.set('shipped.csv', table(rows));
      return { files, reason: 'the small engine and ONNX Runtime' };
    },
  };
};

const FIELDS = [
  'family',
  'package',
  'version',
  'file',
  'sha256',
  'float',
  'accepted',
  'output',
  'difference',
  'likelihood',
  'parameters',
  'trace',
  'standardError',
  'seconds',
  'refused',
] as const;

const table = (rows: readonly Row[]): string =>
  csvTable(
    FIELDS,
    rows.map((row) => {
      const { file, forward, estimated, refused } = row;
      return [
        file.family,
        file.package,
        file.version,
        file.file,
        file.sha256,
        String(file.float),
        String(accepted(row)),
        forward?.output ?? null,
        forward?.difference ?? null,
        estimated?.likelihood ?? null,
        estimated?.parameters ?? null,
        estimated?.trace ?? null,
        estimated?.standardError ?? null,
        estimated?.seconds ?? null,
        refused,
      ];
    }),
  );
