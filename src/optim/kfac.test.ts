import { describe, expect, it } from 'vitest';
import {
  makeProblem,
  type Problem,
  relativeError,
  solveDense,
  trueScores,
} from '../../test/optim/problem.js';
import { Sequence } from '../core/random.js';
import { type FloatArray, tensor } from '../core/tensor.js';
import { createSmallEngine } from '../engine/small/index.js';
import { input, N, ops as b, type Value } from '../graph/index.js';
import { getLikelihood, outputs } from '../likelihood/index.js';
import type { Network } from '../model/network.js';
import { Moments, seedOf, zScore } from '../stats/index.js';
import { ColumnPass } from './column-pass.js';
import { kfac } from './kfac.js';
import { type KfacBlock, kfacBlocks, kfacGraph } from './kfac-graph.js';
import { Linearisation } from '../matrix/linearisation.js';
import type { ScoreBatch } from './preconditioner.js';

interface Part {
  readonly block: KfacBlock;
  /** Places of the block's parameters in a flat vector: for a Kronecker block out-major, the bias last in each row. */
  readonly places: number[];
  /** Undamped factors by hand; of other blocks only the second. */
  readonly A: number[][];
  readonly G: number[][];
}

const zeros = (n: number): number[][] => Array.from({ length: n }, () => new Array<number>(n).fill(0));

/** Factors from loops over examples: activations by hand, gradients g from the scores of biases. */
async function byHand(problem: Problem): Promise<Part[]> {
  const { context, batch, linear } = problem;
  const { store, network } = context;
  const offsets = new Map(linear.blocks.map((block) => [block.name, block]));
  const rows = await trueScores(problem);
  const x = batch.inputs.get('x') as FloatArray;
  const width = x.length / batch.n;
  const activations = new Map<string, number[][]>();
  let a = Array.from({ length: batch.n }, (_, e) => [...x.slice(e * width, (e + 1) * width)]);
  for (let l = 1; offsets.has(`fc${l}.weight`); l++) {
    activations.set(`fc${l}.weight`, a);
    const W = store.view(`fc${l}.weight`) as FloatArray;
    const shift = [...(store.view(`fc${l}.bias`) as FloatArray)];
    a = a.map((row) =>
      shift.map((s, o) => Math.tanh(row.reduce((sum, v, i) => sum + W[o * row.length + i] * v, s))),
    );
  }
  activations.set('out.weight', a);
  const T = network.h.shape[1] as number;
  return kfacBlocks(network).map((block): Part => {
    if (block.kind !== 'kronecker') {
      const { offset, size } = block.block;
      const G = zeros(size);
      for (const s of rows)
        for (let i = 0; i < size; i++)
          for (let j = 0; j < size; j++) G[i][j] += s[offset + i] * s[offset + j];
      return { block, places: Array.from({ length: size }, (_, i) => offset + i), A: [[1]], G };
    }
    const { weight, bias, inner, outer } = block;
    const A = zeros(inner);
    for (const row of activations.get(weight.name) as number[][]) {
      const full = bias ? [...row, 1] : row;
      full.forEach((v, i) => full.forEach((w, j) => (A[i][j] += (v * w) / batch.n)));
    }
    // What is added at the output of the layer has the score g: its own bias, or the first half of (means, log σ).
    const { offset } = bias ?? (offsets.get('out.bias') as { offset: number });
    expect(bias !== null || T === 2 * outer).toBe(true);
    const G = zeros(outer);
    for (const s of rows)
      for (let i = 0; i < outer; i++)
        for (let j = 0; j < outer; j++) G[i][j] += s[offset + i] * s[offset + j];
    const places: number[] = [];
    for (let o = 0; o < outer; o++)
      for (let i = 0; i < inner; i++)
        places.push(
          i < weight.shape[1]
            ? weight.offset + o * weight.shape[1] + i
            : (bias as { offset: number }).offset + o,
        );
    return { block, places, A, G };
  });
}

