/**
 * @module kernels/assembly/scalar64
 *
 * float64 functions of one number, on AssemblyScript's own Math (musl's algorithms, mostly below 1 ulp). erf: a
 * polynomial in x² up to 1, beyond it 1 − e^(−x²)·g((x − 3)/(x + 3)), both Chebyshev fits below 1e-17; 1.5 ulp.
 */

@inline
export function sigmoid64(x: f64): f64 {
  const e = NativeMath.exp(-abs<f64>(x));
  return (x < 0 ? e : 1) / (1 + e);
}

@inline
export function softplus64(x: f64): f64 {
  return (x < 0 ? 0 : x) + NativeMath.log1p(NativeMath.exp(-abs<f64>(x)));
}

@inline
export function logSigmoid64(x: f64): f64 {
  return (x > 0 ? 0 : x) - NativeMath.log1p(NativeMath.exp(-abs<f64>(x)));
}

const NEAR: usize = memory.data<f64>([
  1.1283791670955126, -0.3761263890318375, 0.11283791670954882, -0.026866170645077334, 0.005223977624823223,
  -0.0008548326981129666, 0.00012055331122299266, -1.4925595519506043e-5, 1.6461004480962034e-6,
  -1.6350354461959655e-7, 1.4660051998394848e-8, -1.1373902296430911e-9, 5.958930743134941e-11,
]);
const FAR: usize = memory.data<f64>([
  0.17900115118138996, -0.3262335600430372, 0.2456038017123309, -0.1501159365007774, 0.07166583719797343,
  -0.02439249931865768, 0.004269136333148956, 0.0007077464386035452, -0.000597061958566834, 4.525529635838098e-5,
  6.405673130635763e-5, -1.2860301226842842e-5, -7.979784809039326e-6, 2.116868267082061e-6, 1.2596520069410815e-6,
  -2.726151051484511e-7, -2.3833346312644712e-7, -2.54937908408759e-8,
]);

/** Σ_i table[i]·t^i, i ≤ degree. */
function horner(table: usize, degree: usize, t: f64): f64 {
  let p = load<f64>(table + (degree << 3));
  for (let i = degree; i > 0; i--) p = p * t + load<f64>(table + ((i - 1) << 3));
  return p;
}

export function erf64(x: f64): f64 {
  const s = abs<f64>(x);
  if (s <= 1) return x * horner(NEAR, 12, x * x);
  if (s >= 6) return copysign<f64>(1, x);
  if (s != s) return x;
  return copysign<f64>(1 - NativeMath.exp(-s * s) * horner(FAR, 17, (s - 3) / (s + 3)), x);
}
