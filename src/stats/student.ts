/**
 * @module stats/student
 *
 * Student's t: tail probability through the incomplete beta function and the quantile by a bracketed Newton iteration on
 * its logarithm. P(T > t) = ½ I_x(ν/2, ½), x = ν/(ν + t²) (Abramowitz and Stegun 26.7.1); I_x by its continued fraction
 * (DLMF 8.17.22) with the modified Lentz algorithm. From ν = 2000 up, where that fraction loses digits, the quantile's
 * expansion in 1/ν about the normal one (Abramowitz and Stegun 26.7.5). For a handful of repeats (seeds); the intervals of an `Estimate` use z.
 */
import { logGamma } from './gamma.js';
import { normalQuantile } from './normal.js';

/** I_x(a, ½) with y = 1 − x given apart, so that neither is lost to rounding. */
function incompleteBeta(x: number, y: number, a: number): number {
  if (x <= 0) return 0;
  if (y <= 0) return 1;
  const logX = x < 0.5 ? Math.log(x) : Math.log1p(-y);
  const front = Math.exp(logGamma(a + 0.5) - logGamma(a) + a * logX) * Math.sqrt(y / Math.PI);
  // The fraction converges fast below the mean; above it the symmetric form is used.
  if (x < (a + 1) / (a + 2.5)) return (front * betaFraction(x, a, 0.5)) / a;
  return 1 - (front * betaFraction(y, 0.5, a)) / 0.5;
}

function betaFraction(x: number, a: number, b: number): number {
  const tiny = 1e-300;
  let c = 1;
  let d = 1 - ((a + b) * x) / (a + 1);
  d = 1 / (Math.abs(d) < tiny ? tiny : d);
  let value = d;
  for (let m = 1; m <= 10000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    let step = 1;
    for (const k of [even, odd]) {
      d = 1 + k * d;
      c = 1 + k / c;
      d = 1 / (Math.abs(d) < tiny ? tiny : d);
      if (Math.abs(c) < tiny) c = tiny;
      step = c * d;
      value *= step;
    }
    if (Math.abs(step - 1) < 1e-16) break;
  }
  return value;
}

/** P(T > t) for t ≥ 0 with ν > 0 degrees of freedom, to about 1e-15·max(ν, 10) of its own size. */
export function studentTail(t: number, nu: number): number {
  const r = (t * t) / nu;
  return 0.5 * incompleteBeta(1 / (1 + r), r / (1 + r), nu / 2);
}

/** The p-quantile of Student's t with ν > 0 degrees of freedom, to about 1e-13 of its own size; NaN outside 0 < p < 1. */
export function studentQuantile(p: number, nu: number): number {
  if (!(p > 0 && p < 1 && nu > 0)) return p === 0 ? -Infinity : p === 1 ? Infinity : NaN;
  if (p === 0.5) return 0;
  if (nu >= 2000) return nearNormal(normalQuantile(p), nu);
  const tail = Math.min(p, 1 - p);
  const logDensityAtZero = logGamma((nu + 1) / 2) - logGamma(nu / 2) - 0.5 * Math.log(nu * Math.PI);
  let low = 0;
  let high = -normalQuantile(tail) + 1;
  while (studentTail(high, nu) > tail) [low, high] = [high, 2 * high];
  let t = 0.5 * (low + high);
  for (let i = 0; i < 200; i++) {
    const q = studentTail(t, nu);
    if (q > tail) low = t;
    else high = t;
    const density = Math.exp(logDensityAtZero - 0.5 * (nu + 1) * Math.log1p((t * t) / nu));
    let next = t + (q * Math.log(q / tail)) / density;
    if (!(next > low && next < high)) next = 0.5 * (low + high);
    const moved = Math.abs(next - t);
    t = next;
    if (moved <= 1e-15 * t) break;
  }
  return p < 0.5 ? -t : t;
}

function nearNormal(z: number, nu: number): number {
  const s = z * z;
  const g1 = (s + 1) / 4;
  const g2 = ((5 * s + 16) * s + 3) / 96;
  const g3 = (((3 * s + 19) * s + 17) * s - 15) / 384;
  const g4 = ((((79 * s + 776) * s + 1482) * s - 1920) * s - 945) / 92160;
  return z + (z * (g1 + (g2 + (g3 + g4 / nu) / nu) / nu)) / nu;
}
