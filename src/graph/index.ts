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
export type { Attributes, AttributeValue, Node, Signature, Value } from './value.js';
export { graph, graphNodes, leavesOf } from './graph.js';
export type { Graph, Named, NamedValues } from './graph.js';
// ---- operators ----
export * as ops from './build.js';
export { CORE } from './ops/index.js';
export { operandUses, rewireUses, splitUses } from './split-uses.js';
export type { Operand, Readers } from './readers.js';
export type { OperandUse, SplitUse } from './split-uses.js';
export type { Derivative, Elementwise, Numbers, Operator, Second, Term } from './operator.js';
export type { Along, Binary, Builder, Reduce, Unary } from './builder.js';
export type { RuleContext } from './rule-context.js';
// ---- derivatives ----
export { dependents, gradient, jvp, nodesOf, vjp } from './derive.js';
export type { VjpOptions } from './derive.js';
export { Layout } from './layout.js';
// ---- ONNX files ----
export { exportModel, importModel } from './onnx/index.js';
export type { ExportOptions, ImportedModel, Reading } from './onnx/index.js';
export type { Role } from './onnx/import/context.js';
export type { WeightSource } from './onnx/import/items.js';
export type { Candidate, ImportOptions, Leftover, OutputInfo } from './onnx/import/options.js';
export type { NameEvidence } from './onnx/import/names.js';
export type { Uncovered } from './onnx/import/table.js';
export type { ExternalFiles } from './onnx/proto/external.js';
