/**
 * @module kernels/assembly/rational32
 *
 * float32 tanh and erf as x·P(x²)/Q(x²), fitted for least relative error on |x| ≤ 9.02 and 3.85 (2.1e-8 and 1.4e-8),
 * coefficients scaled so that rounding them to float32 costs least. Beyond those points the fraction exceeds 1
 * and is cut there, so both saturate exactly. Polynomials are summed in pairs: the chain of dependent steps, not their
 * number, sets the speed.
 */
import { madd } from './vec';

const C: usize = memory.data<f32>([
  1.0, -1.0, 12.0, -12.0, // cuts
  1.5963739156723022, 0.2135903388261795, 0.005577786359935999, 3.2858944905456156e-5, 2.1262232863250574e-8, // tanh P
  0.7457147240638733, 0.041299909353256226, 0.0005241045146249235, 1.2391091104291263e-6, // 9: tanh Q; Q0 = P0
  1.0615040063858032, 0.17676305770874023, 0.049369603395462036, 0.003456250298768282, // 13: erf P
  0.00026874535251408815, 1.983320998988347e-6,
  0.9407334327697754, 0.4702295660972595, 0.10642477869987488, 0.013908765278756618, // 19: erf Q
  0.001077626133337617, 3.643640229711309e-5,
]);

@inline
function c(i: usize): v128 {
  return v128.load32_splat(C + (i << 2));
}

/** Cuts at ±1 and keeps NaN. */
@inline
function within1(y: v128): v128 {
  return v128.pmax<f32>(v128.pmin<f32>(y, c(0)), c(1));
}

@inline
export function tanh32(x: v128): v128 {
  x = v128.pmax<f32>(v128.pmin<f32>(x, c(2)), c(3));
  const z = f32x4.mul(x, x);
  let p = madd<f32>(c(7), z, c(8));
  p = madd<f32>(c(6), z, p);
  p = madd<f32>(c(5), z, p);
  p = madd<f32>(c(4), z, p);
  let q = madd<f32>(c(11), z, c(12));
  q = madd<f32>(c(10), z, q);
  q = madd<f32>(c(9), z, q);
  q = madd<f32>(c(4), z, q);
  return within1(f32x4.div(f32x4.mul(x, p), q));
}

@inline
export function erf32(x: v128): v128 {
  x = v128.pmax<f32>(v128.pmin<f32>(x, c(2)), c(3));
  const z = f32x4.mul(x, x);
  const w = f32x4.mul(z, z);
  let p = madd<f32>(madd<f32>(c(15), z, c(16)), w, madd<f32>(c(17), z, c(18)));
  p = madd<f32>(madd<f32>(c(13), z, c(14)), w, p);
  let q = madd<f32>(madd<f32>(c(21), z, c(22)), w, madd<f32>(c(23), z, c(24)));
  q = madd<f32>(madd<f32>(c(19), z, c(20)), w, q);
  return within1(f32x4.div(f32x4.mul(x, p), q));
}
