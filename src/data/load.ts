/**
 * @module data/load
 *
 * Reads a data set from a file's bytes: the format is told by the extension or the first bytes, the arrays are chosen by name,
 * and each is held against the graph's input it feeds.
 */
import { FimError } from '../core/errors.js';
import { sizeText } from '../core/settings/bytes.js';
import { setting } from '../core/settings/reference.js';
import { readerOf } from '../core/stored-tensor.js';
import type { Tensor } from '../core/tensor.js';
import { isFloat } from '../core/tensor.js';
import type { ArrayFile } from './array-file.js';
import { missingArray } from './array-file.js';
import { chooseArrays } from './choose.js';
import { concatenate } from './concatenate.js';
import { conformInput, finiteTargets } from './conform.js';
import { fillInputs } from './fill-inputs.js';
import type { InputSpec, Leniency } from './conform.js';
import { checkClasses, classTargets } from './class-names.js';
import { parseCsv, spoolCsv } from './csv.js';
import { listed } from './csv-roles.js';
import { makeDataset } from './dataset.js';
import type { Dataset, DatasetParts } from './dataset.js';
import { isIdx, parseIdx } from './idx.js';
import { isGzip } from './inflate.js';
import { parseNpy, storedNpy } from './npy.js';
import { parseNpyText } from './npy-text.js';
import { openNpz } from './npz.js';
import { openSafetensors } from './safetensors.js';
import { parseScale } from './scale.js';
import type { Scale } from './scale.js';
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
import { isZip } from './zip.js';

/** Which arrays of a file are inputs, targets and weights, and how numbers are scaled. */
export interface LoadOptions {
  /** The graph's inputs, one example's shape each. */
  inputs: readonly InputSpec[];
  /** Array for an input, by the input's name (`--input NAME=ARRAY`). */
  arrays?: Readonly<Record<string, string>> | undefined;
  /** Array of the targets (`--targets NAME`); for `.npy` and IDX data, the file that holds them. */
  targets?: string | undefined;
  /** Column, or columns, of the targets in a CSV file (`--target-column NAME`). */
  targetColumn?: string | readonly string[] | undefined;
  /** Array, or column of a CSV file, of the weights of the examples (`--example-weights NAME`); for `.npy` and IDX data, a file. */
  exampleWeights?: string | undefined;
  /** Names of the columns that the network was trained on, in its order: those of a CSV file are matched by name. */
  columns?: readonly string[] | null | undefined;
  /** Names of the classes in the order of the outputs, for targets that are words or other numbers (`--classes a,b,c`). */
  classes?: readonly string[] | null | undefined;
  /** Factor for the floating-point input (`--scale 1/255`). */
  scale?: string | number | undefined;
  /** Whether the command cannot do without targets. */
  requireTargets?: boolean | undefined;
  /** Files of up to so many bytes are held in memory; of larger ones the rows are read as they are visited, where the format allows it. Default 2²⁸. */
  wholeUpTo?: number | undefined;
}

/** The formats of data. */
export type DataFormat = 'npz' | 'npy' | 'csv' | 'idx' | 'safetensors';

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
 * `npy/version`, `safetensors/dtype`, `safetensors/entry`, `safetensors/header`, `safetensors/offsets`, `safetensors/truncated`,
 * `scale/number`, `zip/damaged`, `zip/method`, `zip/not-zip`, `zip/truncated`
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

/** One file. */
function parseFile(source: FileSource, options: LoadOptions, files: Files): Dataset {
  const opened = openSource(source, files, options.wholeUpTo);
  const { name: path, large } = opened;
  const format = dataFormatOf(path, opened.head);
  if (options.classes) checkClasses(options.classes);
  checkOptions(path, format, options);
  const spools = new Spools(files);
  if (format === 'csv') return loadCsv(opened, options, spools);
  if (format === 'npz' || format === 'safetensors') {
    const file =
      format === 'npz'
        ? openNpz(large ?? opened.bytes(), path, spools.above(options.wholeUpTo ?? WHOLE_UP_TO))
        : openSafetensors(opened.bytes(), path);
    const targets = (name: string | null): Tensor | null =>
      name === null ? null : options.classes ? namedTargets(file, name, options.classes) : file.get(name);
    const parts = assemble(file, options, targets);
    return makeDataset({ ...parts, ...byRows(opened, parts, spools), hash: digestOf(opened) });
  }
  return loadSingle(opened, format, options, files);
}

