/**
 * @module data/load
 *
 * Reads a data set from a file's bytes, or from those of several: the format is told, the file's own reader gives its arrays, and each is
 * held against the graph's input it feeds.
 */
import { FimError } from '../core/errors.js';
import { checkClasses } from './class-names.js';
import { concatenate } from './concatenate.js';
import type { Dataset } from './dataset.js';
import { dataFormatOf } from './format.js';
import { loadArrays } from './load-arrays.js';
import { checkOptions, type LoadOptions, requireInputs } from './load-options.js';
import { loadParquet } from './load-parquet.js';
import { loadSingle } from './load-single.js';
import { loadCsv } from './load-table.js';
import { openNpz } from './npz.js';
import { openSafetensors } from './safetensors.js';
import {
  type DataFile,
  type Files,
  type FileSource,
  openSource,
  type PartFile,
  Spools,
  WHOLE_UP_TO,
  withoutDisk,
} from './source.js';

/**
 * Reads a data set for a graph from bytes, or from a path where `files` has a disk. Throws `data/no-disk` or `file/…`, the codec's
 * errors, `data/format`, `data/option`, and everything of `chooseArrays`, `conformInput` and `makeDataset`: all bad input or usage,
 * all with a next step.
 * @throws FimError with `arrays/missing`, `csv/class-names`, `csv/header`, `csv/input-columns`, `csv/missing`, `csv/no-rows`,
 * `csv/not-a-number`, `csv/not-finite`, `csv/not-text`, `csv/quote`, `csv/target-column`, `csv/too-large`, `csv/weight-column`,
 * `csv/width`, `data/classes`, `data/columns`, `data/example-weights`, `data/floats`, `data/input-name`, `data/inputs`, `data/integers`,
 * `data/lengths`, `data/memory`, `data/no-axis`, `data/no-examples`, `data/no-inputs`, `data/not-finite`, `data/overflow`, `data/parts`,
 * `data/range`, `data/scale`, `data/shape`, `data/targets`, `data/two-readings`, `data/uint8`, `deflate/damaged`, `idx/not-idx`,
 * `idx/trailing`, `idx/truncated`, `manifest/json`, `npy/dtype`, `npy/header`, `npy/not-npy`, `npy/trailing`, `npy/truncated`,
 * `npy/version`, `parquet/compressors`, `parquet/damaged`, `parquet/missing`, `parquet/no-codec`, `parquet/not-parquet`, `parquet/ragged`,
 * `parquet/range`, `parquet/truncated`, `parquet/type`, `safetensors/dtype`, `safetensors/entry`, `safetensors/header`,
 * `safetensors/offsets`, `safetensors/truncated`, `scale/number`, `zip/damaged`, `zip/method`, `zip/not-zip`, `zip/truncated`
 */
export function parseDataset(
  source: FileSource,
  options: LoadOptions,
  files: Files = withoutDisk('loadDataset'),
): Dataset {
  requireInputs(typeof source === 'string' ? source : source.name, options);
  const parts = typeof source === 'string' ? (files.parts?.(source) ?? null) : null;
  if (parts === null) return parseFile(source, options, files);
  return concatenate(partsOf(parts, options, files), source as string, (text) =>
    files.digest(new TextEncoder().encode(text)),
  );
}

/** Every file of several with the settings that are its own; all are left on the disk where together they are too large. */
function partsOf(parts: readonly PartFile[], options: LoadOptions, files: Files): Dataset[] {
  const { wholeUpTo = WHOLE_UP_TO } = options;
  const size = parts.reduce((sum, part) => sum + part.size, 0);
  const single = /\.npy$/i.test(parts[0].path);
  const beside = (path: string | undefined): readonly (string | undefined)[] => {
    if (!single || path === undefined) return parts.map(() => path);
    const found = files.parts?.(path) ?? [{ path }];
    if (found.length === parts.length) return found.map((part) => part.path);
    throw new FimError({
      code: 'data/parts',
      where: path,
      rule: 'as many files of targets or weights as of inputs, in the same order',
      got: `${found.length} files, and ${parts.length} of inputs`,
      next: "name them alike: 'x-*.npy' and 'y-*.npy'",
    });
  };
  const [targets, weights] = [beside(options.targets), beside(options.exampleWeights)];
  return parts.map(({ path }, i) =>
    parseFile(
      path,
      {
        ...options,
        targets: targets[i],
        exampleWeights: weights[i],
        wholeUpTo: size > wholeUpTo ? 0 : Infinity,
      },
      files,
    ),
  );
}

/** One file, which is the same before and after. */
function parseFile(source: FileSource, options: LoadOptions, files: Files): Dataset {
  const opened = openSource(source, files, options.wholeUpTo);
  const dataset = readOpened(opened, options, files);
  opened.large?.unchanged();
  return dataset;
}

function readOpened(opened: DataFile, options: LoadOptions, files: Files): Dataset {
  const { name: path, large, head } = opened;
  const format = dataFormatOf(path, head);
  if (options.classes) checkClasses(options.classes);
  checkOptions(path, format, options);
  if (format === 'parquet') return loadParquet(opened, options, files);
  const spools = new Spools(files);
  if (format === 'csv') return loadCsv(opened, options, spools);
  if (format === 'safetensors') {
    return loadArrays(opened, openSafetensors(large ?? opened.bytes(), path), options, spools);
  }
  if (format !== 'npz') return loadSingle(opened, format, options, files);
  const unpacked = spools.above(options.wholeUpTo ?? WHOLE_UP_TO);
  return loadArrays(opened, openNpz(large ?? opened.bytes(), path, unpacked), options, spools);
}
