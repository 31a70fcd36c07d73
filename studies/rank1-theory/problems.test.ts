import { describe, expect, it } from 'vitest';
import { Sequence } from 'fim/core';
import { dot } from 'fim/optim';
import { matrices, optimalGain, solveLinearQuadratic } from 'fim/rl';
import { Moments, Z_LIMIT, seedOf, zScore } from 'fim/stats';
import { armName, descend, directionOf } from './descent.js';
import { measureIdentities } from './identities.js';
import { drawBatch, type ExactPoint, type TheoryProblem } from './problem.js';
import { topOf } from './rank.js';
import { DOUBLE, oneStepRegulator, regulatorStudy } from './regulators.js';
import { bandit, frozenLakeProblem, randomMdp } from './tables.js';

const { solved } = matrices;

const PROBLEMS: readonly TheoryProblem[] = [
  randomMdp(1),
  frozenLakeProblem(),
  bandit([0.7, 0.1, 0.1, 0.1], 'bandit', 'bandit'),
  regulatorStudy(),
  oneStepRegulator([1, 0.1, 0.1, 0.1], 'one-step', 'one step'),
];

/** A point away from the start. */
function somewhere(problem: TheoryProblem): ExactPoint {
  const random = new Sequence(seedOf(problem.name), 'theta');
  const point = problem.at(problem.start.map((v) => v + 0.2 * random.normal()));
  if (point === null) throw new Error('unstable');
  return point;
}

describe.each(PROBLEMS)('$name', (problem) => {
  const P = problem.parameters;

  it('has the gradient of its value', () => {
    const h = 1e-5;
    const point = problem.at(problem.start) as ExactPoint;
    for (let i = 0; i < P; i += Math.max(1, Math.floor(P / 7))) {
      const value = (by: number) =>
        (problem.at(problem.start.map((v, j) => v + (i === j ? by : 0))) as ExactPoint).value;
      expect(point.gradient[i]).toBeCloseTo((value(h) - value(-h)) / (2 * h), 8);
    }
  });

  it('solves with its damped Fisher as the dense inverse does', () => {
    const point = somewhere(problem);
    const F = point.fisher();
    const rows = Array.from({ length: P }, (_, i) =>
      Array.from(F.subarray(i * P, (i + 1) * P), (f, j) => f + (i === j ? 0.03 : 0)),
    );
    const g = Float64Array.from({ length: P }, (_, i) => Math.sin(i + 1));
    const dense = solved(
      rows,
      Array.from(g, (v) => [v]),
    );
    point.solve(g, 0.03).forEach((v, i) => expect(v).toBeCloseTo(dense[i][0], 10));
  });

  it('draws pairs whose gradient is unbiased and whose scores have the Fisher', () => {
    const point = somewhere(problem);
    const random = new Sequence(seedOf(`pairs of ${problem.name}`), 'pairs');
    const direction = Float64Array.from({ length: P }, (_, i) => Math.cos(3 * i));
    const slope = new Moments();
    const square = new Moments();
    const F = point.fisher();
    const score = new Float64Array(P);
    for (let n = 0; n < 20_000; n++) {
      score.fill(0);
      const pair = point.draw(random, score, 0);
      const along = dot(score, direction);
      slope.add(pair.advantage * along);
      if (!pair.blank) square.add(along ** 2);
    }
    let quadratic = 0;
    for (let i = 0; i < P; i++)
      for (let j = 0; j < P; j++) quadratic += direction[i] * F[i * P + j] * direction[j];
    const z1 = zScore(slope.mean, dot(point.gradient, direction), slope.standardError);
    const z2 = zScore(square.mean, quadratic, square.standardError);
    expect(Math.abs(z1)).toBeLessThanOrEqual(Z_LIMIT);
    expect(Math.abs(z2)).toBeLessThanOrEqual(Z_LIMIT);
  });

  it('climbs with the exact gradient, and never above the best', () => {
    const step = problem.name === 'frozen-lake' ? 30 : problem.name === 'one-step' ? 0.05 : 0.1;
    const arm = { method: 'pg', step, damping: 1, batch: null, halfLife: null } as const;
    const { gap } = descend(problem, arm, 0, [0, 20, 40]);
    expect(gap[1]).toBeLessThan(gap[0]);
    expect(gap[2]).toBeLessThan(gap[1]);
    expect(gap[2]).toBeGreaterThan(0);
  });
});

