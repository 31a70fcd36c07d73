/**
 * @module model/front/open
 *
 * Opening a file cut at named values (`from`): the front is written as a file of its own, loaded by ONNX Runtime and tried on examples of
 * zeros, two and then three of them, which shows the lengths of the values and the axis of the examples: the one that grows. Cost: loading the
 * front, and two small passes.
 */
import { FimError } from '../../core/errors.js';
import { nearest } from '../../core/suggest.js';
import { setting } from '../../core/settings/reference.js';
import { isFloat, sizeOf, type DType, type Tensor, tensor } from '../../core/tensor.js';
import type { OrtModule } from '../../engine/index.js';
import { type OrtFile, openOrtFile } from '../../engine/ort/index.js';
import {
  frontFile,
  neededFor,
  outputsBehind,
  type Parts,
  partsOf,
  tailOf,
  valuesOf,
} from '../../graph/onnx/cut/index.js';
import { decodeModel, importDecoded, type OnnxModel, readingsOf, sourceOf } from '../../graph/onnx/index.js';
import type { ExternalFiles, OnnxValueInfo } from '../../graph/onnx/proto/index.js';
import { feedsOf } from '../feeds.js';
import { inputsSaid, type InputSettings } from '../inputs-said.js';
import { readMetadata, writeMetadata } from '../metadata.js';
import { type Cut, type Front, quotedNames } from './front.js';
import { runGroup, zeroInputs } from './run.js';

/** How a file is cut. */
export interface CutOptions extends InputSettings {
  /** Name of the file, for messages. */
  readonly file: string;
  /** Reads external data by its location beside the file. */
  readonly external?: ExternalFiles | undefined;
  /** Outputs that are asked for, between commas; default: those that hang on the values. */
  readonly output?: string | undefined;
  /** Shapes of the arrays that are to feed the inputs, by input. */
  readonly arrays?: (() => ReadonlyMap<string, readonly number[]>) | undefined;
  /** Values that the network begins at, between commas. */
  readonly from: string;
  /** Input that the likelihood reads by itself, if there is one. */
  readonly mask?: string | undefined;
  /** The runtime; default: the package `onnxruntime-node`. */
  readonly module?: OrtModule | undefined;
}

/**
 * Cuts a file. Throws `front/value` for a name that is none, `front/output` where no output hangs on the values, `front/batch-axis`,
 * `front/input`, what ONNX Runtime complains of (`engine/ort-missing`, `engine/ort-file`), and what reading a file throws.
 */
export async function openCut(bytes: Uint8Array, options: CutOptions): Promise<Cut> {
  const { file, external } = options;
  const decoded = decodeModel(bytes, { file, ...(external && { external }) });
  const parts = partsOf(bytes, file);
  const values = valuesAsked(parts, options.from);
  const wanted = outputsAsked(decoded, values, options);
  checkSaid(decoded, values, options);
  const part = frontFile(parts, values, external);
  const where = `${file}, the part before ${quotedNames(values)}`;
  const own = inputsOf(decoded, part.names, options);
  const loaded = await openOrtFile(part.bytes, where, options.module);
  try {
    const infos = await valueInfos(loaded, own, values, where);
    const tail = behind(
      decoded,
      infos.map(({ info }) => info),
      wanted,
      options.mask,
    );
    const front: Front = {
      ...own,
      values,
      axes: new Map(infos.map(({ info, axis }) => [info.name, axis])),
      bytes: part.bytes,
      where,
      frozen: frozenOf(decoded, part.names),
      build: loaded.build,
      module: options.module,
    };
    return { front, tail, notes: notesOf(front, tail) };
  } finally {
    loaded.dispose();
  }
}

function valuesAsked(parts: Parts, from: string): string[] {
  const all = valuesOf(parts);
  // A name may hold commas.
  const names = all.includes(from) ? [from] : from.split(',').map((name) => name.trim());
  for (const name of names) if (!all.includes(name)) throw noValue(parts.file, name, all);
  return [...new Set(names)];
}

/** Names that a slip may have come from, nearest first. */
function near(name: string, all: readonly string[]): string[] {
  const first = nearest(name, all);
  const holding = all.filter((one) => one !== first && one.toLowerCase().includes(name.toLowerCase()));
  return [...(first === null ? [] : [first]), ...holding].slice(0, 3);
}

