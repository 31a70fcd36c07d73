/**
 * @module engine
 *
 * Two engines behind one interface: compile a graph once, run it many times.
 */
// ---- the interface ----
export type {
  AsyncProgram,
  CompileOptions,
  Connection,
  Connections,
  Engine,
  EngineName,
  Port,
  Program,
  ProgramInfo,
  Store,
  SyncProgram,
} from './types.js';
export { ENGINE_NAMES } from './types.js';
export type { DescentRule, DescentStep } from './descend.js';
// ---- choosing one ----
export { createEngine } from './create.js';
export type { EngineChoice, EngineOptions } from './create.js';
export { flopsOf, overtakenAt } from './cost.js';
// ---- the small engine ----
export { createSmallEngine, SmallEngine, withMatrices } from './small/index.js';
export type { SmallOptions } from './small/engine.js';
export type { KernelBuild } from './small/kernels/types.js';
export type { SmallStore } from './small/store.js';
export type { Matrices } from './small/matrices.js';
// ---- ONNX Runtime ----
export { createOrtEngine, INSTALL_COMMAND, OrtEngine, unsupportedByOrt } from './ort/index.js';
export type { OrtModule, OrtOptions } from './ort/index.js';
export type { OrtSession, OrtTensor, OrtTensorClass } from './ort/module.js';
export type { OrtStore } from './ort/store.js';
