/** Inverses of the Fisher on the policies of `rl`: the direction tests of src/optim use networks made by hand. */
import { describe, expect, it } from 'vitest';
import { Sequence, UniformStream } from '../../src/core/random.js';
import { createSmallEngine } from '../../src/engine/small/index.js';
import { makeLabels, outputs } from '../../src/likelihood/index.js';
import { conjugateGradient } from '../../src/optim/conjugate-gradient.js';
import { fisherForm, klStepSize } from '../../src/optim/kl-step.js';
import { Linearisation } from '../../src/matrix/linearisation.js';
import type { PreconditionerContext, ScoreBatch } from '../../src/optim/preconditioner.js';
import { shermanMorrison } from '../../src/optim/sherman-morrison.js';
import { actorCritic, type ActorCriticOptions } from '../../src/rl/policies/actor-critic.js';
import { divergenceOf } from '../../src/rl/policies/divergence.js';
import { box, discrete } from '../../src/rl/spaces.js';

const N = 24;

async function setUp(options: Partial<ActorCriticOptions>) {
  const { policy: network, likelihood } = actorCritic({
    observationSpace: box([-1, -1, -1], [1, 1, 1]),
    actionSpace: discrete(4),
    hidden: [7, 6],
    dtype: 'float64',
    seed: 5,
    ...options,
  });
  const engine = createSmallEngine();
  const store = engine.store();
  const linear = await Linearisation.compile(engine, network, store, N);
  const rng = new Sequence(8, 'states');
  // Away from the start, where the last layer is almost zero and every policy the same.
  linear.move(Float64Array.from({ length: linear.P }, () => 0.3 * rng.normal()));
  const inputs = new Map([['x', Float64Array.from({ length: N * 3 }, () => rng.normal())]]);
  const h = outputs((await linear.forward(inputs, N)).slice(), N, linear.T);
  const labels = makeLabels(likelihood, N, linear.T, 1);
  const examples = Array.from({ length: N }, (_, i) => i);
  const stream = new UniformStream(2, 'actions');
  likelihood.sample(h, { stream, examples, occurrences: null, from: 0, count: 1 }, labels);
  const residuals = new Float64Array(N * linear.T);
  likelihood.residual(h, labels, residuals);
  const advantages = Float64Array.from({ length: N }, () => rng.normal());
  const cotangents = residuals.map((v, i) => (v * advantages[Math.floor(i / linear.T)]) / N);
  const g = await linear.transposed(cotangents, N);
  const batch: ScoreBatch = { inputs, n: N, h, residuals, advantages, trajectories: null, step: 0 };
  const context: PreconditionerContext = { engine, store, network, likelihood, maxBatch: N, linear, seed: 1 };
  return { context, batch, g, linear, likelihood, h };
}

const torques = box([-1, -2], [1, 2]);

describe.each<[string, Partial<ActorCriticOptions>]>([
  ['categorical', {}],
  ['gaussian, σ of its own', { actionSpace: torques, initialLogSigma: -0.5 }],
  ['gaussian, σ from the network', { actionSpace: torques, sigma: 'network', activation: 'relu' }],
])('%s', (_, options) => {
  it('a step of size √(2ε/q) changes the policy by ε, up to O(√ε)', async () => {
    const { context, batch, g, linear, likelihood, h } = await setUp(options);
    const theta = linear.parameters();
    for (const factory of [shermanMorrison(), conjugateGradient()]) {
      const { direction } = await (await factory(context)).direction(batch, g);
      const q = fisherForm(likelihood, h, await linear.times(direction, N));
      const errors: number[] = [];
      for (const epsilon of [1e-4, 1e-6, 1e-8]) {
        linear.move(direction, klStepSize(epsilon, q));
        const now = outputs((await linear.forward(batch.inputs, N)).slice(), N, linear.T);
        const kl = new Float64Array(N);
        divergenceOf(likelihood).kl(h, now, kl);
        errors.push(Math.abs(kl.reduce((sum, v) => sum + v / N, 0) / epsilon - 1));
        linear.setParameters(theta);
        await linear.forward(batch.inputs, N);
      }
      // A hundredth of ε is a tenth of the error, which is of third order in the step.
      expect(errors[0]).toBeLessThanOrEqual(0.05);
      expect(errors[1]).toBeLessThanOrEqual(0.15 * errors[0]);
      expect(errors[2]).toBeLessThanOrEqual(0.02 * errors[0]);
    }
  });
});
