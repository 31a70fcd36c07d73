import { describe, expect, it } from 'vitest';
import { dampedOuter, relativeError, solveDense } from '../../test/optim/problem.js';
import { Sequence } from '../core/random.js';
import type { FimError } from '../core/errors.js';
import { Moments, seedOf, Z_LIMIT, zScore } from '../stats/index.js';
import { checkDamping, type DampingData, type DampingRule } from './damping.js';
import { chooseDamping } from './damping-rules.js';
import { dot } from '../matrix/vectors.js';

const MOMENTS: DampingRule = { rule: 'moments' };
const LEAVE_ONE_OUT: DampingRule = { rule: 'leave-one-out' };

/** Scores whose directions have sizes from 1 to 2. */
function scoresOf(n: number, P: number, rng: Sequence): Float64Array[] {
  return Array.from({ length: n }, () =>
    Float64Array.from({ length: P }, (_, p) => rng.normal() / (1 + p / P)),
  );
}

const gram = (scores: readonly Float64Array[]): Float64Array =>
  Float64Array.from(scores.flatMap((s) => scores.map((t) => dot(s, t))));

const meanNorm2 = (scores: readonly Float64Array[]): number =>
  scores.reduce((sum, s) => sum + dot(s, s), 0) / scores.length;

/** Â = Sw + ε with Var Sw = R², Var ε = 1 − R². */
function regression(scores: readonly Float64Array[], R2: number, rng: Sequence) {
  const tau = Math.sqrt(R2 / meanNorm2(scores));
  const w = scores[0].map(() => tau * rng.normal());
  const sigma = Math.sqrt(1 - R2);
  return { w, advantages: Float64Array.from(scores, (s) => dot(s, w) + sigma * rng.normal()) };
}

/** |w − ŵ|², ŵ = (SᵀS/N + λ)⁻¹ SᵀÂ/N. */
function loss(scores: readonly Float64Array[], w: Float64Array, y: Float64Array, damping: number): number {
  const n = scores.length;
  const right = w.map((_, p) => scores.reduce((sum, s, e) => sum + (s[p] * y[e]) / n, 0));
  const found = solveDense(dampedOuter(scores, 1 / n, damping), right);
  return found.reduce((sum, v, p) => sum + (v - w[p]) ** 2, 0);
}

const codeOf = (f: () => unknown): string => {
  try {
    f();
  } catch (e) {
    return (e as FimError).code;
  }
  return 'nothing thrown';
};