/** What a data set says of a file whose rows stay on the disk; nothing where all of it was read. */
function byRows(
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
const digestOf = (file: DataFile): string | (() => string) => (file.large ? file.digest : file.digest());

/** A file of one array, with targets and weights in files of their own. */
function loadSingle(opened: DataFile, format: DataFormat, options: LoadOptions, files: Files): Dataset {
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
  return makeDataset({
    ...parts,
    exampleWeights: weights,
    hash: beside === null ? digestOf(opened) : opened.large || beside.large ? both : both(),
    ...byRows(opened, parts, new Spools(files)),
  });
}

/** Callers without types may leave the inputs out: an array has no meaning before it is said what it feeds. */
function requireInputs(path: string, options: Partial<LoadOptions> | undefined): void {
  const inputs: unknown = options?.inputs;
  if (Array.isArray(inputs) && inputs.length > 0) return;
  throw new FimError({
    code: 'data/inputs',
    kind: 'usage',
    where: `loadDataset('${path}')`,
    rule: 'options.inputs lists the inputs of the network that the data feed, at least one',
    got: inputs === undefined ? 'no inputs' : JSON.stringify(inputs),
    next: `openDataset('${path}', network) takes them from the network; else inputs: [{ name: 'x', dtype: 'float32', shape: [8] }]`,
  });
}

/** The format by extension, else by the first bytes. Throws `data/format`. */
export function dataFormatOf(path: string, bytes: Uint8Array): DataFormat {
  const extension = /\.[^./\\]*$/.exec(path)?.[0].toLowerCase() ?? '';
  if (/^\.(npz|npy|csv|safetensors)$/.test(extension)) return extension.slice(1) as DataFormat;
  // A checkpoint of torch.save is a zip archive too, so that other extensions are not looked into.
  if (isZip(bytes) && extension === '') return 'npz';
  if (isIdx(bytes) || isGzip(bytes) || path.endsWith('-ubyte')) return 'idx';
  throw new FimError({
    code: 'data/format',
    where: path,
    rule: 'data are .npz, .npy, .csv, .safetensors, or IDX files (gzipped or not)',
    got: extension === '' ? 'no extension, and first bytes of none of them' : extension,
    next: "np.savez('data.npz', x=x, y=y)",
  });
}

function checkOptions(path: string, format: DataFormat, options: LoadOptions): void {
  const single = format === 'npy' || format === 'idx';
  const refuse = (where: string, rule: string, next: string): never => {
    throw new FimError({
      code: 'data/option',
      kind: 'usage',
      where,
      rule,
      got: `${path}, a file of ${format}`,
      next,
    });
  };
  if (format === 'csv' && options.targets !== undefined) {
    refuse('`targets`', 'a CSV file has columns, not arrays', setting('targetColumn', options.targets));
  }
  if (format !== 'csv' && options.targetColumn !== undefined) {
    refuse(
      '`targetColumn`',
      'only a CSV file has columns',
      setting('targets', [options.targetColumn].flat()[0]),
    );
  }
  if (single && options.requireTargets === true && options.targets === undefined) {
    throw new FimError({
      code: 'data/targets',
      where: path,
      rule: 'targets are needed here, and this file holds one array',
      got: `a file of ${format}`,
      next: format === 'idx' ? "`targets: 'train-labels-idx1-ubyte'`" : "`targets: 'y.npy'`",
    });
  }
  const needed = options.inputs.filter((i) => i.otherwise === undefined);
  if ((single || format === 'csv') && options.inputs.length !== 1 && needed.length !== 1) {
    throw new FimError({
      code: 'data/inputs',
      where: path,
      rule: `the network has ${options.inputs.length} inputs, ${options.inputs.map(({ name }) => name).join(', ')}`,
      got: `a file of ${format}, which feeds one`,
      next: `np.savez('data.npz', ${options.inputs.map(({ name }) => `${name}=${name}`).join(', ')}, y=y)`,
    });
  }
}

function scaleFor(options: LoadOptions): Scale | null {
  if (options.scale === undefined) return null;
  const scale = parseScale(options.scale);
  const floats = options.inputs.filter(({ dtype }) => isFloat(dtype));
  const fed = floats.filter(({ otherwise }) => otherwise === undefined);
  if (fed.length === 1 || floats.length === 1) return scale;
  throw new FimError({
    code: 'data/scale',
    kind: 'usage',
    where: '`scale`',
    rule: 'a scale is for a network with one floating-point input',
    got: options.inputs.map(({ name, dtype }) => `${name} ${dtype}`).join(', '),
    next: 'scale the arrays before saving them',
  });
}

function assemble(
  file: ArrayFile,
  options: LoadOptions,
  targetsOf: (name: string | null) => Tensor | null,
  leniency?: Leniency,
): DatasetParts {
  const choice = chooseArrays(file, {
    ...options,
    inputs: options.inputs.map(({ name }) => name),
    optional: new Set(options.inputs.filter((i) => i.otherwise !== undefined).map((i) => i.name)),
  });
  const scale = scaleFor(options);
  const inputs = new Map<string, Tensor>();
  const arrays = new Map<string, Tensor>();
  for (const spec of options.inputs) {
    const name = choice.inputs.get(spec.name);
    if (name === undefined) continue;
    const array = file.get(name);
    arrays.set(name, array);
    inputs.set(spec.name, conformInput(array, spec, `${file.where}: array ${name}`, scale, leniency));
  }
  const found = targetsOf(choice.targets);
  const named = `${file.where}: array ${choice.targets ?? options.targets ?? 'targets'}`;
  const targets = found && finiteTargets(found, named);
  const { exampleWeights: name } = options;
  const weights = name === undefined ? null : weightArray(file, name);
  const notes = fillInputs(inputs, options.inputs, file.where);
  return { source: file.where, inputs, targets, exampleWeights: weights, notes };
}

/** Labels of an array, words or numbers, as class numbers. */
function namedTargets(file: ArrayFile, name: string, classes: readonly string[]): Tensor {
  const where = `${file.where}: array ${name}`;
  const { dtype, shape } = file.describe(name);
  if (file.text && (dtype === 'string' || dtype === 'bytes')) {
    return classTargets(file.text(name), shape, classes, where);
  }
  const t = file.get(name);
  return classTargets(t.data, t.shape, classes, where);
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

/** The array of the weights. Throws `arrays/missing`, `data/example-weights`. */
function weightArray(file: ArrayFile, name: string): Tensor {
  if (!file.names.includes(name)) {
    const rest = file.names.filter((n) => /w/i.test(n));
    throw missingArray(file, name, setting('exampleWeights', rest[0] ?? file.names[0]));
  }
  return flatWeights(file.get(name), `${file.where}: array ${name}`);
}

/** [N] or [N, 1] as [N]. Throws `data/example-weights`. */
function flatWeights(t: Tensor, where: string): Tensor {
  if (t.shape.length >= 1 && t.shape.slice(1).every((d) => d === 1)) return { ...t, shape: [t.shape[0]] };
  throw new FimError({
    code: 'data/example-weights',
    where,
    rule: 'weights of examples have the shape [N], one number each',
    got: `shape [${t.shape.join(', ')}]`,
    next: 'save one number for each example',
  });
}

function loadCsv(opened: DataFile, options: LoadOptions, spools: Spools): Dataset {
  const { name: path, large } = opened;
  const known = options.columns ?? null;
  const roles = {
    targets: [options.targetColumn ?? []].flat(),
    weights: options.exampleWeights,
    inputs: known,
    classes: options.classes,
  };
  const spool = large && spools.next();
  const table = spool ? spoolCsv(large, path, roles, spool) : parseCsv(opened.bytes(), path, roles);
  const spec = options.inputs.find((i) => i.otherwise === undefined) ?? options.inputs[0];
  const { inputColumns: columns, x, targets } = table;
  const size =
    spec.shape?.reduce<number | null>((s, d) => (s === null || d === null ? null : s * d), 1) ?? null;
  if (size !== null && size !== columns.length) {
    const extra = columns.length - size;
    throw new FimError({
      code: 'data/columns',
      where: path,
      rule: `the network's input ${spec.name} takes ${size} numbers`,
      got: `${columns.length} input columns: ${listed(columns)}`,
      ...(extra > 0 && targets === null ? { cause: 'the target is among them' } : {}),
      next:
        extra > 0 && targets === null
          ? setting('targetColumn', columns[columns.length - 1])
          : 'keep the columns that the network was trained on, in that order',
    });
  }
  if (options.requireTargets === true && targets === null) {
    throw new FimError({
      code: 'data/targets',
      where: path,
      rule: 'targets are needed here: name their column',
      got: `the columns ${listed(columns)}`,
      next: setting('targetColumn', columns[columns.length - 1]),
    });
  }
  const scale = scaleFor(options);
  const input = conformInput(x, spec, path, scale, { untyped: true, unshaped: true });
  // A network that takes any number of columns is about to be trained: these are its columns.
  const untold = known === null && size !== null && columns.length > 1;
  const order = `${path}: the network does not name its columns; they are taken in the file’s order: ${listed(columns)}`;
  const inputs = new Map([[spec.name, input]]);
  const filled = fillInputs(inputs, options.inputs, path);
  const parts = {
    source: path,
    inputs,
    targets,
    exampleWeights: table.weights,
    columns,
    notes: [...table.notes, ...(untold ? [order] : []), ...filled],
  };
  return makeDataset({ ...parts, ...byRows(opened, parts, spools), hash: digestOf(opened) });
}

function parseSingle(file: DataFile): Tensor {
  const { name: path, large } = file;
  const format = dataFormatOf(path, file.head);
  if (format === 'npy') return (large && storedNpy(large, path)) ?? parseNpy(file.bytes(), path);
  if (format === 'idx') return parseIdx(file.bytes(), path);
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
