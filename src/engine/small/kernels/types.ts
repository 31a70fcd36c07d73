/**
 * @module engine/small/kernels/types
 *
 * The typed face of the compiled kernels. Pointers are byte addresses in the memory given to `loadKernels`, aligned
 * to the element size (16 bytes is fastest); counts, strides and leading dimensions are in elements; flags are 0 or 1.
 * No kernel reads or writes outside its operands, so nothing needs padding, and the output may be an operand
 * only where that is said. An element of a result has the same bits whatever lies beside it, and however many.
 */
import type { DType } from '../../../core/tensor.js';

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

/** `count` products as `Gemm`, without bias; operands `sc`, `sa`, `sb` elements apart (0: the same one each time). */
export type BatchedGemm = (
  c: number,
  a: number,
  b: number,
  count: number,
  sc: number,
  sa: number,
  sb: number,
  m: number,
  n: number,
  k: number,
  ldc: number,
  lda: number,
  ldb: number,
  add: number,
) => void;

/** y[i] = f(x[i]) for n contiguous elements; y may be x. */
export type Unary = (y: number, x: number, n: number) => void;

/** Functions of one number, with the error of float32 (float64) in ulps, over the whole range with ±0, ±∞ and NaN. */
export interface Maps {
  /** −x */
  readonly neg: Unary;
  /** |x| */
  readonly abs: Unary;
  /** √x, correctly rounded */
  readonly sqrt: Unary;
  /** x², correctly rounded */
  readonly square: Unary;
  /** 1/x, correctly rounded */
  readonly reciprocal: Unary;
  /** 0 below 0, else x; NaN stays */
  readonly relu: Unary;
  /** −1, 1, or x itself where it is ±0 or NaN */
  readonly sign: Unary;
  /** e^x, denormal results too; 1.5 ulp (2) */
  readonly exp: Unary;
  /** ln x, denormal arguments too; −∞ at 0, NaN below; 1.5 ulp (2) */
  readonly log: Unary;
  /** 5.5 ulp (3), never beyond ±1 */
  readonly tanh: Unary;
  /** 1/(1 + e^−x), relative accuracy on both sides; 3 ulp (3); float32 results below 1.2e-38 are 0 */
  readonly sigmoid: Unary;
  /** ln(1 + e^x), relative accuracy on both sides; 3 ulp (3); float32 results below 1.2e-38 are 0 */
  readonly softplus: Unary;
  /** −ln(1 + e^−x) = −softplus(−x) */
  readonly logSigmoid: Unary;
  /** 5.5 ulp (2), never beyond ±1 */
  readonly erf: Unary;
}

export type MapName = keyof Maps;

/**
 * y = f(a, b) with broadcasting, y contiguous; y may be a or b where that operand's elements are read in place (strides
 * as y's own).
 */
export interface Binary {
  /**
   * One row of n elements; strides `as`, `bs` are 1 (contiguous), 0 (one number throughout) or anything else, which is
   * slower. Same shape: 1, 1. Scalar on the right: 1, 0; on the left: 0, 1.
   */
  readonly line: (y: number, a: number, b: number, n: number, as: number, bs: number) => void;
  /**
   * y [rows, cols]; element (r, c) of a at r·ar + c·ac, of b at r·br + c·bc. Row b [cols]: br = 0, bc = 1. Column
   * b [rows]: br = 1, bc = 0.
   */
  readonly block: (
    y: number,
    a: number,
    b: number,
    rows: number,
    cols: number,
    ar: number,
    ac: number,
    br: number,
    bc: number,
  ) => void;
  /** Up to six axes: `d` points at `describe(lengths, strides of a, strides of b)`. */
  readonly strided: (y: number, a: number, b: number, d: number) => void;
}

/** Arithmetic; add, sub, mul and div are correctly rounded, max and min give NaN where either operand is NaN. */
export interface BinaryKernels {
  readonly add: Binary;
  readonly sub: Binary;
  readonly mul: Binary;
  readonly div: Binary;
  readonly max: Binary;
  readonly min: Binary;
  /**
   * a^b as `Math.pow`, 1 ulp. One exponent for a whole line that is 2, −1, 1 or ½ costs a product, a quotient, a copy or a
   * root, correctly rounded; 3 costs two products, 1.5 ulp.
   */
  readonly pow: Binary;
}

/** Comparisons: y are bytes 0 and 1; any comparison with NaN is 0. */
export interface CompareKernels {
  readonly greater: Binary;
  readonly greaterOrEqual: Binary;
  readonly less: Binary;
  readonly lessOrEqual: Binary;
  readonly equal: Binary;
}

/** y = c ? a : b with broadcasting, y contiguous; c are bytes, true where not 0. Strides as in `Binary`. */
export interface Where {
  readonly line: (
    y: number,
    c: number,
    a: number,
    b: number,
    n: number,
    cs: number,
    as: number,
    bs: number,
  ) => void;
  readonly block: (
    y: number,
    c: number,
    a: number,
    b: number,
    rows: number,
    cols: number,
    cr: number,
    cc: number,
    ar: number,
    ac: number,
    br: number,
    bc: number,
  ) => void;
  /** `d` points at `describe(lengths, strides of c, strides of a, strides of b)`. */
  readonly strided: (y: number, c: number, a: number, b: number, d: number) => void;
}