describe('damping by rule', () => {
  it.each([0.2, 0.5, 0.8])(
    'ridge regression with R² = %d: both rules find λ* = (1 − R²)/R² · tr 𝓘̂/N',
    (R2) => {
      const rng = new Sequence(seedOf(`ridge ${R2}`), 'scores');
      const n = 100;
      const scores = scoresOf(n, 40, rng);
      const K = gram(scores);
      const optimum = (((1 - R2) / R2) * meanNorm2(scores)) / n;
      const losses = { optimum: 0, moments: 0, leaveOneOut: 0, tenth: 0, tenfold: 0 };
      for (let repeat = 0; repeat < 20; repeat++) {
        const { w, advantages } = regression(scores, R2, rng);
        const data: DampingData = { K, n, advantages, trajectories: null };
        const at = (damping: number): number => loss(scores, w, advantages, damping);
        losses.optimum += at(optimum);
        losses.moments += at(chooseDamping(MOMENTS, data).damping);
        losses.leaveOneOut += at(chooseDamping(LEAVE_ONE_OUT, data).damping);
        losses.tenth += at(optimum / 10);
        losses.tenfold += at(optimum * 10);
      }
      // λ ten times off costs up to 2.4 times the least error here, the rules at most a fifth.
      expect(losses.moments / losses.optimum).toBeLessThan(1.2);
      expect(losses.leaveOneOut / losses.optimum).toBeLessThan(1.2);
      expect(Math.max(losses.tenth, losses.tenfold) / losses.optimum).toBeGreaterThan(1.9);
    },
  );

  it('by moments: R² without bias (|z| ≤ 4.5)', () => {
    const rng = new Sequence(seedOf('moments without bias'), 'scores');
    const n = 400;
    const scores = scoresOf(n, 60, rng);
    const K = gram(scores);
    const R2 = 0.4;
    const found = new Moments();
    // Centring and scaling of Â move the mean by O(1/N), a fifth of the standard error here.
    for (let repeat = 0; repeat < 100; repeat++) {
      const { advantages } = regression(scores, R2, rng);
      found.add(chooseDamping(MOMENTS, { K, n, advantages, trajectories: null }).R2 as number);
    }
    expect(Math.abs(zScore(found.mean, R2, found.standardError))).toBeLessThanOrEqual(Z_LIMIT);
  });

  it('by moments: errors that go together within a trajectory are taken for signal unless its pairs are dropped', () => {
    const rng = new Sequence(seedOf('moments by trajectory'), 'scores');
    const length = 10;
    const n = 40 * length;
    const trajectories = Array.from({ length: n }, (_, i) => Math.floor(i / length));
    // Scores of a trajectory share half of their variance, the advantages' errors all of it.
    const common = scoresOf(n / length, 60, rng);
    const scores = scoresOf(n, 60, rng).map((s, i) =>
      s.map((v, p) => Math.SQRT1_2 * (v + common[trajectories[i]][p])),
    );
    const K = gram(scores);
    const R2 = 0.2;
    const [dropped, all] = [new Moments(), new Moments()];
    for (let repeat = 0; repeat < 100; repeat++) {
      const { w } = regression(scores, R2, rng);
      const errors = common.map(() => Math.sqrt(1 - R2) * rng.normal());
      const advantages = Float64Array.from(scores, (s, i) => dot(s, w) + errors[trajectories[i]]);
      dropped.add(chooseDamping(MOMENTS, { K, n, advantages, trajectories }).R2 as number);
      all.add(chooseDamping(MOMENTS, { K, n, advantages, trajectories: null }).R2 as number);
    }
    expect(Math.abs(zScore(dropped.mean, R2, dropped.standardError))).toBeLessThanOrEqual(Z_LIMIT);
    expect(zScore(all.mean, R2, all.standardError)).toBeGreaterThan(Z_LIMIT);
  });

  it('leave-one-out: R² by refitting without each example', () => {
    const rng = new Sequence(seedOf('leave one out'), 'scores');
    const n = 20;
    const scores = scoresOf(n, 6, rng);
    const { advantages } = regression(scores, 0.5, rng);
    const { damping, R2 } = chooseDamping(LEAVE_ONE_OUT, {
      K: gram(scores),
      n,
      advantages,
      trajectories: null,
    });
    const mean = advantages.reduce((sum, v) => sum + v / n, 0);
    const y = advantages.map((v) => v - mean);
    const errorAt = (lambda: number): number => {
      let sum = 0;
      for (let out = 0; out < n; out++) {
        const rest = scores.filter((_, e) => e !== out);
        const right = rest[0].map((_, p) => scores.reduce((t, s, e) => (e === out ? t : t + s[p] * y[e]), 0));
        const w = solveDense(dampedOuter(rest, 1, n * lambda), right);
        sum += (y[out] - dot(scores[out], w)) ** 2;
      }
      return sum;
    };
    expect(Math.abs(1 - errorAt(damping) / dot(y, y) - (R2 as number))).toBeLessThanOrEqual(1e-10);
    for (const factor of [0.5, 0.98, 1.02, 2]) {
      expect(errorAt(damping * factor)).toBeGreaterThan(errorAt(damping));
    }
  });

  it('does not mind the scale of Â or a constant in it, and scales with the Fisher', () => {
    const rng = new Sequence(seedOf('scale of advantages'), 'scores');
    const n = 30;
    const scores = scoresOf(n, 5, rng);
    const K = gram(scores);
    const { advantages } = regression(scores, 0.5, rng);
    for (const rule of [MOMENTS, LEAVE_ONE_OUT]) {
      const of = (K: Float64Array, y: Float64Array): number =>
        chooseDamping(rule, { K, n, advantages: y, trajectories: null }).damping;
      const damping = of(K, advantages);
      expect(
        relativeError(
          [
            of(
              K,
              advantages.map((v) => 7 - 3 * v),
            ),
          ],
          [damping],
        ),
      ).toBeLessThanOrEqual(1e-9);
      expect(
        relativeError(
          [
            of(
              K.map((v) => 5 * v),
              advantages,
            ),
          ],
          [5 * damping],
        ),
      ).toBeLessThanOrEqual(1e-9);
    }
  });

  it('advantages of no signal, of nothing else, and of none: R² at its ends, limits on λ', () => {
    const n = 4;
    const K = Float64Array.from({ length: 16 }, (_, i) => (i % 5 === 0 ? 2 : 1));
    const trajectories = null;
    const still = chooseDamping(MOMENTS, { K, n, advantages: new Float64Array(n).fill(3), trajectories });
    expect(still.R2).toBe(1e-3);
    expect(still.damping).toBeCloseTo((999 * 2) / 4, 10);
    const kept = (rule: DampingRule): number =>
      chooseDamping(rule, { K, n, advantages: new Float64Array(n), trajectories }).damping;
    expect(kept({ ...MOMENTS, max: 10 })).toBe(10);
    expect(kept({ ...MOMENTS, min: 1000 })).toBe(1000);
    expect(chooseDamping(0.3, { K, n, advantages: null, trajectories })).toEqual({ damping: 0.3, R2: null });
  });

  it('refuses what it cannot do, each with one error', () => {
    const n = 2;
    const K = Float64Array.of(1, 0.5, 0.5, 1);
    const advantages = Float64Array.of(1, -1);
    const data: DampingData = { K, n, advantages, trajectories: null };
    const cases: (() => unknown)[] = [
      () => chooseDamping(MOMENTS, { ...data, advantages: null }),
      () => chooseDamping(MOMENTS, { ...data, trajectories: [3, 3] }),
      () => chooseDamping(MOMENTS, { ...data, n: 1 }),
      () => chooseDamping(MOMENTS, { ...data, K: new Float64Array(4) }),
      () => chooseDamping(LEAVE_ONE_OUT, { ...data, K: new Float64Array(4) }),
      () =>
        chooseDamping(LEAVE_ONE_OUT, {
          ...data,
          K: new Float64Array(513 ** 2),
          n: 513,
          advantages: new Float64Array(513),
        }),
      () => checkDamping(0),
      () => checkDamping(NaN),
      () => checkDamping({ rule: 'none' } as unknown as DampingRule),
      () => checkDamping({ rule: 'moments', min: 2, max: 1 }),
    ];
    expect(cases.map(codeOf)).toEqual(cases.map(() => 'optim/damping'));
  });
});
