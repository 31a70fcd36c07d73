/**
 * @module kernels/assembly/exp32
 *
 * float32 exponentials, four at a time. x = n ln 2 + r with |r| ≤ ln 2 / 2; e^r = 1 + r + r²q(r), q of degree 4 fitted
 * for least relative error of e^r − 1 (1.4e-8). n is rounded by adding 1.5·2²³, whose low bits then hold it.
 * Constants are read from a table: V8 11.3 builds a vector constant anew at every use, and `min` and `max` are slow,
 * `pmin` and `pmax` one instruction each (and keep a NaN in their first operand).
 */
import { madd, nmadd } from './vec';

const C: usize = memory.data<f32>([
  1.4426950408889634, 12582912.0, 0.693145751953125, 1.428606765330187e-6, // 1/ln 2, magic, ln 2 in two parts
  0.4999999701976776, 0.1666654646396637, 0.04166743531823158, 0.00836626160889864, 0.0013870657421648502, // q
  1.0, -87.33654, 89.0, -104.0, 2.0, 0.5, // 9: one, least normal result, clamps, two, half
  0.6666641235351562, 0.4002175033092499, 0.2799821197986603, 0.2802942991256714, // 15: log1p
]);
const I: usize = memory.data<i32>([0x3f800000, 0x4b400000, 127]);

@inline
function c(i: usize): v128 {
  return v128.load32_splat(C + (i << 2));
}

@inline
function bits(i: usize): v128 {
  return v128.load32_splat(I + (i << 2));
}

/** n + 1.5·2²³ for n the nearest integer to x / ln 2. */
@inline
function shifted(x: v128): v128 {
  return madd<f32>(c(1), x, c(0));
}

/** e^r − 1 for the r that belongs to n. */
@inline
function reduced(x: v128, n: v128): v128 {
  const r = nmadd<f32>(nmadd<f32>(x, n, c(2)), n, c(3));
  const w = f32x4.mul(r, r);
  const q = madd<f32>(madd<f32>(c(4), r, c(5)), w, madd<f32>(madd<f32>(c(6), r, c(7)), w, c(8)));
  return madd<f32>(r, w, q);
}

/** e^x over the whole range, denormal results too. */
@inline
export function exp32(x: v128): v128 {
  x = v128.pmax<f32>(v128.pmin<f32>(x, c(11)), c(12));
  const t = shifted(x);
  const e = f32x4.add(c(9), reduced(x, f32x4.sub(t, c(1))));
  // 2^n in two factors, since it may be beyond the range where e^x is not.
  const n = i32x4.sub(t, bits(1));
  const h = i32x4.shr_s(n, 1);
  const s = i32x4.shl(i32x4.add(h, bits(2)), 23);
  const u = i32x4.shl(i32x4.add(i32x4.sub(n, h), bits(2)), 23);
  return f32x4.mul(f32x4.mul(e, s), u);
}

/** e^x for x ≤ 88; 0 below −87.33654, where the result would be denormal. */
@inline
export function expFlush32(x: v128): v128 {
  const low = f32x4.lt(x, c(10));
  x = v128.pmax<f32>(x, c(10));
  const t = shifted(x);
  const e = f32x4.add(c(9), reduced(x, f32x4.sub(t, c(1))));
  const s = i32x4.add(i32x4.shl(t, 23), bits(0));
  return v128.andnot(f32x4.mul(e, s), low);
}

/** 1/(1 + e^−x), as e^x/(1 + e^x) left of 0 so that small results keep their relative accuracy. */
@inline
export function sigmoid32(x: v128): v128 {
  const e = expFlush32(f32x4.neg(f32x4.abs(x)));
  const one = c(9);
  const top = v128.bitselect(e, one, f32x4.lt(x, i32x4.splat(0)));
  return f32x4.div(top, f32x4.add(one, e));
}

/** log(1 + e^−|x|) with full relative accuracy: 2 artanh(s), s = e/(2 + e) ≤ 1/3. */
@inline
function log1pExp(x: v128): v128 {
  const e = expFlush32(f32x4.neg(f32x4.abs(x)));
  const s = f32x4.div(e, f32x4.add(c(13), e));
  const z = f32x4.mul(s, s);
  const p = madd<f32>(madd<f32>(c(15), z, c(16)), f32x4.mul(z, z), madd<f32>(c(17), z, c(18)));
  return madd<f32>(f32x4.add(s, s), f32x4.mul(s, z), p);
}

/** log(1 + e^x). */
@inline
export function softplus32(x: v128): v128 {
  return f32x4.add(v128.pmax<f32>(x, i32x4.splat(0)), log1pExp(x));
}

/** −log(1 + e^−x). */
@inline
export function logSigmoid32(x: v128): v128 {
  return f32x4.sub(v128.pmin<f32>(x, i32x4.splat(0)), log1pExp(x));
}
