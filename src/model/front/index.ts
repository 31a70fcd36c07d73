/** @module model/front — a network that begins at a value of its file; what is before runs in ONNX Runtime. */
export { type Cut, type Front, quotedNames } from './front.js';
export { type CutOptions, onlyOf, openCut } from './open.js';
export { proposeCut } from './propose.js';
export { runFront } from './run.js';
