/**
 * @module stats/incomplete-gamma
 *
 * The regularised incomplete gamma functions P(a, x) = γ(a, x)/Γ(a) and Q = 1 − P, each to about 1e-14 of its own size (and
 * 1e-16 of its logarithm, far out), for any a > 0: the cumulative distributions of gamma and Poisson variables. Three ways (DLMF 8.7.1, 8.9.2, 8.12.3):
 *
 *   x < a + 1          P = xᵃe⁻ˣ/Γ(a + 1) · Σ xⁿ/((a + 1)…(a + n))
 *   x ≥ a + 1          Q = xᵃe⁻ˣ/Γ(a) · continued fraction, by Lentz's method
 *   a large, x near a  Q = ½ erfc(η√(a/2)) + e^(−aη²/2)/√(2πa) Σ_k c_k(η) a⁻ᵏ,  ½η² = x/a − 1 − log(x/a)  (Temme)
 *
 * xᵃe⁻ˣ/Γ(a) comes from Loader's deviance, since the exponent a log x − x − log Γ(a) loses log₁₀ a digits. Cost: O(√a) terms
 * up to a = `LARGE`, a dozen beyond.
 */
import { erfc } from './erfc.js';
import { deviance, stirlingError } from './gamma.js';

/** From here on Temme's expansion is exact to rounding within `NEAR` of x = a. */
const LARGE = 1e5;
const NEAR = 0.05;

// Taylor coefficients of c_0, c_1, c_2 in η (DLMF 8.12.12–13).
const TEMME = [
  [
    -1 / 3,
    1 / 12,
    -2 / 135,
    1 / 864,
    3.5273368606701942e-4,
    -1.7875514403292182e-4,
    3.9192631785224377e-5,
    -2.18544851067999e-6,
    -1.8540622107151599e-6,
  ],
  [-1 / 540, -1 / 288, 1 / 378, -9.9022633744855965e-4, 2.0576131687242799e-4],
  [0.0041335978835978836, -0.0026813271604938272],
];

/** P(a, x) and Q(a, x). */
export interface IncompleteGamma {
  /** P(a, x) = γ(a, x)/Γ(a). */
  readonly lower: number;
  /** Q(a, x) = 1 − P(a, x). */
  readonly upper: number;
}

/** P and Q for a > 0, x ≥ 0. */
export function incompleteGamma(a: number, x: number): IncompleteGamma {
  if (!(a > 0 && x >= 0)) return { lower: NaN, upper: NaN };
  if (x === 0) return { lower: 0, upper: 1 };
  if (x === Infinity) return { lower: 1, upper: 0 };
  if (a >= LARGE && Math.abs(x - a) < NEAR * a) return uniform(a, x);
  if (x < a + 1) {
    const lower = (gammaFactor(a, x) / a) * series(a, x);
    return { lower, upper: 1 - lower };
  }
  const upper = gammaFactor(a, x) * fraction(a, x);
  return { lower: 1 - upper, upper };
}

/** xᵃe⁻ˣ/Γ(a) = x times the density of a gamma variable of shape a and rate 1. */
export function gammaFactor(a: number, x: number): number {
  return Math.sqrt(a / (2 * Math.PI)) * Math.exp(-deviance(a, x) - stirlingError(a));
}

function series(a: number, x: number): number {
  let term = 1;
  let sum = 1;
  for (let n = 1; term > 1e-17 * sum; n++) sum += term *= x / (a + n);
  return sum;
}

function fraction(a: number, x: number): number {
  const tiny = 1e-300;
  let b = x + 1 - a;
  let c = 1 / tiny;
  let d = 1 / b;
  let f = d;
  for (let n = 1; ; n++) {
    const an = -n * (n - a);
    b += 2;
    d = 1 / nonzero(an * d + b);
    c = nonzero(b + an / c);
    const step = c * d;
    f *= step;
    if (Math.abs(step - 1) < 2e-16) return f;
  }
}

const nonzero = (x: number): number => (Math.abs(x) < 1e-300 ? 1e-300 : x);

function uniform(a: number, x: number): IncompleteGamma {
  const d = deviance(a, x);
  const eta = Math.sign(x - a) * Math.sqrt((2 * d) / a);
  let sum = 0;
  for (let k = TEMME.length - 1; k >= 0; k--) {
    let c = 0;
    for (let i = TEMME[k].length - 1; i >= 0; i--) c = c * eta + TEMME[k][i];
    sum = sum / a + c;
  }
  const rest = (Math.exp(-d) / Math.sqrt(2 * Math.PI * a)) * sum;
  const tail = 0.5 * erfc(Math.sqrt(d));
  return x > a
    ? { lower: 1 - tail - rest, upper: tail + rest }
    : { lower: tail - rest, upper: 1 - tail + rest };
}
