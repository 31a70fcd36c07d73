/**
 * @module graph/onnx/import/inputs
 *
 * The data inputs of a file, each with the examples along its first axis as a network holds them, [N, …], and as the file reads them,
 * along the axis that a reading says. A length that the file fixes for the examples is made symbolic; every other length must be known,
 * from the file or from the reading.
 */
import { FimError } from '../../../core/errors.js';
import { setting } from '../../../core/settings/reference.js';
import { type DType, type FloatType, isFloat, sizeOf } from '../../../core/tensor.js';
import * as b from '../../build.js';
import { type Dim, N } from '../../dims.js';
import type { Named } from '../../graph.js';
import { input } from '../../value.js';
import { EXPORT_CALL, type OnnxValueInfo } from '../proto/index.js';
import { folded, type Item } from './items.js';
import { axisOf, FIRST_AXIS, lengthsOf, type Reading } from './readings.js';
import type { Source } from './source.js';

/** Most elements of one example. */
const LARGEST_EXAMPLE = 2 ** 31 - 1;

export interface DataInputs {
  /** As the network takes them, [N, …]; constants are not among them. */
  readonly inputs: readonly Named[];
  /** As the file's nodes read them, by name. */
  readonly items: ReadonlyMap<string, Item>;
  /** The length that the file fixes for the examples, or null. */
  readonly fixedBatch: number | null;
}

/** Throws `onnx/input-shape`, `onnx/input-type`, `onnx/dynamic-axis`, `onnx/batch-sizes`. */
export function dataInputs(source: Source, dtype: FloatType, reading: Reading = FIRST_AXIS): DataInputs {
  const fixed = new Set<number>();
  const inputs: Named[] = [];
  const items = new Map<string, Item>();
  const batched: OnnxValueInfo[] = [];
  for (const info of source.dataInputs) {
    const type = typeOf(source.file, info, dtype);
    const known = reading.constants.get(info.name);
    if (known !== undefined) {
      items.set(info.name, filled(source.file, info, type, known, reading));
      continue;
    }
    const axis = axisOf(reading, info.name);
    const shape = exampleOf(source.file, info, axis, reading);
    const value = input(info.name, type, [reading.literal ?? N, ...shape]);
    batched.push(info);
    const length = axis === null ? 1 : info.shape![axis];
    if (typeof length === 'number') fixed.add(length);
    inputs.push({ name: info.name, value });
    const order = shape.map((_, i) => i + 1);
    if (axis !== null) order.splice(axis, 0, 0);
    items.set(info.name, axis === null ? value : b.permute(value, order));
  }
  const dynamic = batched.some((i) => {
    const axis = axisOf(reading, i.name);
    return axis !== null && typeof i.shape?.[axis] !== 'number';
  });
  if (fixed.size > 1 || (fixed.size === 1 && dynamic)) throw differing(source.file, batched, reading);
  const fixedBatch = reading.literal === undefined ? ([...fixed][0] ?? null) : null;
  return { inputs, items, fixedBatch };
}

/** An input whose every number is known. */
function filled(file: string, info: OnnxValueInfo, dtype: DType, value: number, reading: Reading): Item {
  const lengths = lengthsOf(reading, info);
  if (lengths === null || lengths.some((d) => d === null)) {
    throw new FimError({
      code: 'onnx/input-shape',
      kind: 'usage',
      where: `${file}, input "${info.name}"`,
      rule: 'an input that is a constant has a known shape',
      got: shapeText(info),
      next: setting('inputShape', { [info.name]: (info.shape ?? []).map((d) => d ?? '?').join(',') }),
    });
  }
  const shape = lengths as number[];
  return folded(dtype, shape, new Array<number>(sizeOf(shape)).fill(value));
}

