/**
 * @module data/by-rows
 *
 * Facts of a data set whose rows stay on the disk: what is said of it, what was read so far, and its digest, taken when it is asked for.
 */
import { sizeText } from '../core/settings/bytes.js';
import { readerOf } from '../core/stored-tensor.js';
import type { DatasetParts } from './dataset.js';
import type { DataFile, Spools } from './source.js';

/** What a data set says of a file whose rows stay on the disk; nothing where all of it was read. */
export function byRows(
  { name, large, bytes }: DataFile,
  parts: DatasetParts,
  spools: Spools,
): Partial<DatasetParts> {
  const { inputs, notes = [] } = parts;
  if (![...inputs.values()].some(readerOf)) return {};
  const size = large?.size ?? bytes().length;
  const how =
    spools.bytes > 0
      ? `unpacked into a temporary file of ${sizeText(spools.bytes)}, whose rows are read as they are visited`
      : 'whose rows are read and checked as they are visited';
  return { reading: large, notes: [...notes, `${name}: ${sizeText(size)}, ${how}`] };
}

/** The digest of a file: at once where it lies in memory. */
export const digestOf = (file: DataFile): string | (() => string) =>
  file.large ? file.digest : file.digest();
