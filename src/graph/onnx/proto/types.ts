/**
 * @module graph/onnx/proto/types
 *
 * An ONNX file as plain objects: what the file says, with the encoding gone and nothing interpreted. Names, order and symbolic
 * dimensions are kept; doc strings and metadata below the model are not. Meaning (which operators, which opset) belongs to the
 * importer; model-local functions are inlined and sparse tensors refused on reading.
 * Source: onnx/onnx, onnx.proto, IR versions 3 to 13.
 */
import type { DType, Tensor } from '../../../core/tensor.js';

/** Element types of ONNX that tensors of the library do not have. */
export type OpaqueType =
  | 'uint16'
  | 'int16'
  | 'string'
  | 'float16'
  | 'uint32'
  | 'uint64'
  | 'complex64'
  | 'complex128'
  | 'bfloat16'
  | 'float8e4m3fn'
  | 'float8e4m3fnuz'
  | 'float8e5m2'
  | 'float8e5m2fnuz'
  | 'uint4'
  | 'int4'
  | 'float4e2m1'
  | 'float8e8m0'
  | 'uint2'
  | 'int2';

export type OnnxElementType = DType | OpaqueType;

/** What a graph's value may be instead of a tensor. */
export type NonTensorType = 'sequence' | 'map' | 'optional' | 'sparse-tensor' | 'opaque';

/** A tensor whose elements the library has. */
export interface OnnxDenseTensor extends Tensor {
  readonly name: string;
  /**
   * The file's half-precision type where `data` is its exact conversion to float32. It is information about the file that was
   * read: the writer writes `dtype`.
   */
  readonly storedAs?: 'float16' | 'bfloat16';
}

/** A tensor of another element type, kept as the bytes that `raw_data` would hold, or as text. */
export interface OnnxOpaqueTensor {
  readonly name: string;
  readonly dtype: Exclude<OpaqueType, 'float16' | 'bfloat16'>;
  readonly shape: readonly number[];
  /** Little-endian elements, those below 8 bits packed; empty for `string`. */
  readonly data: Uint8Array;
  /** The elements of a `string` tensor. */
  readonly strings?: readonly string[];
}

export type OnnxTensor = OnnxDenseTensor | OnnxOpaqueTensor;

const DENSE: ReadonlySet<string> = new Set<DType>([
  'float32',
  'float64',
  'int64',
  'int32',
  'uint8',
  'int8',
  'bool',
]);

/** Whether the elements are of a type that the library computes with. */
export function isDense(t: OnnxTensor): t is OnnxDenseTensor {
  return DENSE.has(t.dtype);
}

/**
 * Integers are JS numbers: exact up to ±2⁵³, rounded beyond. INT64_MAX, which files use for "to the end", reads as 2⁶³ and is
 * written as INT64_MAX again; INT64_MIN and −INT64_MAX both read as −2⁶³ and are written as INT64_MIN.
 */
export type OnnxAttribute =
  | { readonly type: 'float'; readonly value: number }
  | { readonly type: 'int'; readonly value: number }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'tensor'; readonly value: OnnxTensor }
  | { readonly type: 'graph'; readonly value: OnnxGraph }
  | { readonly type: 'floats'; readonly value: readonly number[] }
  | { readonly type: 'ints'; readonly value: readonly number[] }
  | { readonly type: 'strings'; readonly value: readonly string[] }
  | { readonly type: 'tensors'; readonly value: readonly OnnxTensor[] }
  | { readonly type: 'graphs'; readonly value: readonly OnnxGraph[] };

export type OnnxAttributeType = OnnxAttribute['type'];

export interface OnnxNode {
  /** May be empty. */
  readonly name: string;
  readonly opType: string;
  /** Empty for the operators of ONNX itself (some files say `ai.onnx`). */
  readonly domain: string;
  /** An empty name stands for an optional input that is absent. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
  /** Opset of its domain, where it was inlined from a function of another opset than the model's. */
  readonly opset?: number;
}

export interface OnnxValueInfo {
  readonly name: string;
  /** Null where the file does not say. */
  readonly elemType: OnnxElementType | NonTensorType | null;
  /** A number, a symbol, or null for an unknown dimension (negative ones count as unknown); null where even the rank is. */
  readonly shape: readonly (number | string | null)[] | null;
}

export interface OnnxGraph {
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxTensor[];
  /** Until IR version 3 the initialisers are listed here too. */
  readonly inputs: readonly OnnxValueInfo[];
  readonly outputs: readonly OnnxValueInfo[];
  readonly valueInfo: readonly OnnxValueInfo[];
}

export interface OnnxOpset {
  readonly domain: string;
  readonly version: number;
}

export interface OnnxModel {
  readonly irVersion: number;
  readonly producerName: string;
  readonly producerVersion: string;
  readonly domain?: string;
  readonly modelVersion?: number;
  readonly docString?: string;
  readonly opsets: readonly OnnxOpset[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly graph: OnnxGraph;
  /** Parts of the file that were left out on reading and could matter (training graphs, say), one sentence each. */
  readonly notes?: readonly string[];
}
