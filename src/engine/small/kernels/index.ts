/**
 * @module engine/small/kernels
 *
 * WebAssembly kernels of the small engine, built from assembly/ by scripts/build-kernels.mjs.
 */
export { hostRuns, loadKernels } from './load.js';
export type { LoadOptions } from './load.js';
export type { FloatKernels, Gemm, KernelBuild, Kernels } from './types.js';