/** G ⊗ A, damped as the split of λ says; none: undamped. */
function kronecker({ A, G, block }: Part, damping: number): Float64Array {
  const trace = (m: number[][]): number => m.reduce((sum, row, i) => sum + row[i], 0);
  const pi = Math.sqrt(trace(A) / A.length / (trace(G) / G.length));
  const [more, less] =
    block.kind === 'kronecker' ? [pi * Math.sqrt(damping), Math.sqrt(damping) / pi] : [0, damping];
  const n = A.length * G.length;
  const out = new Float64Array(n * n);
  const at = (m: number[][], i: number, j: number, shift: number): number => m[i][j] + (i === j ? shift : 0);
  for (let o = 0; o < G.length; o++)
    for (let i = 0; i < A.length; i++)
      for (let p = 0; p < G.length; p++)
        for (let j = 0; j < A.length; j++)
          out[(o * A.length + i) * n + p * A.length + j] = at(G, o, p, less) * at(A, i, j, more);
  return out;
}

/** The exact Fisher of a block, from scores of the columns of I(h). */
async function exactBlock(problem: Problem, places: readonly number[]): Promise<Float64Array> {
  const n = places.length;
  const F = new Float64Array(n * n);
  for (const s of await trueScores(problem))
    places.forEach((p, i) => places.forEach((q, j) => (F[i * n + j] += s[p] * s[q])));
  return F;
}

async function denseDirection(
  parts: readonly Part[],
  damping: number,
  g: Float64Array,
): Promise<Float64Array> {
  const d = new Float64Array(g.length);
  for (const part of parts) {
    const right = Float64Array.from(part.places, (p) => g[p]);
    const x = solveDense(kronecker(part, damping), right);
    part.places.forEach((p, i) => (d[p] = x[i]));
  }
  return d;
}

