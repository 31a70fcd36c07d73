import { describe, expect, it } from 'vitest';
import { Sequence } from '../../core/random.js';
import { createSmallEngine } from '../../engine/index.js';
import { actorCritic, type ActorCriticOptions } from '../policies/actor-critic.js';
import { makeVector } from '../vector/make.js';
import { Actor } from './actor.js';
import { generalisedAdvantages, type SegmentValues } from './advantages.js';
import { Collector, type CollectorOptions, type Segment } from './collector.js';
import { ObservationNormaliser, RewardNormaliser } from './normalise.js';

async function collector(
  id: string,
  options: Partial<CollectorOptions> & { workers?: number; maxSteps?: number; model?: undefined } = {},
  network: Partial<ActorCriticOptions> = {},
) {
  const { workers = 1, maxSteps = 13, ...rest } = options;
  const environments = await makeVector(id, { n: 4, workers, options: { maxSteps } });
  const { observationSpace, actionSpace } = environments;
  const model = actorCritic({ observationSpace, actionSpace, hidden: [16], ...network });
  const made = new Collector({ environments, steps: 10, seed: 3, ...rest, model });
  return { made, environments, model };
}

const copyOf = (s: Segment) => structuredClone({ ...s, actions: s.actions.data });

describe('advantages', () => {
  /** The definition, term by term: A_t = Σ_k (γλ)^k δ_{t+k} up to the end of the episode. */
  function byDefinition(s: SegmentValues, discount: number, lambda: number, t: number, i: number): number {
    let sum = 0;
    for (let k = 0; t + k < s.T; k++) {
      const at = (t + k) * s.n + i;
      const following = t + k === s.T - 1 ? s.lastValues[i] : s.values[at + s.n];
      const next = s.terminated[at] ? 0 : s.truncated[at] ? s.finalValues[at] : following;
      sum += (discount * lambda) ** k * (s.rewards[at] + discount * next - s.values[at]);
      if (s.terminated[at] || s.truncated[at]) break;
    }
    return sum;
  }

  it.each([
    [0.99, 0.95],
    [0.9, 0],
    [1, 1],
  ])('are their definition, γ %d, λ %d', (discount, lambda) => {
    const random = new Sequence(1, 'segment');
    const [T, n] = [20, 3];
    const normals = (k: number) => Float64Array.from({ length: k }, () => random.normal());
    const flags = () => Uint8Array.from({ length: T * n }, () => Number(random.next() < 0.15));
    const s: SegmentValues = {
      T,
      n,
      rewards: normals(T * n),
      values: normals(T * n),
      finalValues: normals(T * n),
      lastValues: normals(n),
      terminated: flags(),
      truncated: flags(),
    };
    const [advantages, returns] = [new Float64Array(T * n), new Float64Array(T * n)];
    generalisedAdvantages(s, discount, lambda, advantages, returns);
    for (let t = 0; t < T; t++) {
      for (let i = 0; i < n; i++) {
        const at = t * n + i;
        expect(Math.abs(advantages[at] - byDefinition(s, discount, lambda, t, i))).toBeLessThanOrEqual(1e-12);
        expect(returns[at]).toBe(advantages[at] + s.values[at]);
      }
    }
  });

  it('a cut episode is worth what a longer one is: with exact values every advantage of a constant reward is 0', () => {
    const [T, discount] = [6, 0.9];
    const v = 1 / (1 - discount);
    const s: SegmentValues = {
      T,
      n: 1,
      rewards: new Float64Array(T).fill(1),
      values: new Float64Array(T).fill(v),
      finalValues: new Float64Array(T).fill(v),
      lastValues: Float64Array.of(v),
      terminated: new Uint8Array(T),
      truncated: Uint8Array.from([0, 0, 1, 0, 0, 0]),
    };
    const [advantages, returns] = [new Float64Array(T), new Float64Array(T)];
    generalisedAdvantages(s, discount, 0.95, advantages, returns);
    for (const a of advantages) expect(Math.abs(a)).toBeLessThanOrEqual(1e-14);
  });
});

describe('normalisers', () => {
  it('observations: mean and variance of all that was seen, clipped, and back from their state', () => {
    const random = new Sequence(2, 'observations');
    const all = Float64Array.from({ length: 300 }, (_, i) => (i % 3) * 100 + (1 + (i % 3)) * random.normal());
    const norm = new ObservationNormaliser(3);
    for (let r = 0; r < 100; r += 20) norm.learn(all.subarray(3 * r), 20);
    const out = new Float64Array(300);
    norm.apply(all, 100, out);
    for (let k = 0; k < 3; k++) {
      const column = Array.from({ length: 100 }, (_, r) => all[3 * r + k]);
      const mean = column.reduce((a, b) => a + b) / 100;
      const variance = column.reduce((a, b) => a + (b - mean) ** 2, 0) / 100;
      column.forEach((x, r) => {
        const expected = (x - mean) / Math.sqrt(variance + 1e-8);
        expect(Math.abs(out[3 * r + k] - expected)).toBeLessThanOrEqual(1e-12);
      });
    }
    norm.apply([1e9, -1e9, NaN], 1, out);
    expect([...out.slice(0, 3)]).toEqual([10, -10, NaN]);
    const other = new ObservationNormaliser(3);
    other.load(norm.save());
    const again = new Float64Array(300);
    norm.apply(all, 100, out);
    other.apply(all, 100, again);
    expect(again).toEqual(out);
  });

  it('rewards: by the deviation of the running return, which starts anew after an end', () => {
    const norm = new RewardNormaliser(1, 0.5);
    const out = new Float64Array(4);
    const rewards = [1, 2, 3, 4];
    rewards.forEach((r, t) => norm.apply([r], () => t === 1, true, out, t));
    // Returns 1, 2.5, (end) 3, 5.5: population variance of the first k at step k.
    const returns = [1, 2.5, 3, 5.5];
    rewards.forEach((r, t) => {
      const seen = returns.slice(0, t + 1);
      const mean = seen.reduce((a, b) => a + b) / seen.length;
      const variance = seen.reduce((a, b) => a + (b - mean) ** 2, 0) / seen.length;
      expect(Math.abs(out[t] - Math.min(10, r / Math.sqrt(variance + 1e-8)))).toBeLessThanOrEqual(1e-12);
    });
    const state = norm.save();
    norm.apply([7], () => false, false, out, 0);
    expect(norm.save()).toEqual(state);
  });
});

