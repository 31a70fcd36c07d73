/** The gradients of A2C and PPO against finite differences of their losses, in float64. */
import { describe, expect, it } from 'vitest';
import { relativeError } from '../../../test/optim/problem.js';
import { divergenceOf } from '../policies/divergence.js';
import type { Segment } from '../rollout/collector.js';
import { a2c, type A2cOptions } from './a2c.js';
import { ppo, type PpoOptions } from './ppo.js';
import { type Bench, bench, FIRST } from './segment.fixture.js';

const RATE = 1e-3;

const A2C: A2cOptions = {
  critic: 'joint',
  learningRate: RATE,
  schedule: 'constant',
  optimiser: 'sgd',
  valueCoefficient: 0.7,
  entropyCoefficient: 0.05,
  maxGradNorm: 0,
  normaliseAdvantages: false,
  criticLearningRate: 0,
  criticEpochs: 0,
  criticMinibatch: 0,
  criticOptimiser: 'sgd',
};

const PPO: PpoOptions = {
  learningRate: RATE,
  schedule: 'constant',
  clip: 0.2,
  clipSchedule: 'constant',
  epochs: 1,
  minibatch: 1000,
  optimiser: 'sgd',
  valueCoefficient: 0.7,
  entropyCoefficient: 0.05,
  maxGradNorm: 0,
  normaliseAdvantages: false,
  targetKl: 0,
};

/** −mean surrogate(log π) − c_H mean H + c_V mean (V − R)². */
async function loss(
  made: Bench,
  segment: Segment,
  surrogate: (logProbability: number, row: number) => number,
  { valueCoefficient, entropyCoefficient }: { valueCoefficient: number; entropyCoefficient: number },
): Promise<number> {
  const { likelihood } = made.model;
  const h = await made.policyOutputs();
  const log = new Float64Array(h.n);
  const H = new Float64Array(h.n);
  likelihood.logProbability(h, segment.actions, log);
  divergenceOf(likelihood).entropy(h, H);
  const V = await made.values();
  let sum = 0;
  for (let i = 0; i < h.n; i++) {
    sum -= surrogate(log[i], i) + entropyCoefficient * H[i];
    sum += valueCoefficient * (V[i] - segment.returns[i]) ** 2;
  }
  return sum / h.n;
}

/** ∇ by central differences at the present parameters. */
async function differences(made: Bench, f: () => Promise<number>): Promise<Float64Array> {
  const theta = made.parameters();
  const found = new Float64Array(theta.length);
  const step = 1e-5;
  for (let p = 0; p < theta.length; p++) {
    const at = async (d: number): Promise<number> => {
      made.setParameters(theta.map((v, i) => (i === p ? v + d : v)));
      return f();
    };
    found[p] = ((await at(step)) - (await at(-step))) / (2 * step);
  }
  made.setParameters(theta);
  return found;
}

/** (θ − θ')/rate, the gradient that was descended. */
const descended = (before: Float64Array, after: Float64Array): Float64Array =>
  before.map((v, i) => (v - after[i]) / RATE);

/** Ratios π/π_old that are not all 1: probabilities as if another policy had acted. */
function offPolicy(segment: Segment, shifts: (row: number) => number): Segment {
  return { ...segment, logProbabilities: segment.logProbabilities.map((v, i) => v - shifts(i)) };
}