/** Lengths of one example, its axes in the file's order without that of the examples. */
function exampleOf(file: string, info: OnnxValueInfo, axis: number | null, reading: Reading): Dim[] {
  const lengths = lengthsOf(reading, info);
  if (lengths === null || (lengths.length === 0 && axis !== null)) throw shapeless(file, info);
  const own = lengths.filter((_, i) => i !== axis);
  if (own.reduce<number>((p, d) => p * (d ?? 1), 1) > LARGEST_EXAMPLE) {
    throw new FimError({
      code: 'onnx/input-shape',
      where: `${file}, input "${info.name}"`,
      rule: `one example has at most ${LARGEST_EXAMPLE} numbers`,
      got: `shape ${shapeText(info)}`,
      cause: 'the file is damaged',
    });
  }
  lengths.forEach((d, i) => {
    if (d === null && i !== axis) throw unknownLength(file, info, i, axis);
  });
  return own as number[];
}

function shapeless(file: string, info: OnnxValueInfo): FimError {
  return new FimError({
    code: 'onnx/input-shape',
    kind: 'unsupported',
    where: `${file}, input "${info.name}"`,
    rule: 'an input has a shape with an axis that holds the examples, or one value for all of them',
    got: info.shape === null ? 'no shape' : 'a scalar',
    next:
      info.shape === null
        ? `export it with an example input that has a batch axis: ${EXPORT_CALL}`
        : setting('constant', { [info.name]: 1 }),
  });
}

function unknownLength(file: string, info: OnnxValueInfo, at: number, axis: number | null): FimError {
  const d = info.shape![at];
  const said = info.shape!.map((e, i) => (i === axis ? 'N' : typeof e === 'number' ? e : 8)).join(',');
  return new FimError({
    code: 'onnx/dynamic-axis',
    kind: 'unsupported',
    where: `${file}, input "${info.name}"`,
    rule: `only axis ${axis ?? 0}, the examples, may be of unknown length, where neither data nor a shape say it`,
    got: `axis ${at} is ${d === null ? 'unknown' : `"${d}"`}`,
    next: `${setting('inputShape', { [info.name]: said })} with the length that it has in your data, or export with a fixed length for axis ${at} (for PyTorch leave it out of dynamic_axes; for scikit-learn give FloatTensorType([None, features]))`,
  });
}

function typeOf(file: string, info: OnnxValueInfo, dtype: FloatType): DType {
  switch (info.elemType) {
    case 'float32':
    case 'float64':
    case 'float16':
    case 'bfloat16':
      return dtype;
    case 'int64':
    case 'int32':
    case 'uint8':
    case 'int8':
    case 'bool':
      return info.elemType;
    default:
      throw new FimError({
        code: 'onnx/input-type',
        kind: 'unsupported',
        where: `${file}, input "${info.name}"`,
        rule: 'an input is a tensor of floating-point numbers, or of int64, int32, int8, uint8 or bool',
        got: info.elemType ?? 'no type',
      });
  }
}

function differing(file: string, inputs: readonly OnnxValueInfo[], reading: Reading): FimError {
  const lengthAt = (i: OnnxValueInfo): number | string => {
    const axis = axisOf(reading, i.name);
    return axis === null ? 1 : (i.shape?.[axis] ?? 'unknown');
  };
  const first = inputs.every((i) => axisOf(reading, i.name) === 0);
  const axes = inputs.map((i) => `"${i.name}" ${lengthAt(i)}`).join(', ');
  return new FimError({
    code: 'onnx/batch-sizes',
    kind: 'unsupported',
    where: file,
    rule: `the ${first ? 'first axis' : 'examples’ axis'} of every input holds the same examples`,
    got: `${first ? 'first axes' : 'lengths'} ${axes}`,
    next: `export every input with a dynamic first axis: ${EXPORT_CALL}`,
  });
}

const shapeText = ({ shape }: OnnxValueInfo): string =>
  shape === null ? 'no shape' : `[${shape.map((d) => d ?? '?').join(', ')}]`;

/** Whether an ONNX element type is floating point. */
export function isFloatType(t: OnnxValueInfo['elemType']): boolean {
  return t === 'float16' || t === 'bfloat16' || (t !== null && isFloat(t as DType));
}
