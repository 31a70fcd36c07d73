/**
 * @module kernels/assembly/log32
 *
 * float32 logarithm, four at a time. x = 2^e·(1 + f) with √½ ≤ 1 + f < √2, s = f/(2 + f), and
 * log(1 + f) = f − (f²/2 − s(f²/2 + s²P(s²))), P of degree 2 (8e-10), so the rounded part is small beside f.
 * e·ln 2 is added in two parts. Denormal arguments are scaled by 2²³ first.
 */
import { madd } from './vec';

const C: usize = memory.data<f32>([
  0.6666677594184875, 0.3997756838798523, 0.29871460795402527, // P
  0.693145751953125, 1.428606765330187e-6, // ln 2 in two parts
  1.0, 2.0, 0.5, 8388608.0, -23.0, // 5
  1.1754943508222875e-38, Infinity, -Infinity, NaN, // 10: least normal, special results
]);
const I: usize = memory.data<i32>([0x3f3504f3, 0x7fffff]);

@inline
function c(i: usize): v128 {
  return v128.load32_splat(C + (i << 2));
}

@inline
function bits(i: usize): v128 {
  return v128.load32_splat(I + (i << 2));
}

@inline
export function log32(x: v128): v128 {
  const zero = i32x4.splat(0);
  const tiny = f32x4.lt(x, c(10));
  const y = v128.bitselect(f32x4.mul(x, c(8)), x, tiny);
  const i = i32x4.sub(y, bits(0));
  const e = f32x4.add(f32x4.convert_i32x4_s(i32x4.shr_s(i, 23)), v128.and(tiny, c(9)));
  const f = f32x4.sub(i32x4.add(v128.and(i, bits(1)), bits(0)), c(5));
  const s = f32x4.div(f, f32x4.add(f, c(6)));
  const z = f32x4.mul(s, s);
  let p = madd<f32>(c(1), z, c(2));
  p = madd<f32>(c(0), z, p);
  const half = f32x4.mul(f32x4.mul(f, f), c(7));
  const w = madd<f32>(f32x4.mul(e, c(4)), s, madd<f32>(half, z, p));
  const r = f32x4.add(f32x4.mul(e, c(3)), f32x4.sub(f, f32x4.sub(half, w)));
  // Special arguments: ∞ and NaN give themselves, 0 gives −∞, below 0 gives NaN.
  const finite = f32x4.lt(x, c(11));
  const ok = v128.bitselect(r, x, finite);
  const low = v128.bitselect(c(12), c(13), f32x4.eq(x, zero));
  return v128.bitselect(low, ok, f32x4.le(x, zero));
}
