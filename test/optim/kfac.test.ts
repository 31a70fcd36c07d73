/** KFAC against the dense inverse of its own Kronecker matrix, its factors by hand from activations and scores. */
import { describe, expect, it } from 'vitest';
import { FimError } from '../../src/core/errors.js';
import type { FloatArray } from '../../src/core/tensor.js';
import { kfac, type KfacOptions } from '../../src/optim/kfac.js';
import { kfacBlocks } from '../../src/optim/kfac-graph.js';
import { Moments, seedOf, zScore } from '../../src/stats/index.js';
import { dampedOuter, makeProblem, type Problem, relativeError, solveDense, trueScores } from './problem.js';

const families = ['categorical', 'gaussian-mv'] as const;
type Family = (typeof families)[number];

/** A layer of the problem's network: weight [out, in], ā of each example, and whether its bias goes with it. */
interface Layer {
  readonly name: string;
  readonly inner: number;
  readonly outer: number;
  readonly bias: boolean;
  /** ā [n][inner]. */
  readonly inputs: number[][];
}

/** The forward pass by hand. */
function layersOf({ batch, context }: Problem, family: Family): Layer[] {
  const values = (name: string): FloatArray => context.store.view(name) as FloatArray;
  const x = batch.inputs.get('x') as FloatArray;
  const width = x.length / batch.n;
  let rows = Array.from({ length: batch.n }, (_, e) => Array.from(x.subarray(e * width, (e + 1) * width)));
  return ['fc1', 'fc2', 'out'].map((name) => {
    const W = values(`${name}.weight`);
    const b = values(`${name}.bias`);
    const from = rows[0].length;
    const outer = W.length / from;
    const bias = name !== 'out' || family === 'categorical';
    const inputs = rows.map((a) => (bias ? [...a, 1] : a));
    rows = rows.map((a) =>
      Array.from({ length: outer }, (_, o) =>
        Math.tanh(a.reduce((sum, v, i) => sum + v * W[o * from + i], b[o])),
      ),
    );
    return { name, inner: inputs[0].length, outer, bias, inputs };
  });
}

/** ⟨āāᵀ⟩ and ⟨ggᵀ⟩ of a layer, from activations and from the scores of the bias, which are g. */
async function factorsOf(problem: Problem, layer: Layer): Promise<{ A: Float64Array; G: Float64Array }> {
  const { linear, batch } = problem;
  const { outer, inputs } = layer;
  const at = linear.blocks.find((p) => p.name === `${layer.name}.bias`)?.offset as number;
  const gradients = (await trueScores(problem)).map((s) => s.subarray(at, at + outer));
  return {
    A: dampedOuter(
      inputs.map((a) => Float64Array.from(a)),
      1 / batch.n,
      0,
    ),
    G: dampedOuter(gradients, 1, 0),
  };
}

const trace = (A: Float64Array, n: number): number =>
  Array.from({ length: n }, (_, i) => A[i * n + i]).reduce((a, b) => a + b, 0);

/** Places of a layer's M [outer, inner] in the flat vector. */
function places({ linear }: Problem, { name, inner, outer, bias }: Layer): number[] {
  const offset = (p: string): number => linear.blocks.find((b) => b.name === p)?.offset as number;
  const [weight, shift] = [offset(`${name}.weight`), offset(`${name}.bias`)];
  const width = bias ? inner - 1 : inner;
  return Array.from({ length: outer * inner }, (_, k) => {
    const [o, i] = [Math.floor(k / inner), k % inner];
    return i < width ? weight + o * width + i : shift + o;
  });
}

/** The damped Kronecker matrix [P, P]; the Gaussian's last bias as F + λI. */
async function denseKfac(problem: Problem, family: Family, damping: number): Promise<Float64Array> {
  const { P, blocks } = problem.linear;
  const dense = new Float64Array(P * P);
  for (const layer of layersOf(problem, family)) {
    const { inner, outer } = layer;
    const { A, G } = await factorsOf(problem, layer);
    const pi = Math.sqrt(trace(A, inner) / inner / (trace(G, outer) / outer));
    const root = Math.sqrt(damping);
    for (let i = 0; i < inner; i++) A[i * inner + i] += pi * root;
    for (let o = 0; o < outer; o++) G[o * outer + o] += root / pi;
    const at = places(problem, layer);
    at.forEach((row, k) =>
      at.forEach((column, l) => {
        const g = G[Math.floor(k / inner) * outer + Math.floor(l / inner)];
        dense[row * P + column] = g * A[(k % inner) * inner + (l % inner)];
      }),
    );
  }
  if (family === 'gaussian-mv') {
    const { offset, size } = blocks.find((b) => b.name === 'out.bias') as (typeof blocks)[number];
    const scores = (await trueScores(problem)).map((s) => s.subarray(offset, offset + size));
    const F = dampedOuter(scores, 1, damping);
    for (let i = 0; i < size; i++)
      for (let j = 0; j < size; j++) dense[(offset + i) * P + offset + j] = F[i * size + j];
  }
  return dense;
}

