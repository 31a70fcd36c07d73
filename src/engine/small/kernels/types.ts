/**
 * @module engine/small/kernels/types
 *
 * The typed face of the compiled kernels. Pointers are byte addresses in the memory given to `loadKernels`, aligned
 * to the element size (16 bytes is fastest); counts and leading dimensions are in elements; flags are 0 or 1.
 * No kernel reads or writes outside its operands, so nothing needs padding.
 */

/** `simd128` everywhere; `relaxed` has fused multiply-add, where the host validates relaxed SIMD. */
export type KernelBuild = 'simd128' | 'relaxed';

/**
 * C [m, n] = start + op(A)·op(B), row-major, with `ldc`, `lda`, `ldb` elements from row to row. start is the row `bias`
 * [n] repeated (0: none), plus C itself where `add` is 1. C overlaps neither A nor B.
 *
 * A row of C has the same bits whatever m is. Error of an element: at most (terms + 3)·u·Σ|a||b|, with terms =
 * min(k, 256) + k/256 (NN, TN) or min(k, 512)/lanes + k/512 + lanes (NT).
 */
export type Gemm = (
  c: number,
  a: number,
  b: number,
  m: number,
  n: number,
  k: number,
  ldc: number,
  lda: number,
  ldb: number,
  bias: number,
  add: number,
) => void;

/** y[i] = f(x[i]) for n contiguous elements; y may be x. */
export type Map1 = (y: number, x: number, n: number) => void;

export type MapName =
  | 'neg'
  | 'abs'
  | 'sqrt'
  | 'square'
  | 'reciprocal'
  | 'relu'
  | 'sign'
  | 'exp'
  | 'log'
  | 'tanh'
  | 'sigmoid'
  | 'softplus'
  | 'logSigmoid'
  | 'erf';

/** Kernels of one floating-point type. */
export interface FloatKernels {
  /** A [m, k], B [k, n]. */
  readonly gemmNN: Gemm;
  /** A [m, k], B [n, k] transposed: a dense layer with weights [out, in]. */
  readonly gemmNT: Gemm;
  /** A [k, m] transposed, B [k, n]: a weight's gradient, k the batch. */
  readonly gemmTN: Gemm;
  readonly map: Readonly<Record<MapName, Map1>>;
}

export interface Kernels {
  readonly build: KernelBuild;
  /** Bytes at the start of the memory that belong to the kernels: constants and scratch. */
  readonly reservedBytes: number;
  readonly float32: FloatKernels;
  readonly float64: FloatKernels;
}
