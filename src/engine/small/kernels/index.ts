/**
 * @module engine/small/kernels
 *
 * WebAssembly kernels of the small engine, built from assembly/ by scripts/build-kernels.mjs. A call costs a few
 * nanoseconds; types.ts says what each computes, in which order of arguments and how exactly.
 */
export { describe, MAX_AXES } from './describe.js';
export { hostRuns, loadKernels } from './load.js';
export type { LoadOptions } from './load.js';
export type {
  BatchedGemm,
  Binary,
  BinaryKernels,
  CompareKernels,
  FloatKernels,
  Gemm,
  KernelBuild,
  Kernels,
  MapName,
  Maps,
  Movers,
  Reduction,
  RowFunction,
  Unary,
  Where,
} from './types.js';