const factors = (state: Record<string, Float64Array>): [string, Float64Array][] =>
  Object.entries(state).filter(([name]) => name.startsWith('mean/'));

/** Problems with the same network and other states. */
async function batchesOf(family: Family, count: number): Promise<Problem['batch'][]> {
  const { batch, context, labels } = await makeProblem({ family });
  const { linear, likelihood } = context;
  const made: Problem['batch'][] = [];
  for (let k = 0; k < count; k++) {
    const x = (batch.inputs.get('x') as Float64Array).map((v) => v * (1 + 0.5 * k) - 0.2 * k);
    const inputs = new Map([['x', x]]);
    const data = (await linear.forward(inputs, batch.n)).slice();
    const h = { ...batch.h, data };
    const residuals = batch.residuals.slice();
    likelihood.residual(h, labels, residuals);
    made.push({ ...batch, inputs, h, residuals, step: k });
  }
  return made;
}

describe.each(families)('KFAC, %s', (family) => {
  it('on a first batch: the dense inverse of its damped Kronecker matrix, biases as one more column', async () => {
    const problem = await makeProblem({ family });
    for (const damping of [1e-3, 0.1, 10]) {
      const solver = await kfac({ damping })(problem.context);
      const { direction, report } = await solver.direction(problem.batch, problem.g);
      const dense = await denseKfac(problem, family, damping);
      expect(relativeError(direction, solveDense(dense, problem.g))).toBeLessThanOrEqual(1e-9);
      const traces = await Promise.all(
        layersOf(problem, family).map(async (layer) => {
          const { A, G } = await factorsOf(problem, layer);
          return trace(A, layer.inner) * trace(G, layer.outer);
        }),
      );
      expect(report.damping).toBe(damping);
      if (family === 'categorical') {
        expect(relativeError([report.trF], [traces.reduce((a, b) => a + b)])).toBeLessThanOrEqual(1e-12);
      }
      solver.dispose();
    }
  });

  it('parameters are taken together as they should be', async () => {
    const { context } = await makeProblem({ family });
    const found = kfacBlocks(context.network).map((b) =>
      b.kind === 'kronecker'
        ? [b.kind, b.weight.name, b.bias?.name ?? null, b.inner, b.outer]
        : [b.kind, b.block.name],
    );
    const last =
      family === 'categorical'
        ? [['kronecker', 'out.weight', 'out.bias', 5, 3]]
        : [
            ['kronecker', 'out.weight', null, 4, 2],
            ['dense', 'out.bias'],
          ];
    const hidden = [
      ['kronecker', 'fc1.weight', 'fc1.bias', 4, 5],
      ['kronecker', 'fc2.weight', 'fc2.bias', 6, 4],
    ];
    expect(new Set(found.map((f) => f.join()))).toEqual(new Set([...hidden, ...last].map((f) => f.join())));
  });

  it('of one example: A ⊗ G is the block of the exact Fisher', async () => {
    const problem = await makeProblem({ family, n: 1 });
    const solver = await kfac()(problem.context);
    await solver.direction(problem.batch, problem.g);
    const state = solver.save();
    const { P } = problem.linear;
    const F = dampedOuter(await trueScores(problem), 1, 0);
    for (const layer of layersOf(problem, family)) {
      const { inner, outer, name } = layer;
      const A = state[`mean/A/${name}.weight`];
      const G = state[`mean/G/${name}.weight`];
      const at = places(problem, layer);
      const product = at.flatMap((_, k) =>
        at.map(
          (_c, l) =>
            A[(k % inner) * inner + (l % inner)] * G[Math.floor(k / inner) * outer + Math.floor(l / inner)],
        ),
      );
      const block = at.flatMap((row) => at.map((column) => F[row * P + column]));
      expect(relativeError(product, block)).toBeLessThanOrEqual(1e-12);
    }
    if (family === 'categorical') return;
    const { offset, size } = problem.linear.blocks.find((b) => b.name === 'out.bias') as {
      offset: number;
      size: number;
    };
    const block = Array.from({ length: size * size }, (_, k) => {
      return F[(offset + Math.floor(k / size)) * P + offset + (k % size)];
    });
    expect(relativeError(state['mean/F/out.bias'], block)).toBeLessThanOrEqual(1e-12);
  });

  it('factors are running means: half and half, then ρ to 1 − ρ once 1 − 1/k passes it', async () => {
    const problem = await makeProblem({ family });
    const batches = await batchesOf(family, 4);
    const alone: Record<string, Float64Array>[] = [];
    for (const batch of batches) {
      const fresh = await kfac()(problem.context);
      await fresh.direction(batch, problem.g);
      alone.push(fresh.save());
      fresh.dispose();
    }
    const decay = 0.6;
    const solver = await kfac({ decay })(problem.context);
    for (const batch of batches) await solver.direction(batch, problem.g);
    const weights = [1, 1, 1, 1];
    [0, 0.5, 0.6, 0.6].forEach((keep, k) => {
      for (let j = 0; j < k; j++) weights[j] *= keep;
      weights[k] = 1 - keep;
    });
    const found = factors(solver.save());
    expect(found.length).toBeGreaterThanOrEqual(6);
    for (const [name, values] of found) {
      const expected = values.map((_, i) =>
        weights.reduce((sum, weight, k) => sum + weight * alone[k][name][i], 0),
      );
      expect(relativeError(values, expected)).toBeLessThanOrEqual(1e-13);
      // The batches do differ, in what depends on states.
      if (name.startsWith('mean/A')) {
        expect(relativeError(values, alone[3][name])).toBeGreaterThan(1e-3);
      }
    }
  });

  it('inverts at every third update: between them the inverse stays, whatever the batches', async () => {
    const problem = await makeProblem({ family });
    const batches = await batchesOf(family, 4);
    const each: Float64Array[] = [];
    const solver = await kfac({ interval: 3 })(problem.context);
    for (const batch of batches) each.push((await solver.direction(batch, problem.g)).direction);
    expect(each[1]).toEqual(each[0]);
    expect(each[2]).toEqual(each[0]);
    expect(relativeError(each[3], each[0])).toBeGreaterThan(1e-3);
    const always = await kfac({ interval: 1 })(problem.context);
    for (const batch of batches) each.push((await always.direction(batch, problem.g)).direction);
    // Factors are learnt at every update all the same.
    expect(each[7]).toEqual(each[3]);
  });

  it.each<KfacOptions>([{ interval: 3 }, { columns: 'sampled', interval: 1, decay: 0.5 }])(
    'saved and loaded in the middle it goes on bit for bit: %o',
    async (options) => {
      const problem = await makeProblem({ family });
      const batches = await batchesOf(family, 5);
      const whole = await kfac(options)(problem.context);
      const first = await kfac(options)(problem.context);
      const second = await kfac(options)(problem.context);
      for (const [k, batch] of batches.entries()) {
        const expected = await whole.direction(batch, problem.g);
        if (k === 2) second.load(structuredClone(first.save()));
        const found = await (k < 2 ? first : second).direction(batch, problem.g);
        expect(found.direction).toEqual(expected.direction);
      }
      expect(second.save()).toEqual(whole.save());
    },
  );

  it('a sampled action an example: G has the exact one for a mean, and the same draws for the same update', async () => {
    const problem = await makeProblem({ family, n: 6, seed: seedOf(`kfac sampled ${family}`) });
    const { context, batch, g } = problem;
    const traceG = async (options: KfacOptions, step: number): Promise<number> => {
      const solver = await kfac(options)(context);
      await solver.direction({ ...batch, step }, g);
      const state = solver.save();
      solver.dispose();
      return trace(state['mean/G/fc1.weight'], 5);
    };
    const exact = await traceG({ columns: 'exact' }, 0);
    const solver = await kfac({ columns: 'sampled', decay: 0 })(context);
    const moments = new Moments();
    for (let step = 0; step < 1200; step++) {
      await solver.direction({ ...batch, step }, g);
      moments.add(trace(solver.save()['mean/G/fc1.weight'], 5));
    }
    expect(Math.abs(zScore(moments.mean, exact, moments.standardError))).toBeLessThanOrEqual(4.5);
    expect(moments.standardError / exact).toBeLessThan(0.05);
    const again = await traceG({ columns: 'sampled' }, 11);
    expect(again).toBe(await traceG({ columns: 'sampled' }, 11));
    expect(again).not.toBe(await traceG({ columns: 'sampled' }, 12));
  });
});

describe('KFAC', () => {
  it.each<[KfacOptions, string]>([
    [{ damping: 0 }, 'optim/damping'],
    [{ damping: NaN }, 'optim/damping'],
    [{ decay: 1 }, 'optim/decay'],
    [{ decay: -0.1 }, 'optim/decay'],
    [{ interval: 0 }, 'optim/kfac'],
    [{ interval: 1.5 }, 'optim/kfac'],
  ])('%o is refused', (options, code) => {
    let found: unknown;
    try {
      kfac(options);
    } catch (error) {
      found = error;
    }
    expect(found).toBeInstanceOf(FimError);
    expect((found as FimError).code).toBe(code);
  });
});