/**
 * Sum (0 of nothing) or maximum (−∞ of nothing; NaN wherever an operand is NaN). With `add` 1 the result is joined to what y
 * holds, so several axes go one after the other. The order of a sum depends on which of the two is called and on k.
 * Error of a sum: at most (min(k, 256) + k/256 + 8)·u·Σ|x|.
 */
export interface Reduction {
  /** y [m] over rows of k contiguous elements that are `xm` apart: the last axis. */
  readonly rows: (y: number, x: number, m: number, k: number, xm: number, add: number) => void;
  /**
   * y [m, n] over the middle axis of x [m, k, n] with any strides (fastest where xn is 1). The first axis: m = 1, xk = n,
   * xn = 1.
   */
  readonly columns: (
    y: number,
    x: number,
    m: number,
    k: number,
    n: number,
    xm: number,
    xk: number,
    xn: number,
    add: number,
  ) => void;
}

/** Rows of x [m, n]; y may be x. float32 exponentials below 1.2e-38 count as 0; a row with NaN or +∞ is NaN. */
export type RowFunction = (y: number, x: number, m: number, n: number) => void;

/** Copies of elements of one size, whatever they mean. */
export interface Movers {
  /** n contiguous elements; the two places are one or do not overlap. */
  readonly copy: (y: number, x: number, n: number) => void;
  /** The one element at x, n times. */
  readonly fill: (y: number, x: number, n: number) => void;
  /** y [cols, rows] = x [rows, cols] transposed. */
  readonly transpose: (y: number, x: number, rows: number, cols: number) => void;
  /** y[r·yr + c·yc] = x[r·xr + c·xc]; strides may be 0 (expand, x only) or negative. */
  readonly block: (
    y: number,
    x: number,
    rows: number,
    cols: number,
    yr: number,
    yc: number,
    xr: number,
    xc: number,
  ) => void;
  /** Permute, slice, concatenate, pad or expand: `d` points at `describe(lengths, strides of y, strides of x)`. */
  readonly strided: (y: number, x: number, d: number) => void;
}

/** Kernels of one floating-point type. */
export interface FloatKernels {
  /** A [m, k], B [k, n]. */
  readonly gemmNN: Gemm;
  /** A [m, k], B [n, k] transposed: a dense layer with weights [out, in]. */
  readonly gemmNT: Gemm;
  /** A [k, m] transposed, B [k, n]: a weight's gradient, k the batch. */
  readonly gemmTN: Gemm;
  readonly batchedNN: BatchedGemm;
  readonly batchedNT: BatchedGemm;
  readonly batchedTN: BatchedGemm;
  readonly map: Maps;
  readonly binary: BinaryKernels;
  readonly compare: CompareKernels;
  readonly where: Where;
  readonly sum: Reduction;
  readonly max: Reduction;
  /** e^(x − max)/Σ e^(x − max); 4 ulp plus the sum's error. */
  readonly softmax: RowFunction;
  /** x − max − ln Σ e^(x − max). */
  readonly logSoftmax: RowFunction;
  /** u ← momentum·u + g·scale, p ← p − rate·u; u = 0: no state, p ← p − rate·g·scale. */
  readonly sgd: (
    p: number,
    u: number,
    g: number,
    n: number,
    scale: number,
    rate: number,
    momentum: number,
  ) => void;
  /** v ← alpha·v + fresh·(g·scale)², p ← p − rate·g·scale/√(v + ε); inside = 0: /(√v + ε). */
  readonly rmsprop: (
    p: number,
    v: number,
    g: number,
    n: number,
    scale: number,
    rate: number,
    alpha: number,
    fresh: number,
    epsilon: number,
    inside: number,
  ) => void;
  /** m ← beta1·m + fresh1·g·scale, v ← beta2·v + fresh2·(g·scale)², p ← p − rate·m/(√v + ε). */
  readonly adam: (
    p: number,
    m: number,
    v: number,
    g: number,
    n: number,
    scale: number,
    rate: number,
    beta1: number,
    fresh1: number,
    beta2: number,
    fresh2: number,
    epsilon: number,
  ) => void;
}

export interface Kernels {
  readonly build: KernelBuild;
  /** Bytes at the start of the memory that belong to the kernels: constants and scratch. */
  readonly reservedBytes: number;
  readonly float32: FloatKernels;
  readonly float64: FloatKernels;
  /** By bytes of an element (`bytesOf(dtype)`). */
  readonly move: Readonly<Record<1 | 4 | 8, Movers>>;
  /**
   * `cast[from][to]`: floats become integers by truncation (NaN gives 0, values beyond the range its ends; of int64 and int32
   * the low bits go to narrower integers), anything becomes bool by x ≠ 0.
   */
  readonly cast: Readonly<Record<DType, Readonly<Record<DType, Unary>>>>;
  /** y = 1 where x is 0, else 0, n bytes; y may be x. */
  readonly not: Unary;
}
