/**
 * Mean and variance of what an estimate reports about its own error, from the exact moments of one draw at each example. A K-mean at x
 * is f_x + e_x, e_x of variance 𝒱/K, third cumulant κ3/K², fourth cumulant κ4/K³; s_x² is the variance of the K draws with divisor
 * K − 1. With C = 1 − 11ᵀ/n and d = Cf, (n − 1)S² = eᵀCe + 2dᵀe + dᵀd, and Cov(e_x, s_x²) = κ3/K, Cov(e_x², s_x²) = κ4/K².
 */
import type { DrawMoments } from './laws.js';

export interface MeanAndVariance {
  readonly mean: number;
  readonly variance: number;
}

const sumOf = <T>(items: readonly T[], f: (item: T, i: number) => number): number =>
  items.reduce((s, item, i) => s + f(item, i), 0);

/** Of the sampled label² = mean within-example variance/(Kn). */
export function sampledLabelSquare(moments: readonly DrawMoments[], K: number): MeanAndVariance {
  const n = moments.length;
  return {
    mean: sumOf(moments, (m) => m.variance) / K / n ** 2,
    variance: sumOf(moments, (m) => varianceOfVariance(m, K)) / (K * n * n) ** 2,
  };
}

/** Of the sampled standardError² = (1 − φ)S²/n + φ·label² over given examples; K = 1: S²/n. */
export function sampledTotalSquare(moments: readonly DrawMoments[], K: number, phi = 0): MeanAndVariance {
  const n = moments.length;
  const mean = sumOf(moments, (m) => m.mean) / n;
  const d = moments.map((m) => m.mean - mean);
  const v = moments.map((m) => m.variance / K);
  const c = (n - 1) / n;
  const squares = sumOf(v, (vx, x) => {
    const fourth = (moments[x].fourth - 3 * moments[x].variance ** 2) / K ** 3 + 3 * vx ** 2;
    return c * c * (fourth - vx ** 2);
  });
  const pairs = sumOf(v, (vx, x) => sumOf(v, (vy, y) => (x === y ? 0 : (2 * vx * vy) / n ** 2)));
  const linear = sumOf(v, (vx, x) => 4 * d[x] ** 2 * vx);
  const mixed = sumOf(moments, (m, x) => (4 * c * d[x] * m.third) / K ** 2);
  const between: MeanAndVariance = {
    mean: sumOf(v, (vx, x) => c * vx + d[x] ** 2) / (n - 1) / n,
    variance: (squares + pairs + linear + mixed) / ((n - 1) * n) ** 2,
  };
  if (K < 2) return between;
  const label = sampledLabelSquare(moments, K);
  const kappa4 = (m: DrawMoments) => m.fourth - 3 * m.variance ** 2;
  const covariance =
    sumOf(moments, (m, x) => (c * kappa4(m)) / K ** 2 + (2 * d[x] * m.third) / K) / ((n - 1) * n * K * n * n);
  return {
    mean: (1 - phi) * between.mean + phi * label.mean,
    variance:
      (1 - phi) ** 2 * between.variance + phi ** 2 * label.variance + 2 * phi * (1 - phi) * covariance,
  };
}

/** Variance of a sample variance of K draws (divisor K − 1). */
function varianceOfVariance({ variance, fourth }: DrawMoments, K: number): number {
  return (fourth - ((K - 3) / (K - 1)) * variance ** 2) / K;
}

/** Central moments of an estimate, the mean of K draws at each of these examples, given the examples. */
export function estimateMoments(moments: readonly DrawMoments[], K: number): DrawMoments {
  const n = moments.length;
  const variance = sumOf(moments, (m) => m.variance) / K / n ** 2;
  const kappa4 = sumOf(moments, (m) => m.fourth - 3 * m.variance ** 2) / K ** 3 / n ** 4;
  return {
    mean: sumOf(moments, (m) => m.mean) / n,
    variance,
    third: sumOf(moments, (m) => m.third) / K ** 2 / n ** 3,
    fourth: kappa4 + 3 * variance ** 2,
  };
}

/** Mean and variance of the sample variance over R independent values of a law. */
export function spreadOver(R: number, law: DrawMoments): MeanAndVariance {
  return { mean: law.variance, variance: varianceOfVariance(law, R) };
}

/** Moments of a mixture of equally likely laws. */
export function mixedMoments(laws: readonly DrawMoments[]): DrawMoments {
  const mean = sumOf(laws, (l) => l.mean) / laws.length;
  const average = (f: (l: DrawMoments, d: number) => number) =>
    sumOf(laws, (l) => f(l, l.mean - mean)) / laws.length;
  // Equal means differ by rounding.
  if (average((l, d) => l.variance + d ** 2) <= 1e-26 * mean ** 2) {
    return { mean, variance: 0, third: 0, fourth: 0 };
  }
  return {
    mean,
    variance: average((l, d) => l.variance + d ** 2),
    third: average((l, d) => l.third + 3 * d * l.variance + d ** 3),
    fourth: average((l, d) => l.fourth + 4 * d * l.third + 6 * d ** 2 * l.variance + d ** 4),
  };
}

/** A mixture of equally likely cases. */
export function mixture(cases: readonly MeanAndVariance[]): MeanAndVariance {
  const mean = sumOf(cases, (c) => c.mean) / cases.length;
  return {
    mean,
    variance: sumOf(cases, (c) => c.variance + (c.mean - mean) ** 2) / cases.length,
  };
}
