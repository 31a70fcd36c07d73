/**
 * @module graph/onnx/proto
 *
 * ONNX files as plain objects and back.
 */

// What a file says.
export { isDense } from './types.js';
export type {
  NonTensorType,
  OnnxAttribute,
  OnnxAttributeType,
  OnnxDenseTensor,
  OnnxElementType,
  OnnxGraph,
  OnnxModel,
  OnnxNode,
  OnnxOpaqueTensor,
  OnnxOpset,
  OnnxTensor,
  OnnxValueInfo,
  OpaqueType,
} from './types.js';

// Element types and their numbers.
export { codeOf, formatOfCode, formatOfName } from './schema.js';
export type { ElementFormat } from './schema.js';

// Reading.
export { decodeModel } from './read.js';
export type { DecodeOptions } from './read.js';
export type { ExternalFiles } from './external.js';
export { EXPORT_CALL } from './sniff.js';

// Writing.
export { encodeModel, encodeModelWithData } from './write.js';
export type { ExternalOptions, ModelWithData } from './write.js';
