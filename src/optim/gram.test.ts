import { describe, expect, it } from 'vitest';
import { makeProblem, type Problem, type ProblemOptions, relativeError } from '../../test/optim/problem.js';
import { Sequence } from '../core/random.js';
import { tensor } from '../core/tensor.js';
import { createSmallEngine } from '../engine/small/index.js';
import { input, N, ops as b } from '../graph/index.js';
import type { Network } from '../model/network.js';
import { type GramLimits, ScoreGram } from './gram.js';
import { Linearisation } from '../matrix/linearisation.js';
import { dot } from '../matrix/vectors.js';

/** SSᵀ. */
const dense = (scores: readonly Float64Array[]): Float64Array =>
  Float64Array.from(scores.flatMap((s) => scores.map((t) => dot(s, t))));

async function gramOf({ context, batch }: Problem, limits: GramLimits = {}): Promise<Float64Array> {
  const { engine, network, store, maxBatch } = context;
  const gram = await ScoreGram.compile(engine, network, store, maxBatch, limits);
  const K = await gram.of(batch.inputs, batch.residuals, batch.n);
  gram.dispose();
  return K;
}

describe('ScoreGram', () => {
  it.each<[string, ProblemOptions]>([
    ['categorical', { family: 'categorical' }],
    ['gaussian-mv, with log σ beside the means', { family: 'gaussian-mv' }],
    ['one example', { n: 1 }],
    ['fewer than the tile', { n: 5, maxBatch: 9 }],
    ['several tiles and a short one', { n: 531, hidden: [4], inputs: 2, actions: 2 }],
  ])('%s: SSᵀ', async (_, options) => {
    const problem = await makeProblem(options);
    expect(relativeError(await gramOf(problem), dense(problem.scores))).toBeLessThanOrEqual(1e-13);
  });

  it.each<GramLimits>([{ rows: 4 }, { rows: 4, kept: 0 }, { tile: 60, kept: 0 }, { tile: 1 }])(
    'whatever is held at once: %o',
    async (limits) => {
      const problem = await makeProblem({ family: 'gaussian-mv', n: 11 });
      expect(relativeError(await gramOf(problem, limits), dense(problem.scores))).toBeLessThanOrEqual(1e-13);
    },
  );

  it('in float32 to float32', async () => {
    const problem = await makeProblem({ n: 40, hidden: [64, 64], inputs: 4, dtype: 'float32' });
    const K = await gramOf(problem);
    expect(relativeError(K, dense(problem.scores))).toBeLessThanOrEqual(1e-6);
  });

  it('shared and masked weights, a scale, and a product without bias: SSᵀ', async () => {
    const rng = new Sequence(3, 'shared');
    const shapes = { shared: [4, 4], mask: [4, 4], scale: [4], out: [2, 4] };
    const values = Object.fromEntries(Object.entries(shapes).map(([k, s]) => [k, input(k, 'float64', s)]));
    const x = input('x', 'float64', [N, 4]);
    const once = b.tanh(b.matmul(x, values.shared));
    const twice = b.tanh(b.matmul(once, b.mul(values.shared, values.mask)));
    const h = b.matmul(b.mul(twice, values.scale), b.transpose(values.out, [1, 0]));
    const network: Network = {
      inputs: new Map([['x', x]]),
      h,
      parameters: new Map(Object.entries(values)),
      fixed: new Map(),
      weights: new Map(
        Object.entries(shapes).map(([k, s]) => {
          const data = Array.from({ length: s.reduce((p, d) => p * d) }, () => rng.normal());
          return [k, tensor('float64', s, data)];
        }),
      ),
    };
    const n = 6;
    const engine = createSmallEngine();
    const store = engine.store();
    const linear = await Linearisation.compile(engine, network, store, n);
    const inputs = new Map([['x', Float64Array.from({ length: n * 4 }, () => rng.normal())]]);
    const delta = Float64Array.from({ length: n * 2 }, () => rng.normal());
    await linear.forward(inputs, n);
    const scores: Float64Array[] = [];
    for (let e = 0; e < n; e++) {
      scores.push(
        await linear.transposed(
          delta.map((v, i) => (Math.floor(i / 2) === e ? v : 0)),
          n,
        ),
      );
    }
    const gram = await ScoreGram.compile(engine, network, store, n);
    expect(relativeError(await gram.of(inputs, delta, n), dense(scores))).toBeLessThanOrEqual(1e-13);
  });
});