describe.each(['categorical', 'gaussian-mv'] as const)('kfac, %s', (family) => {
  it('is the dense inverse of its damped Kronecker blocks', async () => {
    const problem = await makeProblem({ family, n: 30 });
    const { context, batch, g } = problem;
    const parts = await byHand(problem);
    expect(parts.map(({ block }) => block.kind)).toEqual(
      family === 'categorical'
        ? ['kronecker', 'kronecker', 'kronecker']
        : ['kronecker', 'kronecker', 'kronecker', 'dense'],
    );
    for (const damping of [0.3, 1e-3]) {
      const { direction, report } = await (await kfac({ damping })(context)).direction(batch, g);
      const dense = await denseDirection(parts, damping, g);
      expect(dense.every((v) => v !== 0)).toBe(true);
      expect(relativeError(direction, dense)).toBeLessThanOrEqual(1e-9);
      let trace = 0;
      for (const part of parts) {
        const F = kronecker(part, 0);
        const n = part.places.length;
        for (let i = 0; i < n; i++) trace += F[i * n + i];
      }
      expect(report.damping).toBe(damping);
      expect(Math.abs(report.trF / trace - 1)).toBeLessThanOrEqual(1e-12);
    }
  });

  it('one example: undamped, every block is the exact Fisher of its parameters', async () => {
    const problem = await makeProblem({ family, n: 1 });
    const inverse = await kfac()(problem.context);
    await inverse.direction(problem.batch, problem.g);
    for (const part of withMeans(await byHand(problem), inverse.save())) {
      expect(relativeError(kronecker(part, 0), await exactBlock(problem, part.places))).toBeLessThanOrEqual(
        1e-13,
      );
    }
  });

  it('means of three batches, inverted at the first: what the first one said', async () => {
    const { context, batch, g } = await makeProblem({ family });
    const other = await makeProblem({ family, seed: 2 });
    const inverse = await kfac({ interval: 3 })(context);
    const { direction } = await inverse.direction(batch, g);
    for (let k = 0; k < 2; k++)
      expect((await inverse.direction(other.batch, g)).direction).toEqual(direction);
    // The fourth inverts a mean of one part batch and three parts of the other: decay is 1 − 1/k at first.
    const fourth = await inverse.direction(other.batch, g);
    const once = await kfac({ decay: 0 })(context);
    const mean = async (from: ScoreBatch): Promise<Record<string, Float64Array>> => {
      await once.direction(from, g);
      return once.save();
    };
    const [first, second, now] = [await mean(batch), await mean(other.batch), inverse.save()];
    for (const [name, values] of Object.entries(first)) {
      if (!name.startsWith('mean/')) continue;
      const expected = values.map((v, i) => v / 4 + (3 * second[name][i]) / 4);
      expect(relativeError(now[name], expected)).toBeLessThanOrEqual(1e-14);
    }
    expect(relativeError(fourth.direction, direction)).toBeGreaterThan(1e-3);
  });

  it.each([1, 3])('resumes bit for bit, sampled actions, inverse every %i', async (interval) => {
    const { context, batch, g } = await makeProblem({ family });
    const options = { columns: 'sampled', decay: 0.6, interval } as const;
    const whole = await kfac(options)(context);
    let before = await kfac(options)(context);
    for (let step = 0; step < 8; step++) {
      const { direction } = await whole.direction({ ...batch, step }, g);
      // From here on by another, from what was saved.
      const after = await kfac(options)(context);
      after.load(structuredClone(before.save()));
      before.dispose();
      before = after;
      expect((await before.direction({ ...batch, step }, g)).direction).toEqual(direction);
    }
    expect(before.save()).toEqual(whole.save());
  });

  it('columns in chunks are the columns whole', async () => {
    const { context, batch } = await makeProblem({ family, actions: 5 });
    const blocks = kfacBlocks(context.network);
    const derived = (k: number) => kfacGraph(context.network, blocks, k);
    const whole = await ColumnPass.compile(context, 'exact', 'test', derived);
    const sums = await whole.run(batch);
    const names = Object.keys(derived(1).outputs);
    // The widest value has 5 numbers, or 10 with σ; 3 columns do not divide 5 or 10.
    const widest = family === 'categorical' ? 5 : 10;
    const parts = await ColumnPass.compile(context, 'exact', 'test', derived, 3 * widest * batch.n + 1);
    const chunked = await parts.run(batch);
    for (const name of names) {
      expect(relativeError(chunked(name) as FloatArray, sums(name) as FloatArray)).toBeLessThanOrEqual(1e-14);
    }
  });

  it('sampled actions have the exact factors for their mean (|z| ≤ 4.5)', async () => {
    const { context, batch, g } = await makeProblem({ family, n: 6 });
    const exact = await kfac({ decay: 0 })(context);
    const { trF } = (await exact.direction(batch, g)).report;
    const seed = seedOf(`sampled factors, ${family}`);
    const sampled = await kfac({ columns: 'sampled', decay: 0 })({ ...context, seed });
    const traces = new Moments();
    for (let step = 0; step < 600; step++)
      traces.add((await sampled.direction({ ...batch, step }, g)).report.trF);
    const se = traces.standardError;
    expect(se / trF).toBeLessThan(0.05);
    expect(Math.abs(zScore(traces.mean, trF, se))).toBeLessThanOrEqual(4.5);
  });

  it('of the actions taken: G of the residuals', async () => {
    const { context, batch, g, scores } = await makeProblem({ family });
    const inverse = await kfac({ columns: 'taken' })(context);
    await inverse.direction(batch, g);
    const bias = context.linear.blocks.find(({ name }) => name === 'fc1.bias') as {
      offset: number;
      size: number;
    };
    const G = new Float64Array(bias.size ** 2);
    for (const s of scores)
      for (let i = 0; i < bias.size; i++)
        for (let j = 0; j < bias.size; j++)
          G[i * bias.size + j] += (s[bias.offset + i] * s[bias.offset + j]) / batch.n;
    expect(relativeError(inverse.save()['mean/G/fc1.weight'], G)).toBeLessThanOrEqual(1e-13);
  });

  it('leaves the parameters where they are', async () => {
    const { context, linear } = await makeProblem({ family });
    linear.move(new Float64Array(linear.P).fill(0.25));
    const moved = linear.parameters();
    await kfac()(context);
    expect(linear.parameters()).toEqual(moved);
  });
});

/** Parts with the undamped factors that a preconditioner holds. */
function withMeans(parts: readonly Part[], state: Readonly<Record<string, Float64Array>>): Part[] {
  const square = (name: string): number[][] => {
    const flat = state[`mean/${name}`];
    const n = Math.sqrt(flat.length);
    return Array.from({ length: n }, (_, i) => [...flat.slice(i * n, (i + 1) * n)]);
  };
  return parts.map((part) => {
    const { block } = part;
    if (block.kind !== 'kronecker') return { ...part, G: square(`F/${block.block.name}`) };
    return { ...part, A: square(`A/${block.weight.name}`), G: square(`G/${block.weight.name}`) };
  });
}

