/** ACKTR's two trust regions and its momentum; KFAC itself is proved in optim/kfac. */
import { describe, expect, it } from 'vitest';
import { relativeError } from '../../../test/optim/problem.js';
import { createAlgorithm } from './create.js';
import { type Bench, bench, FIRST } from './segment.fixture.js';
import type { OptionValues, UpdateMetrics } from './types.js';

/** Updates on one segment; the movements of policy and values, and the metrics, of each. */
async function run(kind: 'discrete' | 'box', options: OptionValues, updates = 1) {
  const made = await bench(kind, { T: 20 });
  const algorithm = await createAlgorithm('acktr', made.context, options);
  const steps: { policy: Float64Array; values: Float64Array; metrics: UpdateMetrics }[] = [];
  for (let update = 0; update < updates; update++) {
    const before = { theta: made.linear.parameters(), values: await made.values() };
    const metrics = await algorithm.update(made.segment, { ...FIRST, update });
    const after = { theta: made.linear.parameters(), values: await made.values() };
    steps.push({
      policy: after.theta.map((v, i) => v - before.theta[i]),
      values: after.values.map((v, i) => v - before.values[i]),
      metrics,
    });
  }
  return { made, algorithm, steps };
}

const meanSquare = (v: Float64Array): number => v.reduce((sum, x) => sum + x * x, 0) / v.length;
const FREE = { learningRate: 1e9 } as const;

describe.each(['discrete', 'box'] as const)('%s actions', (kind) => {
  it('policy and critic move by what was asked, to second order', async () => {
    // What is left out is of order √ε relative to ε: a hundredth of ε, a tenth of the error.
    const errors = await Promise.all(
      [1e-6, 1e-8].map(async (epsilon) => {
        const { steps } = await run(kind, {
          ...FREE,
          targetKl: epsilon,
          criticTargetKl: epsilon,
          criticSteps: 1,
        });
        const [{ metrics, values }] = steps;
        expect(metrics.kl_asked).toBe(epsilon);
        // KL of unit Gaussians: half the mean square of what the values move by.
        return [Math.abs(metrics.kl_ratio - 1), Math.abs(0.5 * meanSquare(values)) / epsilon - 1];
      }),
    );
    for (const part of [0, 1]) {
      expect(Math.abs(errors[0][part])).toBeLessThan(0.02);
      expect(Math.abs(errors[1][part])).toBeLessThan(0.002);
    }
  });

  it('fits the critic in several steps to one segment', async () => {
    const options = { ...FREE, criticTargetKl: 1e-4 };
    const [one, three] = await Promise.all(
      [1, 3].map(async (criticSteps) => (await run(kind, { ...options, criticSteps })).steps[0]),
    );
    expect(three.policy).toEqual(one.policy);
    const moved = [one, three].map(({ values }) => Math.sqrt(meanSquare(values)));
    // Three steps of one length, nearly in one direction: the return is far away.
    expect(moved[1] / moved[0]).toBeGreaterThan(2.5);
    expect(moved[1] / moved[0]).toBeLessThan(3.001);
  });

  it('never goes farther than the learning rate, and asks for what is then left', async () => {
    const free = await run(kind, FREE);
    const alpha = free.steps[0].metrics.learning_rate;
    const short = await run(kind, { learningRate: alpha / 10 });
    const { metrics, policy } = short.steps[0];
    expect(metrics.learning_rate).toBe(alpha / 10);
    expect(Math.abs(metrics.kl_asked / (1e-3 / 100) - 1)).toBeLessThan(1e-12);
    const tenth = free.steps[0].policy.map((v) => v / 10);
    expect(relativeError(policy, tenth)).toBeLessThanOrEqual(1e-9);
    expect(Math.abs(metrics.kl_ratio - 1)).toBeLessThan(0.02);
  });

  it('momentum: u ← μu + αd, a step of (1 − μ)u, for policy and critic', async () => {
    const mu = 0.75;
    // Steps so short that the second direction is the first.
    const tiny = { learningRate: 1e-9, decay: 0, columns: 'exact', criticSteps: 1 } as const;
    const plain = (await run(kind, tiny)).steps[0];
    const { steps } = await run(kind, { ...tiny, momentum: mu }, 3);
    for (const [k, { policy, values, metrics }] of steps.entries()) {
      const share = 1 - mu ** (k + 1);
      expect(
        relativeError(
          policy,
          plain.policy.map((v) => share * v),
        ),
      ).toBeLessThanOrEqual(1e-6);
      expect(
        relativeError(
          values,
          plain.values.map((v) => share * v),
        ),
      ).toBeLessThanOrEqual(1e-6);
      expect(metrics).not.toHaveProperty('kl_ratio');
      expect(Math.abs(metrics.step_norm / (share * plain.metrics.step_norm) - 1)).toBeLessThanOrEqual(1e-6);
    }
  });
});

describe('its state', () => {
  it.each([0, 0.9])('goes on bit for bit, momentum %d', async (momentum) => {
    const options = { momentum, interval: 2 };
    const whole = await run('box', options, 3);
    const half = await run('box', options, 2);
    const resumed: Bench = await bench('box', { T: 20 });
    const algorithm = await createAlgorithm('acktr', resumed.context, options);
    resumed.setParameters(half.made.parameters());
    algorithm.load(structuredClone(half.algorithm.save()));
    await algorithm.update(resumed.segment, { update: 2, progress: 0 });
    expect(resumed.parameters()).toEqual(whole.made.parameters());
    expect(algorithm.save()).toEqual(whole.algorithm.save());
    expect('velocity' in algorithm.save()).toBe(momentum > 0);
  });
});
