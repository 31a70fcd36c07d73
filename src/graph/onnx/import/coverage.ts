/**
 * @module graph/onnx/import/coverage
 *
 * Coverage of ONNX as the page of operators is written from: the table by domain, and what operators were before.
 */
export { NEWEST_OPSET, OLDEST_OPSET, TABLES } from './table.js';
export { CHANGES } from './versions.js';
