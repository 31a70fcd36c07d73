/**
 * @module data/load-parquet
 *
 * A data set from a Parquet file: a table as a CSV file is one where every column holds single values, with the same parts for columns;
 * named arrays where some column holds lists, each column an array [N] or [N, width].
 */
import { FimError } from '../core/errors.js';
import type { DType, Tensor } from '../core/tensor.js';
import type { ArrayFile, ArrayInfo } from './array-file.js';
import { missingArray } from './array-file.js';
import { classOf, unknownClass } from './class-names.js';
import { cellFailure, SHOWN } from './csv-complaints.js';
import { assignRoles, listed } from './csv-roles.js';
import { finiteTargets } from './conform.js';
import type { Dataset } from './dataset.js';
import { loadArrays } from './load-arrays.js';
import { type LoadOptions, requireOneInput } from './load-options.js';
import { loadTable, type Table } from './load-table.js';
import { ParquetFile } from './parquet.js';
import type { ParquetCodec } from './parquet-codec.js';
import type { ParquetColumn } from './parquet-columns.js';
import { type DataFile, type Files, Spools, WHOLE_UP_TO } from './source.js';
import { inMemory } from './byte-source.js';

/** Columns that pandas makes of the index of a frame. */
const INDEX = /^__index_level_\d+__$/;

/** The data set of a Parquet file. Throws `parquet/no-codec`, `parquet/…`, and what tables and named arrays throw. */
export function loadParquet(opened: DataFile, options: LoadOptions, files: Files): Dataset {
  const { name: path, large, bytes } = opened;
  const spools = new Spools(files);
  const codec = files.parquet?.() as ParquetCodec | undefined;
  if (!codec) throw withoutCodec(path);
  const place = spools.above(options.wholeUpTo ?? WHOLE_UP_TO);
  const file = new ParquetFile(large ?? inMemory(bytes()), path, codec, place);
  if (file.columns.every(({ list }) => !list)) {
    requireOneInput(path, 'Parquet with plain columns', options);
    return loadTable(opened, tableOf(file, options), options, spools);
  }
  const [target, ...more] = [options.targetColumn ?? []].flat();
  const named = target === undefined || more.length > 0 ? {} : { targets: target };
  return loadArrays(opened, arraysOf(file), { ...options, ...named }, spools, {
    untyped: false,
    unshaped: true,
  });
}

function withoutCodec(path: string): FimError {
  return new FimError({
    code: 'parquet/no-codec',
    kind: 'unsupported',
    where: path,
    rule: 'Parquet files are read in Node',
    got: 'a build of fim that is for browsers',
    next: "np.savez('data.npz', x=x, y=y)",
  });
}

/** The columns by their parts, as those of a CSV file. Throws what `assignRoles` throws, `parquet/…` and `csv/class-names`. */
function tableOf(file: ParquetFile, options: LoadOptions): Table {
  const { where } = file;
  const said = {
    targets: [options.targetColumn ?? options.targets ?? []].flat(),
    weights: options.exampleWeights,
    inputs: options.columns ?? null,
    classes: options.classes,
  };
  const used = (name: string): boolean =>
    said.targets.includes(name) || name === said.weights || said.inputs?.includes(name) === true;
  const index = file.columns.filter(({ name }) => INDEX.test(name) && !used(name)).map(({ name }) => name);
  const columns = file.columns.filter(({ name }) => !index.includes(name));
  const roles = assignRoles(
    columns.map(({ name }) => name),
    said,
    where,
  );
  const inputs = roles.inputs.map((c) => columns[c]);
  const targets = roles.targets.map((c) => columns[c]);
  return {
    inputColumns: inputs.map(({ name }) => name),
    x: file.read(inputs, typeOf(inputs)),
    targets:
      targets.length === 0 ? null : finiteTargets(targetsOf(file, targets, options), `${where}: targets`),
    weights: roles.weight === null ? null : file.read([columns[roles.weight]], 'float64'),
    notes: [
      ...roles.notes,
      ...(index.length > 0 ? [`${where}: the index of a frame, left out: ${listed(index)}`] : []),
    ],
  };
}

/** One type for several columns: their own where it is float32 or bytes in all of them, else float64. */
function typeOf(columns: readonly ParquetColumn[]): DType {
  const [{ dtype }] = columns;
  const one = columns.every((column) => column.dtype === dtype);
  return one && (dtype === 'float32' || dtype === 'uint8') ? dtype : 'float64';
}

/** Whole numbers as int64, others as float64, words by the names of the classes. */
function targetsOf(file: ParquetFile, columns: readonly ParquetColumn[], { classes }: LoadOptions): Tensor {
  const text = columns.find(({ dtype, word }) => dtype === null && word === 'text');
  if (classes && columns.length === 1) {
    const called = `${file.where}: column ${columns[0].name}`;
    if (text === undefined) file.requireNumbers(columns[0]);
    return file.readWords(columns[0], (word, row) => {
      const index = classOf(word, classes);
      if (index < 0) throw unknownClass(word, classes, `${called}, example ${row} (counting from 0)`);
      return index;
    });
  }
  if (text !== undefined) {
    const words = file.distinct(text, SHOWN + 1);
    throw cellFailure(
      words[0] ?? '',
      `${file.where}: column ${text.name}`,
      () => words,
      text.name,
      file.where,
    );
  }
  const whole = columns.every(({ dtype }) => dtype !== 'float32' && dtype !== 'float64');
  return file.read(columns, whole ? 'int64' : 'float64');
}

/** Every column as an array. */
function arraysOf(file: ParquetFile): ArrayFile {
  const { where, columns } = file;
  const find = (name: string): ParquetColumn => {
    const found = columns.find((column) => column.name === name);
    if (found === undefined) throw missingArray(arrays, name);
    return found;
  };
  const arrays: ArrayFile = {
    where,
    names: columns.map(({ name }) => name),
    describe: (name): ArrayInfo => {
      const column = find(name);
      const { list, dtype, word } = column;
      const type = dtype ?? (word === 'text' ? 'string' : word);
      return { name, shape: list && dtype ? [file.n, file.widthOf(column)] : [file.n], dtype: type };
    },
    get: (name) => {
      const column = find(name);
      file.requireNumbers(column);
      return file.read([column], column.dtype as DType);
    },
    text: (name) => file.words(find(name)),
    manifest: () => null,
  };
  return arrays;
}
