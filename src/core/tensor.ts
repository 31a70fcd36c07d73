/**
 * @module core/tensor
 *
 * A tensor is a typed array, a shape and a dtype, row-major, nothing more. Values are host memory; engines own theirs.
 */
import { FimError } from './errors.js';

/** Element types that graphs and files may hold. `bool` is stored as 0 or 1 in a Uint8Array. */
export type DType = 'float32' | 'float64' | 'int64' | 'int32' | 'uint8' | 'int8' | 'bool';

/** Names of the two types that numbers of interest are computed in. */
export const FLOAT_TYPES = ['float32', 'float64'] as const;

/** The two types that numbers of interest are computed in. */
export type FloatType = (typeof FLOAT_TYPES)[number];

/** The array that holds each element type. */
export interface TypedArrayOf {
  /** IEEE single precision. */
  float32: Float32Array;
  /** IEEE double precision. */
  float64: Float64Array;
  /** 64-bit integers, as BigInt. */
  int64: BigInt64Array;
  /** 32-bit integers. */
  int32: Int32Array;
  /** Bytes 0 to 255. */
  uint8: Uint8Array;
  /** Bytes −128 to 127. */
  int8: Int8Array;
  /** 0 or 1, one byte each. */
  bool: Uint8Array;
}

/** Any array that a tensor can hold. */
export type TypedArray = TypedArrayOf[DType];
/** An array of numbers that a Fisher can be computed in. */
export type FloatArray = Float32Array | Float64Array;

/** An array of numbers with a shape, row-major. */
export interface Tensor<D extends DType = DType> {
  /** Type of every number. */
  readonly dtype: D;
  /** Lengths of the axes; [] for a single number. */
  readonly shape: readonly number[];
  /** The numbers, row-major. */
  readonly data: TypedArrayOf[D];
}

/** The typed array of each element type. */
export const CONSTRUCTORS = {
  float32: Float32Array,
  float64: Float64Array,
  int64: BigInt64Array,
  int32: Int32Array,
  uint8: Uint8Array,
  int8: Int8Array,
  bool: Uint8Array,
} as const satisfies Record<DType, unknown>;

/** Bytes an element takes. */
export function bytesOf(dtype: DType): number {
  return CONSTRUCTORS[dtype].BYTES_PER_ELEMENT;
}

/** A zeroed typed array of `length` elements. */
export function allocate<D extends DType>(dtype: D, length: number): TypedArrayOf[D] {
  return new CONSTRUCTORS[dtype](length) as TypedArrayOf[D];
}

/** Product of the dimensions; 1 for a scalar. */
export function sizeOf(shape: readonly number[]): number {
  let n = 1;
  for (const d of shape) n *= d;
  return n;
}

/** Row-major strides in elements. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let s = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = s;
    s *= shape[i];
  }
  return strides;
}

export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((d, i) => d === b[i]);
}

export function isFloat(dtype: DType): dtype is FloatType {
  return dtype === 'float32' || dtype === 'float64';
}

/**
 * Makes a tensor, checking that data and shape agree. Throws `tensor/size`.
 *
 * @example
 * ```ts
 * import { tensor } from 'fim';
 *
 * const a = tensor('float32', [2, 3], [1, 2, 3, 4, 5, 6]);
 * console.log(a.dtype, a.shape, a.data.length); // float32 [ 2, 3 ] 6
 * ```
 */
export function tensor<D extends DType>(
  dtype: D,
  shape: readonly number[],
  data: TypedArrayOf[D] | readonly number[],
): Tensor<D> {
  let array: TypedArrayOf[D];
  if (ArrayBuffer.isView(data)) array = data;
  else if (dtype === 'int64') array = BigInt64Array.from(data.map(BigInt)) as TypedArrayOf[D];
  else {
    array = allocate(dtype, data.length);
    (array as Float64Array).set(data);
  }
  if (array.length !== sizeOf(shape)) {
    throw new FimError({
      code: 'tensor/size',
      where: `tensor of shape [${shape.join(', ')}]`,
      rule: `needs ${sizeOf(shape)} elements`,
      got: `${array.length} elements`,
    });
  }
  return { dtype, shape: [...shape], data: array };
}

/** A zero tensor. */
export function zeros<D extends DType>(dtype: D, shape: readonly number[]): Tensor<D> {
  return { dtype, shape: [...shape], data: allocate(dtype, sizeOf(shape)) };
}

/** The same values in another dtype (float to integer truncates; int64 beyond 2^53 loses digits). */
export function castTensor<D extends DType>(t: Tensor, dtype: D): Tensor<D> {
  if (t.dtype === dtype) return t as unknown as Tensor<D>;
  const n = t.data.length;
  const out = allocate(dtype, n);
  for (let i = 0; i < n; i++) {
    const v = Number(t.data[i]);
    if (dtype === 'int64') (out as BigInt64Array)[i] = BigInt(Math.trunc(v));
    else (out as Float64Array)[i] = dtype === 'bool' ? (v !== 0 ? 1 : 0) : v;
  }
  return { dtype, shape: t.shape, data: out };
}

/** The values as plain numbers in a Float64Array (a view where it already is one). */
export function toFloat64(t: Tensor): Float64Array {
  return castTensor(t, 'float64').data;
}

/** Copies between arrays of one type. */
export function copyInto(to: TypedArray, from: TypedArray): void {
  (to as Float64Array).set(from as Float64Array);
}