describe('kfac', () => {
  it('a linear Gaussian policy: G is constant, every block is the exact Fisher of any batch', async () => {
    const problem = await makeProblem({ family: 'gaussian-mv', hidden: [], n: 25 });
    const inverse = await kfac()(problem.context);
    await inverse.direction(problem.batch, problem.g);
    const parts = withMeans(await byHand(problem), inverse.save());
    expect(parts.map(({ block }) => block.kind)).toEqual(['kronecker', 'dense']);
    for (const part of parts) {
      expect(relativeError(kronecker(part, 0), await exactBlock(problem, part.places))).toBeLessThanOrEqual(
        1e-13,
      );
    }
  });

  it('a value network is a Gaussian of unit variance: G of its output is 1', async () => {
    const x = input('x', 'float64', [N, 3]);
    const [W, c] = [input('W', 'float64', [3, 1]), input('c', 'float64', [1])];
    const network = made(x, b.add(b.matmul(x, W), c), { W, c });
    const { context, batch } = await problemOf(network, getLikelihood('gaussian', { variance: 1 }));
    const inverse = await kfac()(context);
    await inverse.direction(batch, new Float64Array(4).fill(1));
    expect(Math.abs(inverse.save()['mean/G/W'][0] - 1)).toBeLessThanOrEqual(1e-14);
    const [block] = kfacBlocks(network);
    expect(block).toMatchObject({ kind: 'kronecker', inner: 4, outer: 1, transposed: false });
  });

  it('what is not added right at the product is a block of its own', () => {
    const x = input('x', 'float64', [N, 3]);
    const W = input('W', 'float64', [3, 3]);
    const c = input('c', 'float64', [3]);
    const kinds = (h: Value): string[] =>
      kfacBlocks(made(x, h, { W, c })).map((k) => (k.kind === 'kronecker' && k.bias ? 'with bias' : k.kind));
    const z = b.matmul(x, W);
    expect(kinds(b.add(z, c))).toEqual(['with bias']);
    // Its score is −g.
    expect(kinds(b.sub(z, c))).toEqual(['kronecker', 'dense']);
    // z goes another way too: g of the product is more than the score of c.
    expect(kinds(b.add(b.tanh(b.add(z, c)), z))).toEqual(['kronecker', 'dense']);
    expect(kinds(b.add(b.tanh(z), c))).toEqual(['kronecker', 'dense']);
  });

  it('stored [in, out], without a bias, and a big scale by its diagonal', async () => {
    const wide = 600;
    const x = input('x', 'float64', [N, 2]);
    const W = input('W', 'float64', [2, wide]);
    const s = input('s', 'float64', [wide]);
    const V = input('V', 'float64', [wide, 3]);
    const h = b.matmul(b.mul(b.tanh(b.matmul(x, W)), s), V);
    const network = made(x, h, { W, s, V });
    expect(kfacBlocks(network).map(({ kind }) => kind)).toEqual(['kronecker', 'diagonal', 'kronecker']);
    const { context, batch, linear } = await problemOf(network, getLikelihood('categorical'));
    const rng = new Sequence(4, 'gradient');
    const g = Float64Array.from({ length: linear.P }, () => rng.normal());
    const damping = 0.02;
    const inverse = await kfac({ damping })(context);
    const { direction } = await inverse.direction(batch, g);
    const state = inverse.save();
    const problem = { context, batch, linear };
    const rows = await trueScores(problem);
    const [offset, size] = [2 * wide, wide];
    const diagonal = Float64Array.from({ length: size }, (_, i) =>
      rows.reduce((sum, row) => sum + row[offset + i] ** 2, damping),
    );
    const own = direction.subarray(offset, offset + size).map((v, i) => v * diagonal[i]);
    expect(relativeError(own, g.subarray(offset, offset + size))).toBeLessThanOrEqual(1e-12);
    // (A + π√λ) D (G + √λ/π) = M, with M as the weight is stored.
    const at = 3 * wide;
    const [A, G] = [state['mean/A/V'], state['mean/G/V']];
    const trace = (m: Float64Array, n: number): number => {
      let sum = 0;
      for (let i = 0; i < n; i++) sum += m[i * n + i];
      return sum / n;
    };
    const pi = Math.sqrt(trace(A, wide) / trace(G, 3));
    const root = Math.sqrt(damping);
    for (let i = 0; i < wide; i++) A[i * wide + i] += pi * root;
    for (let i = 0; i < 3; i++) G[i * 4] += root / pi;
    const back = new Float64Array(3 * wide);
    for (let i = 0; i < wide; i++)
      for (let k = 0; k < wide; k++)
        for (let j = 0; j < 3; j++)
          for (let o = 0; o < 3; o++)
            back[i * 3 + o] += A[i * wide + k] * direction[at + k * 3 + j] * G[j * 3 + o];
    expect(relativeError(back, g.subarray(at))).toBeLessThanOrEqual(1e-10);
  });

  it('dead inputs: a factor of zeros is λ alone', async () => {
    const { context, batch, g, linear } = await makeProblem({ family: 'gaussian-mv', hidden: [] });
    const inputs = new Map([['x', new Float64Array(3 * batch.n)]]);
    await linear.forward(inputs, batch.n);
    const damping = 0.04;
    const inverse = await kfac({ damping })(context);
    const { direction } = await inverse.direction({ ...batch, inputs }, g);
    // π = 1: (A + √λ)(G + √λ) with A = 0 and G = diag 1/σ².
    const sigma = [...(context.store.view('out.bias') as FloatArray)].slice(2).map(Math.exp);
    const expected = g.subarray(0, 6).map((v, i) => v / (0.2 * (0.2 + 1 / sigma[Math.floor(i / 3)] ** 2)));
    expect(relativeError(direction.subarray(0, 6), expected)).toBeLessThanOrEqual(1e-13);
  });

  it('refuses options and states that cannot be, and factors that are not finite', async () => {
    expect(() => kfac({ damping: 0 })).toThrow(/positive number/);
    expect(() => kfac({ decay: 1 })).toThrow(/at least 0 and below 1/);
    expect(() => kfac({ interval: 1.5 })).toThrow(/positive whole number/);
    const { context, batch, g } = await makeProblem();
    const inverse = await kfac()(context);
    await inverse.direction(batch, g);
    const state = inverse.save();
    const other = await kfac()((await makeProblem({ hidden: [6] })).context);
    expect(() => other.load(state)).toThrow(/holds 36 numbers/);
    const h = outputs(batch.h.data.slice().fill(-1e3), batch.n, batch.h.T);
    const bad = await kfac({ columns: 'taken' })(context);
    const residuals = batch.residuals.slice().fill(Infinity);
    await expect(bad.direction({ ...batch, residuals, h }, g)).rejects.toMatchObject({
      code: 'optim/factor-not-finite',
    });
    expect(bad.save().updates[0]).toBe(0);
  });
});

