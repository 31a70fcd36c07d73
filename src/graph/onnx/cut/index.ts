/** @module graph/onnx/cut — a file in two: what is made before named values, and what is made of them. */
export { type FrontFile, frontFile, type Parts, partsOf, valuesOf } from './front.js';
export { neededFor } from './needs.js';
export { outputsBehind, tailOf } from './tail.js';