function noValue(file: string, name: string, all: readonly string[]): FimError {
  const others = near(name, all);
  return new FimError({
    code: 'front/value',
    kind: 'usage',
    where: setting('from', name),
    rule: `names a value that a node of ${file} makes, in the graph itself`,
    got: `no such value among ${all.length}`,
    ...(others.length > 0 ? { cause: `near: ${quotedNames(others)}` } : {}),
    next: others.length > 0 ? setting('from', others[0]) : 'fim inspect MODEL says which value works',
  });
}

function outputsAsked(decoded: OnnxModel, values: readonly string[], options: CutOptions): string[] {
  const all = new Set(decoded.graph.nodes.flatMap(({ outputs }) => outputs));
  const asked = (options.output?.split(',') ?? []).filter((name) => all.has(name));
  const hangs = (name: string): boolean => {
    const { names } = neededFor(decoded.graph, [name]);
    return values.some((v) => names.has(v)) && !values.includes(name);
  };
  const wanted = (asked.length > 0 ? asked : outputsBehind(decoded, values)).filter(hangs);
  if (wanted.length > 0 && wanted.length >= asked.length) return wanted;
  throw new FimError({
    code: 'front/output',
    kind: 'usage',
    where: setting('from', values.join(',')),
    rule: 'is a value before the output, which is computed from it',
    got: `outputs ${quotedNames(asked.length > 0 ? asked : decoded.graph.outputs.map((o) => o.name))}`,
    next: 'fim inspect MODEL says which value works',
  });
}

type Own = Pick<Front, 'inputs' | 'feeds' | 'types' | 'constants' | 'fixedBatch'>;

/** The inputs of the front, read as those of any file. Throws `front/input` and the errors of reading inputs. */
function inputsOf(decoded: OnnxModel, names: ReadonlySet<string>, options: CutOptions): Own {
  const { file } = options;
  const graph = { ...decoded.graph, nodes: [], outputs: [], valueInfo: [] };
  const initial = new Set(graph.initializers.map(({ name }) => name));
  const inputs = graph.inputs.filter(({ name }) => names.has(name) && !initial.has(name));
  const source = sourceOf({ ...graph, initializers: [], inputs }, file);
  const said = inputsSaid(source, onlyOf(options, new Set(inputs.map(({ name }) => name))));
  const { readings } = readingsOf(source, { ...said, arrays: options.arrays?.() ?? said.arrays });
  const [reading] = readings;
  const model = importDecoded({ ...decoded, graph: source.graph }, { file, dtype: 'float32', reading });
  for (const { name, elemType } of inputs) if (/16/.test(elemType ?? '')) throw half(file, name, elemType!);
  for (const [name, axis] of reading.axes)
    if (axis === null) throw noAxis(`${file}, input "${name}"`, 'one example');
  const types = new Map(inputs.map(({ name, elemType }) => [name, elemType] as const));
  const constants = inputs.flatMap(({ name, shape, elemType }) => {
    const value = reading.constants.get(name);
    if (value === undefined) return [];
    const lengths = (shape ?? []).map((d, i) =>
      typeof d === 'number' ? d : (reading.lengths.get(name)?.[i] ?? 1),
    );
    const filled = Array.from({ length: sizeOf(lengths) }, () => value);
    const whole: Tensor = tensor<DType>(elemType as DType, lengths, filled);
    return [[name, whole] as const];
  });
  return {
    inputs: model.inputs,
    feeds: feedsOf(model),
    types,
    constants: new Map(constants),
    fixedBatch: model.fixedBatch,
  };
}

/** Settings of inputs name inputs of the file, or the values that are inputs now. Throws the errors of `inputsSaid`. */
function checkSaid({ graph }: OnnxModel, values: readonly string[], options: CutOptions): void {
  const { batchAxis = {}, inputShape = {}, constant = {} } = options;
  const said = [batchAxis, inputShape, constant].flatMap((one) => Object.keys(one));
  const others = new Set(said.filter((name) => !values.includes(name)));
  inputsSaid(sourceOf(graph, options.file), onlyOf(options, others));
}