describe.each(['discrete', 'box'] as const)('%s actions', (kind) => {
  it.each(['separate', 'shared'] as const)(
    'A2C, %s networks: one step is down the gradient of its loss',
    async (value) => {
      const made = await bench(kind, { value });
      const { segment } = made;
      const expected = await differences(made, () =>
        loss(made, segment, (log, i) => segment.advantages[i] * log, A2C),
      );
      const algorithm = await a2c(made.context, A2C);
      const before = made.parameters();
      const metrics = await algorithm.update(segment, FIRST);
      expect(relativeError(descended(before, made.parameters()), expected)).toBeLessThanOrEqual(1e-8);
      made.setParameters(before);
      const V = await made.values();
      const mse = V.reduce((sum, v, i) => sum + (v - segment.returns[i]) ** 2 / V.length, 0);
      expect(Math.abs(metrics.value_loss / mse - 1)).toBeLessThanOrEqual(1e-12);
    },
  );

  it('A2C, normalised advantages and a clipped norm', async () => {
    const made = await bench(kind);
    const { segment } = made;
    const mean = segment.advantages.reduce((a, b) => a + b, 0) / segment.advantages.length;
    const m2 = segment.advantages.reduce((sum, v) => sum + (v - mean) ** 2, 0);
    const sd = Math.sqrt(m2 / (segment.advantages.length - 1));
    const expected = await differences(made, () =>
      loss(made, segment, (log, i) => ((segment.advantages[i] - mean) / sd) * log, A2C),
    );
    const limit = 0.3;
    const norm = Math.hypot(...expected);
    expect(norm).toBeGreaterThan(limit);
    const algorithm = await a2c(made.context, { ...A2C, normaliseAdvantages: true, maxGradNorm: limit });
    const before = made.parameters();
    await algorithm.update(segment, FIRST);
    const found = descended(before, made.parameters());
    // 1e-6 in the denominator of the clip, 1e-8 in that of the normalisation.
    const scaled = expected.map((v) => (v * limit) / (norm + 1e-6));
    expect(relativeError(found, scaled)).toBeLessThanOrEqual(3e-8);
  });

  it('PPO: one minibatch is a step down the gradient of the clipped loss, off policy', async () => {
    const made = await bench(kind);
    const segment = offPolicy(made.segment, (i) => 0.17 * ((i % 5) - 2));
    const clipped = (log: number, i: number): number => {
      const ratio = Math.exp(log - segment.logProbabilities[i]);
      const A = segment.advantages[i];
      return Math.min(ratio * A, Math.min(Math.max(ratio, 0.8), 1.2) * A);
    };
    const expected = await differences(made, () => loss(made, segment, clipped, PPO));
    const algorithm = await ppo(made.context, PPO);
    const before = made.parameters();
    const metrics = await algorithm.update(segment, FIRST);
    expect(relativeError(descended(before, made.parameters()), expected)).toBeLessThanOrEqual(1e-8);
    // Ratios e^0.34 and e^−0.34 are out, e^±0.17 and 1 in.
    expect(metrics.clip_fraction).toBe(
      segment.advantages.filter((_, i) => i % 5 === 0 || i % 5 === 4).length / 12,
    );
  });

  it.each([
    [0.5, 1, false],
    [-0.5, -1, false],
    [0.5, -1, true],
    [-0.5, 1, true],
  ])('PPO: log ratio %d with advantages of sign %d moves the policy: %s', async (shift, sign, moves) => {
    const made = await bench(kind);
    const outside = offPolicy(made.segment, () => shift);
    const segment = { ...outside, advantages: outside.advantages.map((v) => sign * (0.1 + Math.abs(v))) };
    const algorithm = await ppo(made.context, { ...PPO, entropyCoefficient: 0, valueCoefficient: 0 });
    const before = made.parameters();
    await algorithm.update(segment, FIRST);
    if (moves) expect(made.parameters()).not.toEqual(before);
    else expect(made.parameters()).toEqual(before);
  });

  it('PPO: a target of KL ends the epochs before a step', async () => {
    const made = await bench(kind);
    const segment = offPolicy(made.segment, () => 0.3);
    const algorithm = await ppo(made.context, { ...PPO, epochs: 5, targetKl: 0.01 });
    const before = made.parameters();
    const metrics = await algorithm.update(segment, FIRST);
    expect(made.parameters()).toEqual(before);
    expect(Math.abs(metrics.approx_kl - (Math.exp(0.3) - 1 - 0.3))).toBeLessThanOrEqual(1e-12);
  });
});