function made(x: Value, h: Value, parameters: Readonly<Record<string, Value>>): Network {
  const rng = new Sequence(3, 'made');
  const entries = Object.entries(parameters);
  return {
    inputs: new Map([['x', x]]),
    h,
    parameters: new Map(entries),
    fixed: new Map(),
    weights: new Map(
      entries.map(([name, v]) => {
        const shape = v.shape as readonly number[];
        const size = shape.reduce((p, d) => p * d, 1);
        return [
          name,
          tensor(
            'float64',
            shape,
            Array.from({ length: size }, () => 0.3 * rng.normal()),
          ),
        ];
      }),
    ),
  };
}

/** A network with 7 states; nobody has acted. */
async function problemOf(network: Network, likelihood: ReturnType<typeof getLikelihood>) {
  const n = 7;
  const engine = createSmallEngine();
  const store = engine.store();
  const linear = await Linearisation.compile(engine, network, store, n);
  const rng = new Sequence(6, 'states');
  const width = [...network.inputs.values()][0].shape[1] as number;
  const inputs = new Map([['x', Float64Array.from({ length: n * width }, () => rng.normal())]]);
  const h = outputs((await linear.forward(inputs, n)).slice(), n, linear.T);
  const residuals = new Float64Array(n * linear.T);
  const batch: ScoreBatch = { inputs, n, h, residuals, advantages: null, trajectories: null, step: 0 };
  return { context: { engine, store, network, likelihood, maxBatch: n, linear, seed: 1 }, batch, linear };
}
