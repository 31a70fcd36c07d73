/**
 * @module doors/graph
 *
 * The public door `fim/graph`: operator graphs and ONNX files (graph), and the value of a file that is the natural parameter
 * (model/output).
 */
export * from '../graph/index.js';
export { chooseOutput } from '../model/output/choose.js';
export type { ChosenOutput, OutputIs, OutputOptions, OutputOrder } from '../model/output/choose.js';
export type { FamilyName as OutputLikelihood } from '../likelihood/registry.js';
