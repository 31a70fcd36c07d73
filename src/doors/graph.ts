/**
 * @module doors/graph
 *
 * The public door `fim/graph`: operator graphs and ONNX files (graph), and the value of a file that is the natural parameter
 * (model/output).
 */
export * from '../graph/index.js';
export { chooseOutput, OUTPUT_IS, OUTPUT_ORDERS } from '../model/output/choose.js';
export type { Positions } from '../model/output/positions.js';
export type { ChosenOutput, OutputIs, OutputOptions, OutputOrder } from '../model/output/choose.js';
export { FAMILIES } from '../likelihood/registry.js';
export type { FamilyName as OutputLikelihood } from '../likelihood/registry.js';
