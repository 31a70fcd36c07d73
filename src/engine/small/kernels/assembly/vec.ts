/**
 * @module kernels/assembly/vec
 *
 * The few vector helpers that every kernel is written in, generic over f32 (4 lanes) and f64 (2 lanes). Partial
 * loads and stores touch exactly `count` elements, so no kernel reads or writes outside its operands.
 */

/** Bytes of a vector. */
export const V: usize = 16;

/** Lanes of a vector of T. */
@inline
export function lanes<T>(): usize {
  return V / sizeof<T>();
}

@inline
export function zero(): v128 {
  return i32x4.splat(0);
}

/** acc + a·b: one fused operation in the relaxed build (where the host fuses it), two roundings in the other. */
@inline
export function madd<T>(acc: v128, a: v128, b: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return v128.relaxed_madd<T>(a, b, acc);
  return v128.add<T>(acc, v128.mul<T>(a, b));
}

/** c − a·b, fused as `madd`. */
@inline
export function nmadd<T>(c: v128, a: v128, b: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return v128.relaxed_nmadd<T>(a, b, c);
  return v128.sub<T>(c, v128.mul<T>(a, b));
}

/** The first `count` (1 … lanes − 1) elements at `p`, the other lanes 0. */
@inline
export function loadPart<T>(p: usize, count: usize): v128 {
  if (sizeof<T>() == 8) return v128.load64_zero(p);
  if (count == 1) return v128.load32_zero(p);
  const v = v128.load64_zero(p);
  return count == 2 ? v : v128.load32_lane(p, v, 2, 8);
}

/** Stores the first `count` (1 … lanes − 1) lanes. */
@inline
export function storePart<T>(p: usize, v: v128, count: usize): void {
  if (sizeof<T>() == 8) {
    v128.store64_lane(p, v, 0);
  } else if (count == 1) {
    v128.store32_lane(p, v, 0);
  } else {
    v128.store64_lane(p, v, 0);
    if (count == 3) v128.store32_lane(p, v, 2, 8);
  }
}

/** Sum of all lanes, in the fixed order (0 + 2) + (1 + 3). */
@inline
export function sumLanes<T>(v: v128): T {
  if (sizeof<T>() == 8) return <T>(f64x2.extract_lane(v, 0) + f64x2.extract_lane(v, 1));
  const u = f32x4.add(v, i32x4.shuffle(v, v, 2, 3, 0, 1));
  return <T>(f32x4.extract_lane(u, 0) + f32x4.extract_lane(u, 1));
}

/** Greatest lane; NaN if any lane is NaN. */
@inline
export function maxLanes<T>(v: v128): T {
  if (sizeof<T>() == 8) return <T>max<f64>(f64x2.extract_lane(v, 0), f64x2.extract_lane(v, 1));
  const u = f32x4.max(v, i32x4.shuffle(v, v, 2, 3, 0, 1));
  return <T>max<f32>(f32x4.extract_lane(u, 0), f32x4.extract_lane(u, 1));
}

// Scratch at the start of the heap: nothing in it outlives one kernel call.

/** Rows of A packed at once. */
export const MC: usize = 128;

/** Length of a partial sum in NN and TN products. */
export const KC: usize = 256;

/** Packed panels of A: MC·KC float32 or MC/2·KC float64. */
@inline
export function scratchA(): usize {
  return (__heap_base + 63) & ~63;
}

/** One packed panel of B, two vectors wide. */
@inline
export function scratchB(): usize {
  return scratchA() + MC * KC * 4;
}

/** The ragged last columns of B, one vector wide. */
@inline
export function scratchEdge(): usize {
  return scratchB() + 2 * KC * V;
}

/** A 4 × 2-vector tile of C. */
@inline
export function scratchTile(): usize {
  return scratchEdge() + KC * V;
}

/** First byte that belongs to the executor. */
export function reservedBytes(): usize {
  return scratchTile() + 8 * V;
}
