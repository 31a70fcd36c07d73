/**
 * @module store/training/progress
 *
 * progress.csv of a run read back, column by column; an empty cell is NaN.
 */
import { join } from 'node:path';
import { readBytes } from '../../disk/files.js';
import { exists, isEmpty } from '../../disk/paths.js';
import { FILES } from '../folder/index.js';

export type Progress = ReadonlyMap<string, Float64Array>;

/**
 * The table of a run's folder; null where there is none, or none begun: a run may be killed before the header is there. A last line without
 * its end does not count.
 */
export function readProgress(folder: string): Progress | null {
  const file = join(folder, FILES.csv);
  if (!exists(file) || isEmpty(file)) return null;
  const [head, ...lines] = new TextDecoder().decode(readBytes(file)).split('\n').slice(0, -1);
  if (head === undefined) return null;
  const rows = lines.map((line) => line.split(','));
  return new Map(
    head
      .split(',')
      .map((name, c) => [name, Float64Array.from(rows, (row) => (row[c] ? Number(row[c]) : NaN))]),
  );
}

/** The last number of a column; null where there is none. */
export function lastOf(progress: Progress | null, column: string): number | null {
  return progress?.get(column)?.at(-1) ?? null;
}
