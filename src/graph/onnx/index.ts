/**
 * @module graph/onnx
 *
 * ONNX files: read to the core graph, and any core graph written.
 */
import '../ops/index.js';

// ---- writing ----
export { exportModel, toOnnx } from './export/model.js';
export type { ExportOptions } from './export/model.js';
export { hasDoubleKernel, WRITABLE } from './export/operators.js';
