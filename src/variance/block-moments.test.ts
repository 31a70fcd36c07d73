import { describe, expect, it } from 'vitest';
import { expectRatio } from '../../test/fisher/close.js';
import { range, sourceOf } from '../../test/fisher/examples.js';
import { smallNetwork } from '../../test/fisher/small-network.js';
import { createSmallEngine } from '../engine/small/index.js';
import { denseMoments, estimateDiagonal } from '../fisher/index.js';
import { ops as b } from '../graph/index.js';
import { blockErrors } from '../jobs/block-errors.js';
import { getLikelihood } from '../likelihood/index.js';
import { denseNetwork } from '../model/dense.js';
import { type Network, parameterCount } from '../model/network.js';
import { seedOf, Z_LIMIT, zScore } from '../stats/ztest.js';
import { tensor } from '../core/tensor.js';
import { blockMoments } from './block-moments.js';
import { frobeniusProbes } from './probes.js';
import { curvatureBlocks } from './curvature-blocks.js';

const engine = createSmallEngine();
const families = {
  categorical: getLikelihood('categorical'),
  bernoulli: getLikelihood('bernoulli'),
  gaussian: getLikelihood('gaussian', { variance: 2 }),
  poisson: getLikelihood('poisson'),
  'gaussian-mv': getLikelihood('gaussian-mv'),
};
const names = Object.keys(families) as (keyof typeof families)[];
const outputsOf = (name: string) => (name === 'gaussian-mv' ? 2 : 3);

/** h₂ → −softplus(h₂): the domain of −1/2σ². */
function withNegativeSecond(network: Network): Network {
  const { h } = network;
  return { ...network, h: b.concat([b.slice(h, 1, 0, 1), b.neg(b.softplus(b.slice(h, 1, 1, 2)))], 1) };
}

describe.each(names)('%s', (name) => {
  const likelihood = families[name];
  const n = 5;
  const { network: plain, x } = smallNetwork('tanh', outputsOf(name), 4, n);
  const network = name === 'gaussian-mv' ? withNegativeSecond(plain) : plain;
  const P = parameterCount(network);

  it('moments of the network and pairs of inputs are those of whole matrices', async () => {
    const one = await Promise.all(
      range(n).map((e) => denseMoments(engine, network, likelihood, sourceOf(x, [e]), { second: false })),
    );
    const sum = (f: (i: number) => number) => range(P * P).reduce((s, i) => s + f(i), 0);
    let pairs = 0;
    for (const a of one)
      for (const b of one) if (a !== b) pairs += sum((i) => a.fisher[i] * b.fisher[i]) / (n * (n - 1));
    const traces = one.map((m) => range(P).reduce((s, i) => s + m.fisher[i * P + i], 0));
    const mean = (v: readonly number[]) => v.reduce((s, t) => s + t, 0) / n;
    const { blocks, examples } = await blockMoments(engine, network, likelihood, sourceOf(x), { window: 64 });
    const got = blocks[blocks.length - 1];
    expect(examples).toBe(n);
    expectRatio(got.trace, mean(traces), 1e-11, 'trace');
    expectRatio(got.traceSquared, mean(traces.map((t) => t * t)), 1e-11, 'its square');
    expectRatio(got.fisher, mean(one.map((m) => sum((i) => m.fisher[i] ** 2))), 1e-11, 'norm of an input');
    expectRatio(got.type1, mean(one.map((m) => sum((i) => m.type1[i]))), 1e-10, 'type 1');
    expectRatio(got.mean!.value, pairs, 1e-11, 'pairs');
    const closed = await estimateDiagonal(engine, network, likelihood, sourceOf(x), {
      ...{
        estimator: 'type1',
        labels: 1,
        error: 'closed-form',
        population: 'distribution',
        populationSize: n,
      },
    });
    expectRatio(got.traceLabels, n * closed.trace.labelError! ** 2, 1e-10, 'labels');
  });

  it('from sampled labels, without bias', async () => {
    const exact = await blockMoments(engine, network, likelihood, sourceOf(x));
    const repeats = 600;
    const seed = seedOf(`block moments ${name}`);
    const sampled = await blockMoments(engine, network, likelihood, sourceOf(x), {
      labels: 3,
      repeats,
      seed,
    });
    sampled.blocks.forEach((block, g) => {
      const z = zScore(block.type1, exact.blocks[g].type1, block.type1Error);
      expect(Math.abs(z), block.group.name).toBeLessThanOrEqual(Z_LIMIT);
    });
  });
});

it('pairs inside windows have the mean of all pairs, up to their error', async () => {
  const { network, x } = smallNetwork('tanh', 3, 9, 60);
  const of = async (window: number) =>
    (await blockMoments(engine, network, families.categorical, sourceOf(x), { window, batch: 60 })).blocks.at(
      -1,
    )!.mean!;
  const [few, all] = [await of(6), await of(60)];
  expect(few.value).not.toBe(all.value);
  expect(Math.abs(few.value - all.value)).toBeLessThanOrEqual(4 * few.standardError);
});

it('by probes where exact is too dear: within their own error', async () => {
  const network = denseNetwork({ widths: [20, 48, 48, 30], activation: 'tanh', seed: 3, dtype: 'float64' });
  const n = 24;
  const x = tensor(
    'float64',
    [n, 20],
    Float64Array.from({ length: 20 * n }, (_, i) => Math.sin(1.3 * i)),
  );
  const likelihood = families.categorical;
  const exact = await curvatureBlocks(engine, network, likelihood, sourceOf(x));
  const groups = exact.blocks.map((b) => b.group).filter((g) => g.kind !== 'tensor');
  const seed = seedOf('block probes');
  const probed = await frobeniusProbes(engine, network, likelihood, sourceOf(x), {
    groups,
    repeats: 60,
    batch: 2,
    seed,
  });
  expect(probed.map((p) => p.group.name)).toEqual(groups.map((g) => g.name));
  for (const { group, type2 } of probed) {
    const want = exact.blocks.find((b) => b.group.name === group.name && b.group.kind === group.kind)!.type2;
    const [value, error] = [type2.value[0], type2.standardError[0]];
    if (want === 0) expect(value).toBe(0);
    else expect(Math.abs(zScore(value, want, error)), group.name).toBeLessThanOrEqual(Z_LIMIT);
    expect(error, group.name).toBeLessThanOrEqual(0.1 * value);
  }
});

it('says how each was taken, and why one was not', async () => {
  const network = denseNetwork({ widths: [8, 6, 4], activation: 'tanh', seed: 3 });
  const x = tensor('float32', [4, 8], new Float32Array(32).fill(0.5));
  const of = (examples: number) =>
    blockErrors(engine, network, families.categorical, sourceOf(x), { examples });
  const small = await of(4);
  expect(small.blocks.map((b) => [b.frobenius1.by, b.frobenius2.by])).toEqual(
    small.blocks.map(() => ['exact', 'exact']),
  );
  // So many inputs that neither probes nor exact figures are affordable.
  const large = await of(1e9);
  for (const { frobenius1, frobenius2 } of large.blocks)
    for (const { value, se, by, missing } of [frobenius1, frobenius2]) {
      expect([value, se, by]).toEqual([null, null, null]);
      expect(missing).toMatch(/operations an input are too many for/);
    }
});
