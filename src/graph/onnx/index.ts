/**
 * @module graph/onnx
 *
 * ONNX files: read to the core graph, and any core graph written.
 */

// ---- reading ----
export { ImportedModel, importDecoded, importModel } from './import/model.js';
export type { OnnxNode } from './proto/index.js';
export type { Candidate, ImportOptions, Leftover, OutputInfo } from './import/options.js';
export { axisOf, FIRST_AXIS, lengthsOf, readingsOf } from './import/readings.js';
export type { InputsSaid, Reading } from './import/readings.js';
export { sourceOf } from './import/source.js';
export type { Source } from './import/source.js';
export { decodeModel } from './proto/index.js';
export type { OnnxModel } from './proto/index.js';
export type { Role } from './import/context.js';
export type { WeightSource } from './import/items.js';
export { modulePath, nameEvidence } from './import/names.js';
export type { NameEvidence } from './import/names.js';
export { COVERED, describeUncovered, NEWEST_OPSET, OLDEST_OPSET, uncoveredOf } from './import/table.js';
export type { Uncovered } from './import/table.js';
// ---- the natural parameter ----
// ---- writing ----
export { exportModel, toOnnx } from './export/model.js';
export type { ExportOptions } from './export/model.js';
export { hasDoubleKernel } from './export/operators.js';