describe('collection', () => {
  it('keeps what was drawn, scores it, and steps with the clipped action', async () => {
    const { made, model } = await collector('Pendulum-v1', {}, { initialLogSigma: 1.5, dtype: 'float64' });
    const s = made.collect();
    expect(Math.max(...s.actions.data.map(Math.abs))).toBeGreaterThan(2);
    // The same actions, clipped by hand, lead the same environments the same way.
    const twin = await makeVector('Pendulum-v1', { n: 4, options: { maxSteps: 13 } });
    twin.reset({ seed: 3 });
    for (let t = 0; t < 10; t++) {
      expect([...s.features.slice(12 * t, 12 * t + 12)]).toEqual([...twin.observations]);
      twin.step(s.actions.data.slice(4 * t, 4 * t + 4).map((a) => Math.max(-2, Math.min(2, a))));
      expect([...s.rewards.slice(4 * t, 4 * t + 4)]).toEqual([...twin.rewards]);
    }
    const logp = new Float64Array(40);
    model.likelihood.logProbability({ data: s.h, n: 40, T: 2 }, s.actions, logp);
    expect(s.logProbabilities).toEqual(logp);
  });

  it('bootstraps from the final observation where an episode was cut, and only there', async () => {
    const { made, model } = await collector('Pendulum-v1', { steps: 30, normaliseObservations: false });
    const s = made.collect();
    const twin = await makeVector('Pendulum-v1', { n: 4, options: { maxSteps: 13 } });
    twin.reset({ seed: 3 });
    const engine = createSmallEngine();
    const critic = new Actor(model, engine, engine.store(), 4);
    let cuts = 0;
    for (let t = 0; t < 30; t++) {
      twin.step(s.actions.data.slice(4 * t, 4 * t + 4).map((a) => Math.max(-2, Math.min(2, a))));
      expect([...s.truncated.slice(4 * t, 4 * t + 4)]).toEqual([...twin.truncated]);
      if (!twin.truncated[0]) continue;
      cuts++;
      critic.features.set(twin.finalObservations);
      critic.run(4);
      expect([...s.finalValues.slice(4 * t, 4 * t + 4)]).toEqual([...critic.values]);
    }
    expect(cuts).toBe(2);
    critic.features.set(twin.observations);
    critic.run(4);
    expect([...s.lastValues]).toEqual([...critic.values]);
    expect(s.episodes.length).toBe(8);
    expect(s.episodes.every((e) => e.truncated && e.length === 13)).toBe(true);
  });

  it('tells the episodes that ended: raw rewards, also across segments', async () => {
    const { made } = await collector('CartPole-v1', { maxSteps: 500, normaliseRewards: true });
    const all = Array.from({ length: 20 }, () => structuredClone(made.collect().episodes)).flat();
    expect(all.length).toBeGreaterThan(10);
    for (const e of all) expect(e.return).toBe(e.length);
    expect(all.some((e) => e.length > 10)).toBe(true);
  });

  it('saves and goes on exactly: 2N segments are N, save, load, N', async () => {
    for (const id of ['Pendulum-v1', 'CartPole-v1', 'FrozenLake-v1']) {
      const how = { normaliseObservations: id !== 'FrozenLake-v1', normaliseRewards: true };
      const first = await collector(id, how);
      for (let k = 0; k < 3; k++) first.made.collect();
      const bytes = first.made.save();
      const straight = [1, 2, 3].map(() => copyOf(first.made.collect()));
      const second = await collector(id, { ...how, seed: 3 });
      second.made.collect();
      second.made.load(bytes);
      expect([1, 2, 3].map(() => copyOf(second.made.collect()))).toEqual(straight);
    }
  });

  it('gives the same segments for any number of workers', async () => {
    const segments = [];
    for (const workers of [1, 2]) {
      const { made, environments } = await collector('CartPole-v1', { workers, normaliseObservations: true });
      made.collect();
      segments.push(copyOf(made.collect()));
      environments.close();
    }
    expect(segments[1]).toEqual(segments[0]);
  });

  it('reads new parameters from the store at once', async () => {
    const { made } = await collector('Pendulum-v1');
    made.collect();
    const bias = made.store.view('policy/out.bias') as Float32Array;
    bias[1] = -3;
    const s = made.collect();
    for (let r = 0; r < 40; r++) expect(s.h[2 * r + 1]).toBe(-3);
  });
});