it('has for the regulator the numbers of the sums over time', () => {
  const { system, sigma, discount } = DOUBLE;
  const K = optimalGain(system, discount).map((row) => row.map((k) => k + 0.3));
  const point = regulatorStudy().at(Float64Array.from(K.flat())) as ExactPoint;
  const sums = solveLinearQuadratic(system, K, sigma, { discount });
  expect(point.value).toBeCloseTo((1 - discount) * sums.J, 12);
  sums.gradient.flat().forEach((g, i) => expect(point.gradient[i]).toBeCloseTo((1 - discount) * g, 12));
  sums.fisher.flat().forEach((f, i) => expect(point.fisher()[i]).toBeCloseTo(f, 10));
});

it('says that an unstable loop has no return', () => {
  expect(regulatorStudy().at(Float64Array.of(20, 20))).toBeNull();
  const arm = { method: 'pg', step: 1e4, damping: 1, batch: 4, halfLife: null } as const;
  const run = descend(regulatorStudy(), arm, 0, [0, 64]);
  expect(run.diverged).toBeGreaterThan(0);
  expect(run.gap).toHaveLength(1);
});

it('has effective rank 1/max weight for bandits, and the top direction of a known matrix', () => {
  const problem = bandit([0.7, 0.1, 0.1, 0.1], 'b', 'b');
  const F = (problem.at(problem.start) as ExactPoint).fisher();
  expect(topOf(F, 8).value).toBeCloseTo(0.35, 12);
  const top = topOf(Float64Array.of(2, 1, 1, 2), 2);
  expect(top.value).toBeCloseTo(3, 10);
  expect(Math.abs(top.vector[0] * top.vector[1])).toBeCloseTo(0.5, 6);
});

describe('directions', () => {
  const problem = randomMdp(2);
  const point = somewhere(problem);
  const P = problem.parameters;
  const random = () => new Sequence(7, 'direction');

  it('of one coupled pair is A q/(λ + |q|²)', () => {
    const batch = drawBatch(point, P, 1, random());
    const { direction } = directionOf({ method: 'smac', damping: 0.3 }, point, batch, P, random());
    const q = batch.scores;
    direction.forEach((d, i) => expect(d).toBeCloseTo((batch.advantages[0] * q[i]) / (0.3 + dot(q, q)), 14));
  });

  it('tends to the control at rate 1/λ', () => {
    const batch = drawBatch(point, P, 8, random());
    const gap = (damping: number) => {
      const [smac, control] = (['smac', 'control'] as const).map(
        (method) => directionOf({ method, damping }, point, batch, P, random()).direction,
      );
      const off = smac.map((v, i) => v - control[i]);
      return Math.sqrt(dot(off, off) / dot(control, control));
    };
    expect(gap(1e3) / gap(1e4)).toBeGreaterThan(9.9);
    expect(gap(1e3) / gap(1e4)).toBeLessThan(10);
  });
});

it('measures identities that draws agree with', () => {
  const problem = bandit([0.5, 0.2, 0.2, 0.1], 'b', 'b');
  const record = measureIdentities(somewhere(problem), {
    problem,
    updates: 0,
    damping: 0.1,
    draws: 20_000,
    seed: seedOf('identities'),
    coupled: 4,
  });
  expect(Math.abs(record.removedZ ?? NaN)).toBeLessThanOrEqual(Z_LIMIT);
  expect(record.coupled?.worstZ).toBeLessThanOrEqual(Z_LIMIT);
  expect(record.removedExact).toBeGreaterThan(record.removed);
});

it('counts an independent score as a sample, and repeats itself exactly', () => {
  const arm = { method: 'smac-independent', step: 0.1, damping: 0.1, batch: 4, halfLife: 8 } as const;
  const run = descend(randomMdp(0), arm, 3, [0, 50]);
  expect(run.samples).toEqual([0, 50]);
  expect(descend(randomMdp(0), arm, 3, [0, 50])).toEqual(run);
  expect(armName(arm)).toBe('smac-independent N4 step0.1 damping0.1 decreasing');
});
