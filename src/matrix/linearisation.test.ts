import { describe, expect, it } from 'vitest';
import { makeProblem, type Problem, relativeError } from '../../test/optim/problem.js';
import { Sequence } from '../core/random.js';
import { tensor } from '../core/tensor.js';
import { createSmallEngine } from '../engine/small/index.js';
import { input } from '../graph/index.js';
import { outputs } from '../likelihood/index.js';
import { denseNetwork } from '../model/dense.js';
import { blocksOf } from './layout.js';
import { Linearisation } from './linearisation.js';
import { dot } from './vectors.js';

const normals = (length: number, seed: number): Float64Array => {
  const rng = new Sequence(seed, 'directions');
  return Float64Array.from({ length }, () => rng.normal());
};

/** d/dα f(θ + αv) at 0 by central differences of fourth order; θ is put back. */
async function along(
  { linear, batch }: Problem,
  v: Float64Array,
  f: (h: Float64Array) => Float64Array,
): Promise<Float64Array> {
  const theta = linear.parameters();
  const step = 5e-4;
  const at = async (k: number): Promise<Float64Array> => {
    linear.setParameters(theta);
    linear.move(v, k * step);
    return f((await linear.forward(batch.inputs, batch.n)).slice() as Float64Array);
  };
  const [a, b, c, d] = [await at(-2), await at(-1), await at(1), await at(2)];
  linear.setParameters(theta);
  await linear.forward(batch.inputs, batch.n);
  return a.map((_, i) => (a[i] - 8 * b[i] + 8 * c[i] - d[i]) / (12 * step));
}

describe.each(['categorical', 'gaussian-mv'] as const)('Linearisation, %s', (family) => {
  it('J v is the derivative of h along v', async () => {
    const problem = await makeProblem({ family });
    for (const seed of [1, 2]) {
      const v = normals(problem.linear.P, seed);
      const difference = await along(problem, v, (h) => h);
      const Jv = await problem.linear.times(v, problem.batch.n);
      expect(relativeError(Jv, difference)).toBeLessThanOrEqual(1e-9);
    }
  });

  it('Jᵀδ is the score: s_n·v is the derivative of log p(a_n|x_n) along v, example by example', async () => {
    const problem = await makeProblem({ family });
    const { context, batch, labels, linear, scores } = problem;
    const v = normals(linear.P, 3);
    const difference = await along(problem, v, (h) => {
      const out = new Float64Array(batch.n);
      context.likelihood.logProbability(outputs(h, batch.n, linear.T), labels, out);
      return out;
    });
    const products = scores.map((s) => dot(s, v));
    expect(relativeError(products, difference)).toBeLessThanOrEqual(1e-9);
  });

  it('the two products are adjoint, and sums over examples', async () => {
    const { linear, batch, scores } = await makeProblem({ family });
    const v = normals(linear.P, 4);
    const u = normals(batch.n * linear.T, 5);
    const Jv = (await linear.times(v, batch.n)).slice();
    const Ju = await linear.transposed(u, batch.n);
    expect(Math.abs(dot(u, Jv) / dot(Ju, v) - 1)).toBeLessThanOrEqual(1e-12);
    const all = await linear.transposed(batch.residuals, batch.n);
    const sum = all.map((_, p) => scores.reduce((total, s) => total + s[p], 0));
    expect(relativeError(all, sum)).toBeLessThanOrEqual(1e-13);
  });

  it('fewer examples than it was made for: the products of those', async () => {
    const { linear, batch, scores } = await makeProblem({ family });
    const { T } = linear;
    await linear.forward(new Map([['x', batch.inputs.get('x')!.subarray(0, 15)]]), 5);
    const five = await linear.transposed(batch.residuals.subarray(0, 5 * T), 5);
    const sum = five.map((_, p) => scores.slice(0, 5).reduce((total, s) => total + s[p], 0));
    expect(relativeError(five, sum)).toBeLessThanOrEqual(1e-13);
    expect(await linear.times(normals(linear.P, 1), 5)).toHaveLength(5 * T);
  });
});

describe('Linearisation', () => {
  it('moves parameters in place, and puts them back', async () => {
    const { linear, context } = await makeProblem();
    const before = linear.parameters();
    const d = normals(linear.P, 1);
    linear.move(d, -0.5);
    const after = linear.parameters();
    after.forEach((v, i) => expect(v).toBe(before[i] - 0.5 * d[i]));
    const [, second] = linear.blocks;
    expect([...context.store.view(second.name)]).toEqual([
      ...after.subarray(second.offset, second.offset + second.size),
    ]);
    linear.setParameters(before);
    expect(linear.parameters()).toEqual(before);
  });

  it('a parameter that the output does not read has no derivative', async () => {
    const made = denseNetwork({ widths: [2, 2], dtype: 'float64' });
    const network = {
      ...made,
      parameters: new Map([['idle', input('idle', 'float64', [3])], ...made.parameters]),
      weights: new Map([['idle', tensor('float64', [3], [1, 2, 3])], ...made.weights]),
    };
    const engine = createSmallEngine();
    const linear = await Linearisation.compile(engine, network, engine.store(), 1);
    expect(blocksOf(network)[0]).toEqual({ name: 'idle', shape: [3], offset: 0, size: 3 });
    await linear.forward(new Map([['x', Float64Array.of(1, 2)]]), 1);
    const out = new Float64Array(linear.P).fill(9);
    await linear.transposed(Float64Array.of(1, -1), 1, out);
    expect([...out]).toEqual([0, 0, 0, 1, 2, -1, -2, 1, -1]);
    const v = new Float64Array(linear.P).fill(0);
    v.fill(5, 0, 3);
    expect([...(await linear.times(v, 1))]).toEqual([0, 0]);
  });
});
