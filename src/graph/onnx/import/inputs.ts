/**
 * @module graph/onnx/import/inputs
 *
 * The data inputs with N for the examples. The first axis holds them: by a symbol, without any size, or with a fixed length that is
 * then made symbolic. Every other dimension must be known.
 */
import { FimError } from '../../../core/errors.js';
import { type DType, type FloatType, isFloat } from '../../../core/tensor.js';
import { type Dim, N } from '../../dims.js';
import type { Named } from '../../graph.js';
import { input } from '../../value.js';
import { EXPORT_CALL, type OnnxValueInfo } from '../proto/index.js';
import type { Source } from './source.js';

/** Most elements of one example. */
const LARGEST_EXAMPLE = 2 ** 31 - 1;

export interface DataInputs {
  readonly inputs: readonly Named[];
  /** The length that the file fixes for the examples, or null. */
  readonly fixedBatch: number | null;
}

/** Throws `onnx/input-shape`, `onnx/input-type`, `onnx/dynamic-axis`, `onnx/batch-sizes`. */
export function dataInputs(source: Source, dtype: FloatType): DataInputs {
  const fixed = new Map<number, string>();
  const inputs = source.dataInputs.map((info): Named => {
    const shape = shapeOf(source.file, info);
    const first = info.shape![0];
    if (typeof first === 'number') fixed.set(first, info.name);
    return { name: info.name, value: input(info.name, typeOf(source.file, info, dtype), shape) };
  });
  const dynamic = source.dataInputs.some((i) => typeof i.shape?.[0] !== 'number');
  if (fixed.size > 1 || (fixed.size === 1 && dynamic)) throw differing(source);
  return { inputs, fixedBatch: [...fixed.keys()][0] ?? null };
}

function shapeOf(file: string, info: OnnxValueInfo): Dim[] {
  if (info.shape === null || info.shape.length === 0) {
    throw new FimError({
      code: 'onnx/input-shape',
      kind: 'unsupported',
      where: `${file}, input "${info.name}"`,
      rule: 'an input has a shape whose first axis holds the examples',
      got: info.shape === null ? 'no shape' : 'a scalar',
      next: `export it with an example input that has a batch axis: ${EXPORT_CALL}`,
    });
  }
  const size = info.shape.reduce<number>((p, d, axis) => p * (axis > 0 && typeof d === 'number' ? d : 1), 1);
  if (size > LARGEST_EXAMPLE) {
    throw new FimError({
      code: 'onnx/input-shape',
      where: `${file}, input "${info.name}"`,
      rule: `one example has at most ${LARGEST_EXAMPLE} numbers`,
      got: `shape [${info.shape.map((d) => d ?? '?').join(', ')}]`,
      cause: 'the file is damaged',
    });
  }
  return info.shape.map((d, axis) => {
    if (axis === 0) return N;
    if (typeof d === 'number') return d;
    throw new FimError({
      code: 'onnx/dynamic-axis',
      kind: 'unsupported',
      where: `${file}, input "${info.name}"`,
      rule: 'only the first axis, the examples, may be of unknown length',
      got: `axis ${axis} is ${d === null ? 'unknown' : `"${d}"`}`,
      next: `export with a fixed length for axis ${axis} (for PyTorch leave it out of dynamic_axes; for scikit-learn give FloatTensorType([None, features]))`,
    });
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

function differing(source: Source): FimError {
  const shown = source.dataInputs.map((i) => `"${i.name}" ${i.shape?.[0] ?? 'unknown'}`).join(', ');
  return new FimError({
    code: 'onnx/batch-sizes',
    kind: 'unsupported',
    where: source.file,
    rule: 'the first axis of every input holds the same examples',
    got: `first axes ${shown}`,
    next: `export every input with a dynamic first axis: ${EXPORT_CALL}`,
  });
}

/** Whether an ONNX element type is floating point. */
export function isFloatType(t: OnnxValueInfo['elemType']): boolean {
  return t === 'float16' || t === 'bfloat16' || (t !== null && isFloat(t as DType));
}
