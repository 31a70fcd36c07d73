/**
 * @module graph/onnx/proto/read-tensor
 *
 * TensorProto to a typed array. The elements come from exactly one place: `raw_data` (any alignment, copied), the typed field of the
 * element type, or an external file. Sizes are checked before memory is taken. Half precision becomes float32, exactly.
 * Source: onnx/onnx, onnx.proto, message TensorProto. Little-endian machines, as everywhere JavaScript runs.
 */
import { allocate, bytesOf, type DType, sizeOf, type TypedArray } from '../../../core/tensor.js';
import { FimError } from '../../../core/errors.js';
import { externalBytes, type ExternalFiles } from './external.js';
import { bfloat16ToFloat32, float16ToFloat32 } from './half.js';
import { type ElementFormat, ENTRY, formatOfCode, rawBytes, TENSOR } from './schema.js';
import type { OnnxDenseTensor, OnnxOpaqueTensor, OnnxTensor } from './types.js';
import {
  appendBigInts,
  appendDoubles,
  appendFloats,
  appendInts,
  malformed,
  readBytes,
  readInt,
  readMessage,
  readText,
  type Wire,
} from './wire.js';

/** What reading needs besides the bytes. */
export interface Source extends Wire {
  readonly external: ExternalFiles | undefined;
  readonly notes: Set<string>;
  /** Whether the current value is part of a function, where attributes may refer to those of the function. */
  readonly inFunction?: boolean;
}

/** A TensorProto as it stands in the file. */
interface Parts {
  name: string;
  code: number;
  readonly dims: number[];
  raw: Uint8Array | null;
  readonly floats: number[];
  readonly doubles: number[];
  readonly int32s: number[];
  readonly int64s: bigint[];
  readonly uint64s: bigint[];
  readonly strings: string[];
  readonly entries: Map<string, string>;
  isExternal: boolean;
}

/** Reads a StringStringEntryProto. */
export function readEntry(w: Wire): [string, string] {
  let key = '';
  let value = '';
  readMessage(w, 'StringStringEntryProto', (tag) => {
    if (tag === ENTRY.key) key = readText(w);
    else if (tag === ENTRY.value) value = readText(w);
  });
  return [key, value];
}

function readParts(s: Source): Parts {
  const p: Parts = {
    name: '',
    code: 0,
    dims: [],
    raw: null,
    floats: [],
    doubles: [],
    int32s: [],
    int64s: [],
    uint64s: [],
    strings: [],
    entries: new Map(),
    isExternal: false,
  };
  readMessage(s, 'TensorProto', (tag) => {
    if (tag === TENSOR.dims) appendInts(s, p.dims);
    else if (tag === TENSOR.dataType) p.code = readInt(s);
    else if (tag === TENSOR.name) p.name = readText(s);
    else if (tag === TENSOR.rawData) p.raw = readBytes(s);
    else if (tag === TENSOR.floatData) appendFloats(s, p.floats);
    else if (tag === TENSOR.doubleData) appendDoubles(s, p.doubles);
    else if (tag === TENSOR.int32Data) appendInts(s, p.int32s);
    else if (tag === TENSOR.int64Data) appendBigInts(s, p.int64s);
    else if (tag === TENSOR.uint64Data) appendBigInts(s, p.uint64s);
    else if (tag === TENSOR.stringData) p.strings.push(readText(s));
    else if (tag === TENSOR.externalData) p.entries.set(...readEntry(s));
    else if (tag === TENSOR.dataLocation) p.isExternal = readInt(s) === 1;
    else if (tag === TENSOR.segment) throw malformed(s, 'a tensor is stored whole', 'a segment of one');
  });
  return p;
}

function wrong(where: string, code: string, rule: string, got: string, cause?: string): FimError {
  return new FimError({ code, where, rule, got, ...(cause === undefined ? {} : { cause }) });
}

/** Number of elements that the dimensions ask for. */
function countOf(p: Parts, where: string): number {
  const count = sizeOf(p.dims);
  const fine = p.dims.every((d) => Number.isSafeInteger(d) && d >= 0) && Number.isSafeInteger(count * 16);
  if (!fine)
    throw wrong(where, 'onnx/tensor-size', 'dimensions are whole numbers ≥ 0', `[${p.dims.join(', ')}]`);
  return count;
}

/** The typed field's elements as an array whose bytes are what `raw_data` would hold, where they are stored one by one. */
function typedField(p: Parts, f: ElementFormat): TypedArray | Uint16Array | Uint32Array | BigUint64Array {
  switch (f.storage) {
    case 'float':
      return Float32Array.from(p.floats);
    case 'double':
      return Float64Array.from(p.doubles);
    case 'int64':
      return BigInt64Array.from(p.int64s);
    case 'uint64':
      return f.bits === 32 ? Uint32Array.from(p.uint64s, Number) : BigUint64Array.from(p.uint64s);
    case 'int32':
      if (f.bits === 32) return Int32Array.from(p.int32s);
      return f.bits === 16 ? Uint16Array.from(p.int32s) : Uint8Array.from(p.int32s);
    case 'string':
      return new Uint8Array(0);
  }
}

