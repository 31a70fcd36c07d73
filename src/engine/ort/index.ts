/**
 * @module engine/ort
 *
 * ONNX Runtime: big batches, big layers.
 */
export { createOrtEngine, OrtEngine, unsupportedByOrt } from './engine.js';
export type { OrtOptions } from './engine.js';
export { INSTALL_COMMAND, loadOrt } from './module.js';
export type { OrtModule, OrtSession, OrtTensor } from './module.js';
export { OrtProgram } from './program.js';
export { OrtStore } from './store.js';
export { openOrtFile } from './file.js';
export type { OrtFile } from './file.js';
