/** KFAC and the diagonal on the policies of `rl`: which parameters go together, and steps of a given divergence. */
import { describe, expect, it } from 'vitest';
import { Sequence, UniformStream } from '../../src/core/random.js';
import { createSmallEngine } from '../../src/engine/small/index.js';
import { makeLabels, outputs } from '../../src/likelihood/index.js';
import { diagonalInverse } from '../../src/optim/diagonal-inverse.js';
import { kfac } from '../../src/optim/kfac.js';
import { kfacBlocks } from '../../src/optim/kfac-graph.js';
import { fisherForm, klStepSize } from '../../src/optim/kl-step.js';
import { Linearisation } from '../../src/matrix/linearisation.js';
import { actorCritic, type ActorCriticOptions } from '../../src/rl/policies/actor-critic.js';
import { divergenceOf } from '../../src/rl/policies/divergence.js';
import { box, discrete } from '../../src/rl/spaces.js';

const torques = box([-1, -2], [1, 2]);
const CASES: [string, Partial<ActorCriticOptions>, string[]][] = [
  ['categorical', {}, ['policy/fc1', 'policy/fc2', 'policy/out']],
  [
    'gaussian, σ of its own',
    { actionSpace: torques },
    ['policy/fc1', 'policy/fc2', 'policy/out.weight', 'policy/out.bias'],
  ],
  [
    'gaussian, σ from the network',
    { actionSpace: torques, sigma: 'network' },
    ['policy/fc1', 'policy/fc2', 'policy/out'],
  ],
];

function model(options: Partial<ActorCriticOptions>) {
  return actorCritic({
    observationSpace: box([-1, -1, -1], [1, 1, 1]),
    actionSpace: discrete(4),
    hidden: [16, 16],
    dtype: 'float64',
    seed: 5,
    ...options,
  });
}

describe.each(CASES)('%s', (_, options, layers) => {
  it('weights go with their biases; (means, log σ) by itself, whole', () => {
    const { policy } = model(options);
    const found = kfacBlocks(policy).map((block) => {
      if (block.kind !== 'kronecker')
        return `${block.block.name}${block.kind === 'dense' ? '' : ' by diagonal'}`;
      return block.bias ? block.weight.name.replace('.weight', '') : block.weight.name;
    });
    expect(found).toEqual(layers);
  });

  it.each([
    ['kfac', kfac({ damping: 1e-2 })],
    ['diagonal', diagonalInverse({ damping: 1e-2 })],
  ])('%s, λ = 0.01: a step for a divergence of 0.01 has it to a fifth', async (_name, factory) => {
    const n = 256;
    const { policy: network, likelihood } = model(options);
    const engine = createSmallEngine();
    const store = engine.store();
    const linear = await Linearisation.compile(engine, network, store, n);
    const rng = new Sequence(8, 'states');
    const inputs = new Map([['x', Float64Array.from({ length: n * 3 }, () => rng.normal())]]);
    const h = outputs((await linear.forward(inputs, n)).slice(), n, linear.T);
    const labels = makeLabels(likelihood, n, linear.T, 1);
    const examples = Array.from({ length: n }, (_, i) => i);
    const stream = new UniformStream(2, 'actions');
    likelihood.sample(h, { stream, examples, occurrences: null, from: 0, count: 1 }, labels);
    const residuals = new Float64Array(n * linear.T);
    likelihood.residual(h, labels, residuals);
    const advantages = Float64Array.from({ length: n }, () => rng.normal());
    const g = await linear.transposed(
      residuals.map((v, i) => (v * advantages[Math.floor(i / linear.T)]) / n),
      n,
    );
    const context = { engine, store, network, likelihood, maxBatch: n, linear, seed: 1 };
    const batch = { inputs, n, h, residuals, advantages, trajectories: null, step: 0 };
    const { direction } = await (await factory(context)).direction(batch, g);
    const q = fisherForm(likelihood, h, await linear.times(direction, n));
    linear.move(direction, klStepSize(0.01, q));
    const kl = new Float64Array(n);
    const now = outputs((await linear.forward(inputs, n)).slice(), n, linear.T);
    divergenceOf(likelihood).kl(h, now, kl);
    const mean = kl.reduce((sum, v) => sum + v / n, 0);
    expect(Math.abs(mean / 0.01 - 1)).toBeLessThanOrEqual(0.2);
    // Uphill.
    expect(direction.reduce((sum, v, i) => sum + v * g[i], 0)).toBeGreaterThan(0);
  });
});
