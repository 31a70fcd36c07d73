import { describe, expect, it } from 'vitest';
import type { FloatArray } from '../../core/tensor.js';
import { ALGORITHMS } from '../algorithms/types.js';
import { presetFor } from '../presets/index.js';
import { policyProgram } from '../policies/play.js';
import { evaluate } from './evaluate.js';
import type { TrainSettings } from './settings.js';
import { Training } from './training.js';

const settings = (
  algorithm: TrainSettings['algorithm'],
  environment: string,
  changes: Partial<TrainSettings> = {},
): TrainSettings => ({
  ...presetFor(algorithm, environment).settings,
  environment,
  algorithm,
  steps: 2000,
  seed: 3,
  environments: 4,
  horizon: 20,
  hidden: [8],
  normaliseObservations: true,
  normaliseRewards: true,
  ...changes,
});

const parameters = (t: Training): number[] =>
  t.store.names().flatMap((name) => [...(t.store.view(name) as FloatArray)]);

describe('a training', () => {
  for (const algorithm of ALGORITHMS) {
    it(`goes on bit for bit from what it saved: ${algorithm}`, async () => {
      const asked = settings(algorithm, 'Acrobot-v1');
      const whole = await Training.create(asked);
      for (let i = 0; i < 6; i++) await whole.update();
      const half = await Training.create(asked);
      for (let i = 0; i < 3; i++) await half.update();
      const state = half.save();
      half.close();
      const resumed = await Training.create(asked);
      resumed.load(state);
      for (let i = 0; i < 3; i++) await resumed.update();
      expect(parameters(resumed)).toEqual(parameters(whole));
      expect(resumed.collector.save()).toEqual(whole.collector.save());
      expect(resumed.recent.save()).toEqual(whole.recent.save());
      whole.close();
      resumed.close();
    });
  }

  it('moves the parameters, and differently for another seed', async () => {
    const runs: number[][] = [];
    for (const seed of [1, 2]) {
      const t = await Training.create(settings('a2c', 'CartPole-v1', { seed }));
      const before = parameters(t);
      await t.update();
      const after = parameters(t);
      expect(after).not.toEqual(before);
      expect(after.every(Number.isFinite)).toBe(true);
      runs.push(after);
      t.close();
    }
    expect(runs[0]).not.toEqual(runs[1]);
  });

  it('counts whole segments', async () => {
    const t = await Training.create(settings('a2c', 'CartPole-v1', { steps: 100 }));
    while (!t.done) await t.update();
    expect(t.steps).toBe(160);
    expect(t.recent.episodes).toBeGreaterThan(0);
    t.close();
  });

  it('names a divergence and keeps nothing of it', async () => {
    const t = await Training.create(
      settings('a2c', 'Pendulum-v1', {
        options: {
          ...presetFor('a2c', 'Pendulum-v1').settings.options,
          learningRate: 1e30,
          optimiser: 'sgd',
        },
      }),
    );
    await expect(
      (async () => {
        for (let i = 0; i < 10; i++) {
          await t.update();
          t.requireFinite();
        }
      })(),
    ).rejects.toThrow(/a2c on Pendulum-v1, seed 3, after \d+ steps/);
    t.close();
  });
});

describe('the exported policy', () => {
  for (const environment of ['Pendulum-v1', 'FrozenLake-v1', 'Acrobot-v1']) {
    it(`acts on raw observations as the trained one on normalised: ${environment}`, async () => {
      const t = await Training.create(settings('ppo', environment));
      for (let i = 0; i < 3; i++) await t.update();
      const network = t.policy();
      const { observationSpace, actionSpace } = t.environments;
      const program = policyProgram(network, { observationSpace, actionSpace }, 1);
      // The actor's own view of the environments' present observations.
      const { actor } = t.collector;
      actor.run(t.environments.n);
      const h = Float64Array.from(actor.h);
      const width = actor.T;
      const size = actor.features.length / t.environments.n;
      const raw = new Float64Array(size);
      for (let i = 0; i < t.environments.n; i++) {
        if (observationSpace.kind === 'discrete') {
          raw.fill(0);
          raw[t.environments.observations[i]] = 1;
        } else raw.set(t.environments.observations.subarray(i * size, (i + 1) * size));
        const action = program.act(raw, 1);
        const row = h.subarray(i * width, (i + 1) * width);
        if (actionSpace.kind === 'discrete') expect(action[0]).toBe(row.indexOf(Math.max(...row)));
        else expect(Math.abs(action[0] - Math.min(Math.max(row[0], -2), 2))).toBeLessThan(1e-5);
      }
      program.dispose();
      t.close();
    });
  }

  it('is evaluated on starts of its own, the same each time', async () => {
    const t = await Training.create(settings('a2c', 'CartPole-v1'));
    const first = await evaluate(t.policy(), 'CartPole-v1', { seed: 1, episodes: 5 });
    const again = await evaluate(t.policy(), 'CartPole-v1', { seed: 1, episodes: 5 });
    const other = await evaluate(t.policy(), 'CartPole-v1', { seed: 2, episodes: 5 });
    expect(first.returns).toEqual(again.returns);
    expect(first.returns).not.toEqual(other.returns);
    expect(first.episodes).toBe(5);
    t.close();
  });

  it('ends where a policy walks against a wall for ever', async () => {
    const t = await Training.create(settings('ppo', 'CliffWalking-v1'));
    const network = t.policy();
    const left = network.weights.get('policy/out.bias');
    const weights = new Map(network.weights);
    if (left) weights.set('policy/out.bias', { ...left, data: Float32Array.of(0, 0, 0, 1000) });
    const result = await evaluate({ ...network, weights }, 'CliffWalking-v1', { episodes: 1 });
    expect(result.lengths).toEqual([10_000]);
    t.close();
  });

  it('logs the length of the policy step and its divergence, for every algorithm', async () => {
    for (const algorithm of ALGORITHMS) {
      const t = await Training.create(settings(algorithm, 'CartPole-v1'));
      const metrics = await t.update(true);
      expect(metrics.step_norm).toBeGreaterThan(0);
      expect(metrics.kl).toBeGreaterThan(0);
      t.close();
    }
  });
});