/** Settings of the inputs of these names. */
export function onlyOf(
  { batchAxis, inputShape, constant }: InputSettings,
  names: ReadonlySet<string>,
): InputSettings {
  const some = <T>(given: Readonly<Record<string, T>> | undefined): Readonly<Record<string, T>> =>
    Object.fromEntries(Object.entries(given ?? {}).filter(([name]) => names.has(name)));
  return { batchAxis: some(batchAxis), inputShape: some(inputShape), constant: some(constant) };
}

function half(file: string, name: string, type: string): FimError {
  return new FimError({
    code: 'front/input',
    kind: 'unsupported',
    where: `${file}, input "${name}"`,
    rule: 'inputs of a part that runs in ONNX Runtime are float32, float64, integers or bool',
    got: type,
    next: 'export the model in float32',
  });
}

/** The values as inputs of what is behind, and their axes of the examples. Throws `front/batch-axis`. */
async function valueInfos(
  loaded: OrtFile,
  own: Own,
  values: readonly string[],
  where: string,
): Promise<{ info: OnnxValueInfo; axis: number }[]> {
  const at = (n: number) => runGroup(loaded, own, zeroInputs(own, n));
  const small = await at(own.fixedBatch ?? 2);
  const large = own.fixedBatch === null ? await at(3) : small;
  return values.map((name) => {
    const { dtype, shape } = small.get(name)!;
    const other = large.get(name)!.shape;
    const place = `${where}: "${name}"`;
    const axis = own.fixedBatch === null ? grown(shape, other, place) : shape.indexOf(own.fixedBatch);
    if (axis < 0) throw noAxis(place, `[${shape.join(', ')}] of ${own.fixedBatch ?? 1} examples`);
    const lengths = shape.map((d, i) => (own.fixedBatch === null && i === axis ? 'N' : d));
    return { info: { name, elemType: dtype, shape: lengths }, axis };
  });
}

/** The axis whose length is the number of examples, 2 and then 3. */
function grown(two: readonly number[], three: readonly number[], where: string): number {
  const moved = two.flatMap((d, i) => (d === three[i] ? [] : [i]));
  const [axis] = moved;
  if (moved.length === 1 && two.length === three.length && two[axis] === 2 && three[axis] === 3) return axis;
  throw noAxis(where, `[${two.join(', ')}] of 2 examples and [${three.join(', ')}] of 3`);
}

function noAxis(where: string, got: string): FimError {
  return new FimError({
    code: 'front/batch-axis',
    kind: 'unsupported',
    where,
    rule: 'has one axis that holds the examples, one row each',
    got,
    cause: 'a value that is the same for all examples, or that joins rows of several',
    next: 'name a value before it or behind it, with one row an example',
  });
}

function frozenOf({ graph }: OnnxModel, names: ReadonlySet<string>): Front['frozen'] {
  const held = graph.initializers.filter(
    (t) => names.has(t.name) && (isFloat(t.dtype as DType) || /float/.test(t.dtype)),
  );
  return {
    names: held.map((t) => t.name),
    numbers: held.reduce((sum, t) => sum + sizeOf(t.shape), 0),
  };
}

/** What is behind, its list of parameters cut to what is left. */
function behind(
  decoded: OnnxModel,
  infos: readonly OnnxValueInfo[],
  wanted: readonly string[],
  mask: string | undefined,
): OnnxModel {
  const tail = tailOf(decoded, infos, wanted);
  const masked = decoded.graph.inputs.filter(
    ({ name }) => name === mask && !tail.graph.inputs.some((i) => i.name === name),
  );
  const left = new Set(tail.graph.initializers.map(({ name }) => name));
  const known = readMetadata(decoded.metadata);
  const parameters = (known?.parameters ?? []).filter((name) => left.has(name));
  return {
    ...tail,
    metadata: { ...tail.metadata, ...(known ? writeMetadata({ ...known, parameters }) : {}) },
    graph: { ...tail.graph, inputs: [...tail.graph.inputs, ...masked] },
  };
}

function notesOf({ values, frozen, build }: Front, tail: OnnxModel): string[] {
  const left = new Set(tail.graph.initializers.map(({ name }) => name));
  const both = frozen.names.filter((name) => left.has(name));
  return [
    `frozen: ${frozen.names.length} tensors, ${frozen.numbers} numbers before ${quotedNames(values)}, which ${build} runs`,
    ...(both.length > 0
      ? [`${quotedNames(both)} stand before and behind: only what is behind has a derivative`]
      : []),
  ];
}
