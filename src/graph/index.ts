/**
 * @module graph
 *
 * Typed operator graphs: values, operators, shapes with a symbolic batch, forward and reverse derivatives.
 */
// ---- shapes ----
export { batchAxis, concrete, isBatch, mulDim, N, sameDim, sameDims, showShape, volume } from './dims.js';
export type { BatchDim, Dim, Shape } from './dims.js';
// ---- values and graphs ----
export { constant, input, withOrigin } from './value.js';
export type { Attributes, Node, Signature, Value } from './value.js';
export { graph, graphNodes, leavesOf } from './graph.js';
export type { Graph, Named } from './graph.js';
// ---- operators ----
export * as ops from './build.js';
export { CORE } from './ops/index.js';
export { operandUses, rewireUses, splitUses } from './split-uses.js';
export type { OperandUse, SplitUse } from './split-uses.js';
export type { Operator } from './operator.js';
// ---- derivatives ----
export { dependents, gradient, jvp, nodesOf, vjp } from './derive.js';
export type { VjpOptions } from './derive.js';
export { Layout } from './layout.js';
// ---- ONNX files ----
export { chooseOutput, exportModel, importModel } from './onnx/index.js';
export type { ChosenOutput, ExportOptions, ImportedModel } from './onnx/index.js';
