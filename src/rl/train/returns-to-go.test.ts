/** Training without a value network: returns to go are advantages for reinforce, and nobody else's. */
import { describe, expect, it } from 'vitest';
import { Sequence } from '../../core/random.js';
import { tensor } from '../../core/tensor.js';
import { evaluate as evaluateGraph } from '../../engine/oracle/evaluate.js';
import type { Network } from '../../model/network.js';
import { bench } from '../algorithms/segment.fixture.js';
import { createAlgorithm } from '../algorithms/create.js';
import type { AlgorithmName } from '../algorithms/types.js';
import { actorCritic } from '../policies/actor-critic.js';
import { presetFor } from '../presets/index.js';
import { Collector } from '../rollout/collector.js';
import { makeVector } from '../vector/make.js';
import { Training } from './training.js';

/** log π of categorical rows at h. */
function logProbability(network: Network, weights: Map<string, Float64Array>, x: Float64Array, a: number[]) {
  const bind = new Map(
    [...network.parameters].map(([name, value]) => [
      value,
      tensor('float64', value.shape as number[], weights.get(name) as Float64Array),
    ]),
  );
  const [[, input]] = network.inputs;
  const size = input.shape[1] as number;
  const n = x.length / size;
  bind.set(input, tensor('float64', [n, size], x));
  const [{ data }] = evaluateGraph([network.h], bind, n);
  const T = data.length / n;
  return a.map((action, r) => {
    const row = [...data.subarray(r * T, (r + 1) * T)];
    const top = Math.max(...row);
    return row[action] - top - Math.log(row.reduce((sum, v) => sum + Math.exp(v - top), 0));
  });
}

describe('returns to go', () => {
  it('are sums of discounted rewards up to the end of the episode or of the segment', async () => {
    const environments = await makeVector('CartPole-v1', { n: 3, options: { maxSteps: 11 } });
    const { observationSpace, actionSpace } = environments;
    const model = actorCritic({
      observationSpace,
      actionSpace,
      hidden: [4],
      value: 'none',
      dtype: 'float64',
    });
    const collector = new Collector({ environments, model, steps: 25, discount: 0.9, lambda: 0.3, seed: 4 });
    const { T, n, rewards, terminated, truncated, advantages, returns } = collector.collect();
    let ends = 0;
    for (let i = 0; i < n; i++)
      for (let t = 0; t < T; t++) {
        let sum = 0;
        for (let k = t; k < T; k++) {
          const at = k * n + i;
          sum += 0.9 ** (k - t) * rewards[at];
          if (!terminated[at] && !truncated[at]) continue;
          ends++;
          break;
        }
        expect(advantages[t * n + i]).toBeCloseTo(sum, 12);
        expect(returns[t * n + i]).toBe(advantages[t * n + i]);
      }
    expect(ends).toBeGreaterThan(0);
    environments.close();
  });

  it('weigh scores in the step of reinforce: its gradient is that of Σ Â log π by finite differences', async () => {
    const b = await bench('discrete', { value: 'none' });
    const { segment, context, model } = b;
    const random = new Sequence(5, 'advantages');
    for (let i = 0; i < segment.advantages.length; i++) segment.advantages[i] = 10 * random.normal();
    const rate = 1e-3;
    const options = {
      optimiser: 'sgd',
      learningRate: rate,
      schedule: 'constant',
      normaliseAdvantages: false,
    };
    const algorithm = await createAlgorithm('reinforce', context, options);
    const rows = segment.T * segment.n;
    const actions = [...segment.actions.data.subarray(0, rows)];
    const names = [...model.policy.parameters.keys()];
    const take = () =>
      new Map(names.map((name) => [name, Float64Array.from(context.store.view(name) as Float64Array)]));
    const before = take();
    const metrics = await algorithm.update(segment, { update: 0, progress: 0 });
    const after = take();
    expect(Math.abs(metrics.policy_loss)).toBeGreaterThan(0);
    expect(metrics).not.toHaveProperty('explained_variance');
    const x = Float64Array.from(segment.features);
    const surrogate = (weights: Map<string, Float64Array>) =>
      logProbability(model.policy, weights, x, actions).reduce(
        (s, v, r) => s + segment.advantages[r] * v,
        0,
      ) / rows;
    let moved = 0;
    for (const name of names) {
      const at = before.get(name) as Float64Array;
      for (let k = 0; k < at.length; k += 3) {
        const shifted = (by: number) => {
          const copy = new Map(before);
          const values = at.slice();
          values[k] += by;
          copy.set(name, values);
          return surrogate(copy);
        };
        const e = 1e-5;
        const slope = (shifted(e) - shifted(-e)) / (2 * e);
        const step = ((after.get(name) as Float64Array)[k] - at[k]) / rate;
        expect(Math.abs(step - slope)).toBeLessThan(1e-7 * (1 + Math.abs(slope)));
        moved = Math.max(moved, Math.abs(step));
      }
    }
    expect(moved).toBeGreaterThan(0.01);
    algorithm.dispose();
  });

  it('teach a policy, and lambda has no say in them', async () => {
    const { settings } = presetFor('reinforce', 'CartPole-v1');
    const options = { ...settings.options, learningRate: 1e-2 };
    const asked = {
      ...settings,
      environment: 'CartPole-v1',
      algorithm: 'reinforce',
      seed: 0,
      options,
    } as const;
    const run = { ...asked, value: 'none', steps: 30_720, horizon: 64, hidden: [16] } as const;
    const training = await Training.create(run);
    const first = await training.update(true);
    expect(first.kl).toBeGreaterThan(0);
    expect(first.step_norm).toBeGreaterThan(0);
    const early = training.recent.figure.mean as number;
    while (!training.done) await training.update();
    expect(training.recent.figure.mean).toBeGreaterThan(1.5 * early);
    training.close();
    await expect(Training.create({ ...run, lambda: 0.9 })).rejects.toThrow(/lambda.*is 1/);
  });

  it.each(['a2c', 'ppo', 'trpo', 'npg', 'acktr', 'diagonal', 'smac', 'woodbury'] as const)(
    'are refused by %s, with the reason',
    async (algorithm: AlgorithmName) => {
      const { settings } = presetFor(algorithm, 'CartPole-v1');
      const asked = { ...settings, environment: 'CartPole-v1', algorithm, seed: 0, steps: 100 } as const;
      const error = await Training.create({ ...asked, value: 'none' }).catch((e: unknown) => e);
      expect(error).toMatchObject({ code: 'rl/shared-value', kind: 'usage' });
    },
  );
});
