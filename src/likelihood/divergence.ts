/**
 * @module likelihood/divergence
 *
 * The divergence KL(p_h ‖ p_h′) of a likelihood at two outputs of a row, in closed form and in float64, without loss of digits where h′ is
 * near h:
 *
 *   gaussian       Σ (h′ − h)²/2σ²
 *   gaussian-mv    Σ log σ′/σ + (σ² + (μ − μ′)²)/2σ′² − ½
 *   categorical    log(1 + Σ p (eᵈ − 1 − d)),  d = (h′ − h) − Σ p (h′ − h)
 *   the others     F(h′) − F(h) − η(h)·(h′ − h), h the natural parameter
 *
 * Positions are rows of their own, and add up.
 */
import { FimError } from '../core/errors.js';
import type { FloatArray } from '../core/tensor.js';
import { pairHeads } from './pair-heads.js';
import type { Likelihood, Outputs } from './types.js';

/** KL(p_before ‖ p_now) of each row → [n]. Throws `likelihood/divergence` for coordinates without a formula, `likelihood/domain`. */
export function divergence(likelihood: Likelihood, before: Outputs, now: Outputs, out: FloatArray): void {
  const { repeated, name } = likelihood;
  if (repeated) overPositions(repeated, before, now, out);
  else if (name === 'categorical') categorical(before, now, out);
  else if (name === 'gaussian') gaussian([likelihood.options.variance].flat(), before, now, out);
  else if (name === 'gaussian-mv') pairs(likelihood.coordinates, before, now, out);
  else if (likelihood.coordinates === 'canonical') bregman(likelihood, before, now, out);
  else
    throw new FimError({
      code: 'likelihood/divergence',
      kind: 'unsupported',
      where: `likelihood ${name}, ${likelihood.coordinates}`,
      rule: 'a divergence in closed form is known of the natural parameter',
    });
}

function overPositions(
  { base, positions }: NonNullable<Likelihood['repeated']>,
  before: Outputs,
  now: Outputs,
  out: FloatArray,
): void {
  const rows = ({ data, n, T }: Outputs): Outputs => ({ data, n: n * positions, T: T / positions });
  const each = new Float64Array(before.n * positions);
  divergence(base, rows(before), rows(now), each);
  for (let i = 0; i < before.n; i++) {
    let sum = 0;
    for (let s = 0; s < positions; s++) sum += each[i * positions + s];
    out[i] = sum;
  }
}

function categorical(before: Outputs, now: Outputs, out: FloatArray): void {
  const { n, T } = before;
  const p = new Float64Array(T);
  for (let i = 0; i < n; i++) {
    const from = i * T;
    let largest = -Infinity;
    for (let a = 0; a < T; a++) largest = Math.max(largest, before.data[from + a]);
    let all = 0;
    for (let a = 0; a < T; a++) all += p[a] = Math.exp(before.data[from + a] - largest);
    let mean = 0;
    for (let a = 0; a < T; a++) mean += (p[a] /= all) * (now.data[from + a] - before.data[from + a]);
    let sum = 0;
    for (let a = 0; a < T; a++) sum += p[a] * secondOrder(now.data[from + a] - before.data[from + a] - mean);
    out[i] = Math.log1p(sum);
  }
}

/** eᵈ − 1 − d ≥ 0; its series where the difference would cancel. */
function secondOrder(d: number): number {
  if (Math.abs(d) > 0.05) return Math.expm1(d) - d;
  let [term, sum] = [(d * d) / 2, 0];
  for (let k = 3; k < 12; k++) {
    sum += term;
    term *= d / k;
  }
  return sum;
}

function gaussian(
  variance: readonly (number | undefined)[],
  before: Outputs,
  now: Outputs,
  out: FloatArray,
): void {
  const { n, T } = before;
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let a = 0; a < T; a++) {
      const v = variance[variance.length === 1 ? 0 : a] as number;
      sum += (now.data[i * T + a] - before.data[i * T + a]) ** 2 / (2 * v);
    }
    out[i] = sum;
  }
}

function pairs(coordinates: string, before: Outputs, now: Outputs, out: FloatArray): void {
  const head = pairHeads.find(({ name }) => name === coordinates) as (typeof pairHeads)[number];
  const { n, T } = before;
  const m = T / 2;
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let a = i * T; a < i * T + m; a++) {
      const [p, r, q, s] = [before.data[a], before.data[a + m], now.data[a], now.data[a + m]];
      const d = head.logSd(p, r) - head.logSd(q, s);
      const shift = (head.mean(p, r) - head.mean(q, s)) * Math.exp(-head.logSd(q, s));
      sum += 0.5 * secondOrder(2 * d) + 0.5 * shift * shift;
    }
    out[i] = sum;
  }
}

function bregman(likelihood: Likelihood, before: Outputs, now: Outputs, out: FloatArray): void {
  const { n, T } = before;
  const [F, G, mean] = [new Float64Array(n), new Float64Array(n), new Float64Array(n * T)];
  likelihood.logPartition(before, F);
  likelihood.logPartition(now, G);
  likelihood.mean(before, mean);
  for (let i = 0; i < n; i++) {
    let sum = G[i] - F[i];
    for (let at = i * T; at < (i + 1) * T; at++) sum -= mean[at] * (now.data[at] - before.data[at]);
    out[i] = sum;
  }
}
