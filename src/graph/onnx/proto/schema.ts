/**
 * @module graph/onnx/proto/schema
 *
 * The numbers of onnx.proto: one table per message from field to number, and the element types with their codes, widths and the
 * field that holds them when `raw_data` does not. Reader and writer share these, so they cannot disagree.
 * Source: onnx/onnx, onnx.proto.
 */
import type { DType } from '../../../core/tensor.js';
import type { OnnxAttributeType, OnnxElementType } from './types.js';

export const IR_OLDEST = 3;
export const IR_NEWEST = 13;

export const MODEL = {
  irVersion: 1,
  producerName: 2,
  producerVersion: 3,
  domain: 4,
  modelVersion: 5,
  docString: 6,
  graph: 7,
  opsetImport: 8,
  metadataProps: 14,
  trainingInfo: 20,
  functions: 25,
  configuration: 26,
} as const;

export const GRAPH = {
  node: 1,
  name: 2,
  initializer: 5,
  input: 11,
  output: 12,
  valueInfo: 13,
  quantizationAnnotation: 14,
  sparseInitializer: 15,
} as const;

export const NODE = { input: 1, output: 2, name: 3, opType: 4, attribute: 5, domain: 7 } as const;

export const ATTRIBUTE = {
  name: 1,
  f: 2,
  i: 3,
  s: 4,
  t: 5,
  g: 6,
  floats: 7,
  ints: 8,
  strings: 9,
  tensors: 10,
  graphs: 11,
  typeProto: 14,
  typeProtos: 15,
  type: 20,
  refAttrName: 21,
  sparseTensor: 22,
  sparseTensors: 23,
} as const;

/** AttributeProto.AttributeType. */
export const ATTRIBUTE_TYPE: Readonly<Record<OnnxAttributeType, number>> = {
  float: 1,
  int: 2,
  string: 3,
  tensor: 4,
  graph: 5,
  floats: 6,
  ints: 7,
  strings: 8,
  tensors: 9,
  graphs: 10,
};

/** The field of AttributeProto that holds each type's value. */
export const ATTRIBUTE_FIELD: Readonly<Record<OnnxAttributeType, number>> = {
  float: ATTRIBUTE.f,
  int: ATTRIBUTE.i,
  string: ATTRIBUTE.s,
  tensor: ATTRIBUTE.t,
  graph: ATTRIBUTE.g,
  floats: ATTRIBUTE.floats,
  ints: ATTRIBUTE.ints,
  strings: ATTRIBUTE.strings,
  tensors: ATTRIBUTE.tensors,
  graphs: ATTRIBUTE.graphs,
};

export const TENSOR = {
  dims: 1,
  dataType: 2,
  segment: 3,
  floatData: 4,
  int32Data: 5,
  stringData: 6,
  int64Data: 7,
  name: 8,
  rawData: 9,
  doubleData: 10,
  uint64Data: 11,
  externalData: 13,
  dataLocation: 14,
} as const;

export const SPARSE_TENSOR = { values: 1 } as const;
export const ENTRY = { key: 1, value: 2 } as const;
export const OPSET = { domain: 1, version: 2 } as const;
export const FUNCTION = {
  name: 1,
  input: 4,
  output: 5,
  node: 7,
  opsetImport: 9,
  domain: 10,
  attributeDefault: 11,
  overload: 13,
} as const;
export const VALUE_INFO = { name: 1, type: 2 } as const;
export const TYPE = { tensor: 1, sequence: 4, map: 5, opaque: 7, sparseTensor: 8, optional: 9 } as const;
export const TENSOR_TYPE = { elemType: 1, shape: 2 } as const;
export const SHAPE = { dim: 1 } as const;
export const DIMENSION = { value: 1, param: 2 } as const;

/** The field that holds the elements where `raw_data` does not. */
export type Storage = 'float' | 'int32' | 'int64' | 'double' | 'uint64' | 'string';

export interface ElementFormat {
  /** TensorProto.DataType. */
  readonly code: number;
  readonly name: OnnxElementType;
  /** Bits an element takes in `raw_data`. */
  readonly bits: number;
  readonly storage: Storage;
}

const format = (code: number, name: OnnxElementType, bits: number, storage: Storage): ElementFormat => ({
  code,
  name,
  bits,
  storage,
});

const FORMATS: readonly ElementFormat[] = [
  format(1, 'float32', 32, 'float'),
  format(2, 'uint8', 8, 'int32'),
  format(3, 'int8', 8, 'int32'),
  format(4, 'uint16', 16, 'int32'),
  format(5, 'int16', 16, 'int32'),
  format(6, 'int32', 32, 'int32'),
  format(7, 'int64', 64, 'int64'),
  format(8, 'string', 0, 'string'),
  format(9, 'bool', 8, 'int32'),
  format(10, 'float16', 16, 'int32'),
  format(11, 'float64', 64, 'double'),
  format(12, 'uint32', 32, 'uint64'),
  format(13, 'uint64', 64, 'uint64'),
  format(14, 'complex64', 64, 'float'),
  format(15, 'complex128', 128, 'double'),
  format(16, 'bfloat16', 16, 'int32'),
  format(17, 'float8e4m3fn', 8, 'int32'),
  format(18, 'float8e4m3fnuz', 8, 'int32'),
  format(19, 'float8e5m2', 8, 'int32'),
  format(20, 'float8e5m2fnuz', 8, 'int32'),
  format(21, 'uint4', 4, 'int32'),
  format(22, 'int4', 4, 'int32'),
  format(23, 'float4e2m1', 4, 'int32'),
  format(24, 'float8e8m0', 8, 'int32'),
  format(25, 'uint2', 2, 'int32'),
  format(26, 'int2', 2, 'int32'),
];

const byCode = new Map(FORMATS.map((f) => [f.code, f]));
const byName = new Map<string, ElementFormat>(FORMATS.map((f) => [f.name, f]));

export function formatOfCode(code: number): ElementFormat | undefined {
  return byCode.get(code);
}

export function formatOfName(name: string): ElementFormat | undefined {
  return byName.get(name);
}

/** TensorProto.DataType of a type that the library has. */
export function codeOf(dtype: DType): number {
  return byName.get(dtype)!.code;
}

/** Bytes that `count` elements take in `raw_data`; elements below 8 bits are packed. */
export function rawBytes(f: ElementFormat, count: number): number {
  return Math.ceil((count * f.bits) / 8);
}
