/**
 * @module disk/parts
 *
 * The files of a data set that is kept in several: those of a folder, or of a name with `*` in it, in the order of their names, numbers in
 * them by their values.
 */
import { readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { PartFile } from '../data/source.js';
import { exists, isFolder } from './paths.js';

const DATA = /\.(npy|npz|csv|parquet|safetensors)$/i;
const byName = new Intl.Collator('en', { numeric: true });

/** The files; null where `path` is no folder of data files of one format and no name with `*` that some files have. */
export function partFiles(path: string): readonly PartFile[] | null {
  const folder = isFolder(path);
  if (!folder && (!basename(path).includes('*') || exists(path))) return null;
  const within = folder ? path : dirname(path);
  if (!isFolder(within)) return null;
  const pattern = folder ? DATA : patternOf(basename(path));
  const names = readdirSync(within)
    .filter((name) => !name.startsWith('.') && pattern.test(name))
    .sort((a, b) => byName.compare(a, b) || (a < b ? -1 : 1));
  const formats = new Set(names.map((name) => /\.[^.]*$/.exec(name)?.[0].toLowerCase()));
  if (formats.size !== 1) return null;
  return names.map((name) => {
    const file = join(within, name);
    return { path: file, size: statSync(file).size };
  });
}

/** A name with `*` as an expression. */
const patternOf = (name: string): RegExp =>
  new RegExp(`^${name.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`, 's');