const typedLength = (p: Parts): number =>
  p.floats.length + p.doubles.length + p.int32s.length + p.int64s.length + p.uint64s.length;

/** The elements' bytes in the layout of `raw_data`, checked to be as many as `count` elements take. */
function elementBytes(p: Parts, f: ElementFormat, count: number, s: Source, where: string): Uint8Array {
  const size = rawBytes(f, count);
  const places = Number(p.isExternal) + Number(!!p.raw?.length) + Number(typedLength(p) > 0);
  if (places > 1) {
    throw wrong(
      where,
      'onnx/malformed',
      'the elements stand in one place',
      `${places} places (raw, typed, external)`,
    );
  }
  if (p.isExternal) return externalBytes(p.entries, size, where, s.external);
  let bytes: Uint8Array = p.raw ?? new Uint8Array(0);
  if (!p.raw?.length) {
    const typed = typedField(p, f);
    bytes = new Uint8Array(typed.buffer);
    if (bytes.length === 0 && typedLength(p) > 0) {
      throw wrong(
        where,
        'onnx/malformed',
        `elements of type ${f.name} stand in ${f.storage}_data`,
        'another field',
      );
    }
    const inRange = f.storage !== 'int32' || f.bits < 8 || p.int32s.every((v) => fits(v, f));
    if (!inRange) throw wrong(where, 'onnx/malformed', `elements fit ${f.name}`, 'an element that does not');
  }
  if (bytes.length === size) return bytes;
  const cause = bytes.length === 0 ? 'the weights were stripped from the file' : 'the file is damaged';
  const shape = `[${p.dims.join(', ')}]`;
  throw wrong(
    where,
    'onnx/tensor-size',
    `${f.name}${shape} takes ${size} bytes`,
    `${bytes.length} bytes`,
    cause,
  );
}

function fits(v: number, f: ElementFormat): boolean {
  const half = 2 ** (f.bits - 1);
  const signed = f.name === 'int8' || f.name === 'int16' || f.name === 'int32';
  return signed ? v >= -half && v < half : v >= 0 && v < 2 * half;
}

function denseArray(dtype: DType, bytes: Uint8Array, where: string): TypedArray {
  const data = allocate(dtype, bytes.length / bytesOf(dtype));
  new Uint8Array(data.buffer).set(bytes);
  if (dtype === 'bool' && bytes.some((b) => b > 1)) {
    throw wrong(where, 'onnx/malformed', 'a bool is 0 or 1', 'another byte');
  }
  return data;
}

/** Reads the current value as a TensorProto. Throws `onnx/data-type`, `onnx/tensor-size`, `onnx/malformed`, `onnx/external-…`. */
export function readTensor(s: Source): OnnxTensor {
  const p = readParts(s);
  const where = `${s.file}, tensor ${JSON.stringify(p.name)}`;
  const f = formatOfCode(p.code);
  if (!f)
    throw wrong(
      where,
      'onnx/data-type',
      'the element type is one that ONNX defines',
      `type number ${p.code}`,
    );
  const count = countOf(p, where);
  const base = { name: p.name, shape: p.dims };
  switch (f.name) {
    case 'string': {
      if (p.strings.length !== count || p.raw?.length || p.isExternal) {
        const got = `${p.strings.length} in string_data`;
        throw wrong(where, 'onnx/tensor-size', `${count} strings stand in string_data`, got);
      }
      return { ...base, dtype: 'string', data: new Uint8Array(0), strings: p.strings };
    }
    case 'float16':
    case 'bfloat16': {
      const bits = new Uint16Array(elementBytes(p, f, count, s, where).slice().buffer);
      const data = f.name === 'float16' ? float16ToFloat32(bits) : bfloat16ToFloat32(bits);
      return { ...base, dtype: 'float32', data, storedAs: f.name } satisfies OnnxDenseTensor;
    }
    case 'float32':
    case 'float64':
    case 'int64':
    case 'int32':
    case 'uint8':
    case 'int8':
    case 'bool': {
      const data = denseArray(f.name, elementBytes(p, f, count, s, where), where);
      return { ...base, dtype: f.name, data } satisfies OnnxDenseTensor;
    }
    default: {
      const data = new Uint8Array(elementBytes(p, f, count, s, where));
      return { ...base, dtype: f.name, data } satisfies OnnxOpaqueTensor;
    }
  }
}
