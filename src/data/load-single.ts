/**
 * @module data/load-single
 *
 * A data set from a file of one array, .npy or IDX, with targets and weights in files of their own.
 */
import { FimError } from '../core/errors.js';
import { setting } from '../core/settings/reference.js';
import { readerOf } from '../core/stored-tensor.js';
import type { Tensor } from '../core/tensor.js';
import type { ArrayFile } from './array-file.js';
import { byRows, digestOf } from './by-rows.js';
import { classTargets } from './class-names.js';
import { type Dataset, makeDataset, readingOf } from './dataset.js';
import { type DataFormat, dataFormatOf } from './format.js';
import { parseIdx, storedIdx } from './idx.js';
import { assemble, flatWeights } from './load-arrays.js';
import type { LoadOptions } from './load-options.js';
import { parseNpy, storedNpy } from './npy.js';
import { parseNpyText } from './npy-text.js';
import { type DataFile, type Files, openSource, Spools } from './source.js';

/** A file of one array, with targets and weights in files of their own. */
export function loadSingle(
  opened: DataFile,
  format: DataFormat,
  options: LoadOptions,
  files: Files,
): Dataset {
  const { targets: targetPath, exampleWeights: weightPath, classes, wholeUpTo } = options;
  const beside = targetPath === undefined ? null : openSource(targetPath, files, wholeUpTo);
  const targets = beside && singleTargets(beside, classes);
  const leniency = { untyped: false, unshaped: format === 'idx' };
  const file = singleArray(opened.name, parseSingle(opened));
  const weights =
    weightPath === undefined ? null : flatWeights(parseSingle(openSource(weightPath, files)), weightPath);
  const own = { ...options, targets: undefined, exampleWeights: undefined, requireTargets: false };
  const both = (): string =>
    files.digest(new TextEncoder().encode(`${opened.digest()}\n${(beside as DataFile).digest()}\n`));
  const parts = assemble(file, own, () => targets, leniency);
  const rows = byRows(opened, parts, new Spools(files));
  const besideRows = targets && readerOf(targets) ? [beside?.large ?? []].flat() : [];
  const readings = [rows.reading ?? [], besideRows].flat();
  return makeDataset({
    ...parts,
    exampleWeights: weights,
    hash: beside === null ? digestOf(opened) : opened.large || beside.large ? both : both(),
    ...rows,
    reading: readings.length > 0 ? readingOf(readings) : null,
  });
}

function singleTargets(file: DataFile, classes: readonly string[] | null | undefined): Tensor {
  if (!classes) return parseSingle(file);
  const { name } = file;
  if (dataFormatOf(name, file.head) === 'npy') {
    const text = parseNpyText(file.bytes(), name);
    if (text) return classTargets(text.values, text.shape, classes, name);
  }
  const t = parseSingle(file);
  return classTargets(t.data, t.shape, classes, name);
}

function parseSingle(file: DataFile): Tensor {
  const { name: path, large } = file;
  const format = dataFormatOf(path, file.head);
  if (format === 'npy') return (large && storedNpy(large, path)) ?? parseNpy(file.bytes(), path);
  if (format === 'idx') return (large && storedIdx(large, path)) ?? parseIdx(file.bytes(), path);
  throw new FimError({
    code: 'data/option',
    kind: 'usage',
    where: setting('targets', path),
    rule: 'targets of .npy and IDX data come from another .npy or IDX file',
    got: `a file of ${format}`,
    next: "np.savez('data.npz', x=x, y=y)",
  });
}

/** A file of one array, which is called x. */
function singleArray(where: string, t: Tensor): ArrayFile {
  return {
    where,
    names: ['x'],
    describe: (name) => ({ name, shape: t.shape, dtype: t.dtype }),
    get: () => t,
    manifest: () => null,
  };
}
