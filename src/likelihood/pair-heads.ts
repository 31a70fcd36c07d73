/**
 * @module likelihood/pair-heads
 *
 * Coordinates in which a network may give the mean μ and the standard deviation σ of a Gaussian, as pairs (p, r). With
 * y = μ + σz and the orthonormal e_1 = z, e_2 = (z² − 1)/√2, the residual in coordinates φ is δ = L (e_1, e_2) for a lower
 * triangular L = ((ll, 0), (lr, rr)), and I(φ) = LLᵀ:
 *
 *   natural (μ/σ², −1/2σ²)    ll = σ,      lr = 2μσ,   rr = √2 σ²     δ = (y, y²) − E(y, y²)
 *   (μ, s) with σ = σ(s)      ll = 1/σ,    lr = 0,     rr = √2 σ′/σ   δ = ∂ log p/∂φ
 *
 * Exact Fisher, type 1 and Rademacher estimates are the same in all of them, but the natural ones lose digits where σ is small
 * against μ (5 % in float32 at σ = 0.002), so a head keeps its own; type 2, which is not invariant, first puts `toNatural` into
 * the graph (theory (1.11)).
 */
import { sigmoid, softplus } from '../core/numeric.js';
import type { Value } from '../graph/index.js';
import { ops as b } from '../graph/index.js';
import type { PairInGraph } from './graph/pairs.js';

export interface PairHead {
  readonly name: string;
  readonly meaning: string;
  mean(p: number, r: number): number;
  /** log σ. */
  logSd(p: number, r: number): number;
  /** (ll, lr, rr), into out. */
  factor(p: number, r: number, out: Float64Array): void;
  /** Whether r is allowed: null where all of them are. */
  readonly domain: { readonly sign: 1 | -1; readonly rule: string } | null;
  /** Factor and law in the graph. */
  inGraph(p: Value, r: Value): PairInGraph;
  /** log σ in the graph; null for the natural coordinates. */
  readonly logSdOf: ((r: Value) => Value) | null;
}

/** A head (μ, s) in the graph. */
interface ScaleInGraph {
  logSd(s: Value): Value;
  /** 1/σ. */
  precision(s: Value): Value;
  /** (log σ)′. */
  slope(s: Value): Value;
}

/** (μ, s) with log σ = f(s), f′ = slope(s). */
function meanAnd(
  name: string,
  meaning: string,
  logSd: (s: number) => number,
  slope: (s: number) => number,
  inGraph: ScaleInGraph,
  domain: PairHead['domain'] = null,
): PairHead {
  return {
    name,
    meaning,
    mean: (p) => p,
    logSd: (_, s) => logSd(s),
    factor(_, s, out) {
      out[0] = Math.exp(-logSd(s));
      out[1] = 0;
      out[2] = Math.SQRT2 * slope(s);
    },
    domain,
    inGraph(p, s) {
      const precision = inGraph.precision(s);
      return { ll: precision, lr: null, rr: b.scale(inGraph.slope(s), Math.SQRT2), mean: p, precision };
    },
    logSdOf: (s) => inGraph.logSd(s),
  };
}

/** A constant in the shape of s. */
const all = (value: number, s: Value): Value => b.expandLike(b.scalar(value, s.dtype), s);

const positive = (what: string): PairHead['domain'] => ({ sign: 1, rule: `a ${what} is above 0` });

/** σ′/σ for σ = softplus(s), → 1 at −∞ where both underflow. */
const softplusSlope = (s: number): number => (s < -700 ? 1 : sigmoid(s) / softplus(s));
const logSoftplus = (s: number): number => (s < -40 ? s : Math.log(softplus(s)));

export const pairHeads: readonly PairHead[] = [
  meanAnd(
    'log-sd',
    'outputs = means, then logarithms of standard deviations',
    (s) => s,
    () => 1,
    { logSd: (s) => s, precision: (s) => b.exp(b.neg(s)), slope: (s) => all(1, s) },
  ),
  meanAnd(
    'log-variance',
    'outputs = means, then logarithms of variances',
    (s) => s / 2,
    () => 0.5,
    { logSd: (s) => b.scale(s, 0.5), precision: (s) => b.exp(b.scale(s, -0.5)), slope: (s) => all(0.5, s) },
  ),
  meanAnd(
    'softplus',
    'outputs = means, then s with standard deviation softplus(s)',
    logSoftplus,
    softplusSlope,
    {
      logSd: (s) => b.log(b.softplus(s)),
      precision: (s) => b.reciprocal(b.softplus(s)),
      slope: (s) => b.div(b.sigmoid(s), b.softplus(s)),
    },
  ),
  meanAnd(
    'sd',
    'outputs = means, then standard deviations',
    (s) => Math.log(s),
    (s) => 1 / s,
    { logSd: b.log, precision: b.reciprocal, slope: b.reciprocal },
    positive('standard deviation'),
  ),
  meanAnd(
    'variance',
    'outputs = means, then variances',
    (s) => Math.log(s) / 2,
    (s) => 0.5 / s,
    {
      logSd: (s) => b.scale(b.log(s), 0.5),
      precision: (s) => b.reciprocal(b.sqrt(s)),
      slope: (s) => b.scale(b.reciprocal(s), 0.5),
    },
    positive('variance'),
  ),
  {
    name: 'canonical',
    meaning: 'outputs = μ/σ², then −1/2σ²',
    mean: (p, r) => -p / (2 * r),
    logSd: (_, r) => -0.5 * Math.log(-2 * r),
    factor(p, r, out) {
      const variance = -1 / (2 * r);
      const sd = Math.sqrt(variance);
      out[0] = sd;
      out[1] = 2 * p * variance * sd;
      out[2] = Math.SQRT2 * variance;
    },
    inGraph(p, r) {
      const precision = b.sqrt(b.scale(r, -2));
      const sd = b.reciprocal(precision);
      const variance = b.square(sd);
      const mean = b.mul(p, variance);
      const rr = b.scale(variance, Math.SQRT2);
      return { ll: sd, lr: b.scale(b.mul(mean, sd), 2), rr, mean, precision };
    },
    domain: { sign: -1, rule: '−1/2σ² is below 0' },
    logSdOf: null,
  },
];

/** [N, 2m] of a head → natural parameters [N, 2m]: μ/σ², then −1/2σ². */
export function toNatural(head: PairHead, z: Value): Value {
  const T = z.shape[1] as number;
  const m = T / 2;
  if (!head.logSdOf) return z;
  const precision = b.exp(b.scale(head.logSdOf(b.slice(z, 1, m, T)), -2));
  return b.concat([b.mul(b.slice(z, 1, 0, m), precision), b.scale(precision, -0.5)], 1);
}
