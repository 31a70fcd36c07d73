import { describe, expect, it } from 'vitest';
import { createSmallEngine } from '../../engine/small/index.js';
import { symmetricEigen } from '../../linalg/index.js';
import { outputs } from '../../likelihood/index.js';
import { Linearisation } from '../../matrix/linearisation.js';
import { ALGORITHMS } from '../algorithms/types.js';
import { actorCritic } from '../policies/actor-critic.js';
import { presetFor } from '../presets/index.js';
import { Collector } from '../rollout/collector.js';
import { makeVector } from '../vector/make.js';
import { clusteredMean, FisherProbe } from './fisher-probe.js';
import type { TrainSettings } from './settings.js';
import { Training } from './training.js';

describe('the mean over trajectories', () => {
  it('has the error of the mean of cluster sums', () => {
    // Two examples a cluster, equal in it: as if there were half as many.
    const { mean, standardError } = clusteredMean([1, 1, 4, 4, 7, 7], [0, 0, 1, 1, 2, 2]);
    expect(mean).toBeCloseTo(4, 14);
    expect(standardError).toBeCloseTo(Math.sqrt(9 / 3), 14);
    expect(clusteredMean([1, 2], [5, 5]).standardError).toBeNaN();
  });
});

describe('the probe', () => {
  it('finds trace and top direction of the empirical Fisher of the segment', async () => {
    const environments = await makeVector('Pendulum-v1', { n: 3 });
    const { observationSpace, actionSpace } = environments;
    const model = actorCritic({ observationSpace, actionSpace, hidden: [4], seed: 2, dtype: 'float64' });
    const engine = createSmallEngine();
    const store = engine.store();
    const collector = new Collector({ environments, model, steps: 8, seed: 1, engine, store });
    const segment = collector.collect();
    const context = { model, engine, store, rows: 24, seed: 0 };
    const probe = await FisherProbe.compile(context);
    const idle = {
      name: 'ppo' as const,
      update: async () => ({}),
      save: () => ({}),
      load: () => {},
      dispose: () => {},
    };
    const seen = await probe.look(segment, idle, { update: 0, progress: 0 });

    const linear = await Linearisation.compile(engine, model.policy, store, 24);
    await linear.forward(new Map([['x', segment.features]]), 24);
    const delta = new Float64Array(24 * 2);
    model.likelihood.residual(outputs(segment.h, 24, 2), segment.actions, delta);
    const scores: Float64Array[] = [];
    for (let e = 0; e < 24; e++) {
      const u = new Float64Array(48);
      u.set(delta.subarray(e * 2, e * 2 + 2), e * 2);
      scores.push(await linear.transposed(u, 24));
    }
    const gram = new Float64Array(24 * 24);
    scores.forEach((s, i) =>
      scores.forEach((t, j) => (gram[i * 24 + j] = s.reduce((m, v, p) => m + v * t[p], 0) / 24)),
    );
    const { values } = symmetricEigen(gram, 24);
    const trace = values.reduce((a, b) => a + b, 0);
    expect(Math.abs(seen.fisher_trace / trace - 1)).toBeLessThan(1e-12);
    expect(Math.abs(seen.effective_rank / (trace / values[23]) - 1)).toBeLessThan(1e-3);
    expect(seen.fisher_trace_se).toBeGreaterThan(0);
    probe.dispose();
    environments.close();
  });

  it('leaves the run as it is, and says of the exact solve that it is natural', async () => {
    const settings = (changes: Partial<TrainSettings>): TrainSettings => {
      const { settings: preset } = presetFor('npg', 'CartPole-v1');
      return {
        ...preset,
        environment: 'CartPole-v1',
        algorithm: 'npg',
        steps: 4000,
        seed: 1,
        horizon: 100,
        hidden: [8],
        ...changes,
        options: { ...preset.options, cgIterations: 200, damping: 1e-3 },
      };
    };
    const plain = await Training.create(settings({}));
    const probed = await Training.create(settings({ trackFisher: 1 }));
    for (let i = 0; i < 3; i++) {
      const [a, b] = [await plain.update(), await probed.update()];
      expect(b.step_norm).toBe(a.step_norm);
      expect(b.cosine_natural).toBeGreaterThan(0.9);
      expect(b.top_share).toBeGreaterThan(0.95);
    }
    plain.close();
    probed.close();
  });

  it('changes nothing where it is first made in a run that goes on', async () => {
    const { settings: preset } = presetFor('a2c', 'CartPole-v1');
    const asked = { ...preset, environment: 'CartPole-v1', steps: 400, seed: 1, hidden: [6] };
    const make = (): Promise<Training> => Training.create({ ...asked, algorithm: 'a2c', trackFisher: 3 });
    const straight = await make();
    for (let i = 0; i < 2; i++) await straight.update();
    const state = structuredClone(straight.save());
    const resumed = await make();
    resumed.load(state);
    for (let i = 0; i < 3; i++) {
      const [a, b] = [await straight.update(), await resumed.update()];
      expect(b).toEqual(a);
    }
    expect(resumed.save().arrays).toEqual(straight.save().arrays);
    straight.close();
    resumed.close();
  });

  it('looks at every algorithm', async () => {
    for (const algorithm of ALGORITHMS) {
      const { settings: preset } = presetFor(algorithm, 'CartPole-v1');
      const t = await Training.create({
        ...preset,
        environment: 'CartPole-v1',
        algorithm,
        steps: 200,
        seed: 1,
        environments: 4,
        horizon: 20,
        hidden: [6],
        trackFisher: 1,
      });
      const metrics = await t.update();
      expect(metrics.fisher_trace).toBeGreaterThan(0);
      expect(Math.abs(metrics.cosine_natural)).toBeLessThanOrEqual(1);
      t.close();
    }
  });
});
