import { describe, expect, it } from 'vitest';
import { FimError } from '../core/errors.js';
import { Sequence } from '../core/random.js';
import { tensor, type Tensor, toFloat64 } from '../core/tensor.js';
import { evaluate } from '../engine/oracle/evaluate.js';
import { Moments, seedOf, Z_LIMIT, zScore } from '../stats/index.js';
import { denseNetwork } from './dense.js';
import { initialBias, type Initialiser, initialWeight } from './initialisers.js';
import { parameterCount } from './network.js';

describe('denseNetwork', () => {
  it('is h = W₂ tanh(W₁x + b₁) + b₂, weights [out, in], named as PyTorch names them', () => {
    const network = denseNetwork({ widths: [2, 3, 2], dtype: 'float64', initialiser: 'torch', seed: 4 });
    expect([...network.parameters].map(([name, v]) => [name, v.shape])).toEqual([
      ['fc1.weight', [3, 2]],
      ['fc1.bias', [3]],
      ['fc2.weight', [2, 3]],
      ['fc2.bias', [2]],
    ]);
    expect(parameterCount(network)).toBe(6 + 3 + 6 + 2);
    const w = (name: string) => toFloat64(network.weights.get(name)!);
    const x = [0.3, -1.2];
    const hidden = [0, 1, 2].map((o) =>
      Math.tanh(w('fc1.weight')[2 * o] * x[0] + w('fc1.weight')[2 * o + 1] * x[1] + w('fc1.bias')[o]),
    );
    const want = [0, 1].map((o) =>
      hidden.reduce((s, a, i) => s + w('fc2.weight')[3 * o + i] * a, w('fc2.bias')[o]),
    );
    const bind = new Map(
      [...network.parameters].map(([name, v]) => [v, network.weights.get(name) as Tensor]),
    );
    bind.set(network.inputs.get('x')!, tensor('float64', [1, 2], x));
    const [h] = evaluate([network.h], bind, 1);
    want.forEach((v, i) => expect(h.data[i]).toBeCloseTo(v, 14));
  });

  it('depends on its seed alone; layers draw apart', () => {
    const weights = (seed: number, widths: number[]) => denseNetwork({ widths, seed }).weights;
    expect(weights(1, [4, 4, 4])).toEqual(weights(1, [4, 4, 4]));
    expect(weights(1, [4, 4, 4])).not.toEqual(weights(2, [4, 4, 4]));
    const one = weights(1, [4, 4, 4]);
    expect(one.get('fc1.weight')).not.toEqual(one.get('fc2.weight'));
    // A deeper network begins with the same first layer.
    expect(weights(1, [4, 4, 4, 4]).get('fc1.weight')).toEqual(one.get('fc1.weight'));
  });

  it('scales its weights, not its biases; leaves biases out; takes a precision', () => {
    const plain = denseNetwork({ widths: [3, 2], initialiser: 'torch', dtype: 'float64' }).weights;
    const scaled = denseNetwork({ widths: [3, 2], initialiser: 'torch', dtype: 'float64', initialScale: 3 });
    toFloat64(scaled.weights.get('fc1.weight')!).forEach((v, i) => {
      expect(v).toBeCloseTo(3 * toFloat64(plain.get('fc1.weight')!)[i], 14);
    });
    expect(scaled.weights.get('fc1.bias')).toEqual(plain.get('fc1.bias'));
    const bare = denseNetwork({ widths: [3, 2, 2], bias: false });
    expect([...bare.parameters.keys()]).toEqual(['fc1.weight', 'fc2.weight']);
    expect(bare.h.dtype).toBe('float32');
    expect([...bare.weights.values()].every((t) => t.dtype === 'float32')).toBe(true);
    expect(scaled.h.dtype).toBe('float64');
  });

  it.each([[[3]], [[]], [[3, 0]], [[3, 2.5]], [[3, NaN, 2]]])('refuses widths %j', (widths) => {
    expect(() => denseNetwork({ widths })).toThrow(FimError);
    expect(() => denseNetwork({ widths })).toThrow('input first, output last');
  });
});

describe('initialisers', () => {
  const [nIn, nOut] = [90, 110];
  /** Variance and excess kurtosis by the papers. */
  const LAWS: Record<Initialiser, { variance: number; excess: number; bound: number }> = {
    glorot: { variance: 2 / (nIn + nOut), excess: -1.2, bound: Math.sqrt(6 / (nIn + nOut)) },
    he: { variance: 2 / nIn, excess: 0, bound: Infinity },
    lecun: { variance: 1 / nIn, excess: 0, bound: Infinity },
    torch: { variance: 1 / (3 * nIn), excess: -1.2, bound: 1 / Math.sqrt(nIn) },
  };

  it.each(Object.keys(LAWS) as Initialiser[])('%s: mean, variance, bound', (kind) => {
    const { variance, excess, bound } = LAWS[kind];
    const w = initialWeight(kind, nIn, nOut, new Sequence(seedOf(`initialise ${kind}`), 'w'));
    const n = nIn * nOut;
    expect(w).toHaveLength(n);
    const m = Moments.of(w);
    expect(Math.abs(zScore(m.mean, 0, Math.sqrt(variance / n)))).toBeLessThanOrEqual(Z_LIMIT);
    const error = variance * Math.sqrt((2 + excess) / n);
    expect(Math.abs(zScore(m.sampleVariance, variance, error))).toBeLessThanOrEqual(Z_LIMIT);
    const top = w.reduce((t, v) => Math.max(t, Math.abs(v)), 0);
    expect(top).toBeLessThan(bound);
    // A uniform comes near its bound, a normal goes beyond three deviations.
    expect(top).toBeGreaterThan(Number.isFinite(bound) ? 0.99 * bound : 3 * Math.sqrt(variance));
  });

  it('biases are zero, except by PyTorch’s convention', () => {
    const rng = new Sequence(seedOf('biases'), 'b');
    for (const kind of ['glorot', 'he', 'lecun'] as const) {
      expect(initialBias(kind, nIn, 5, rng)).toEqual(new Float64Array(5));
    }
    const bias = Moments.of(initialBias('torch', nIn, 4000, rng));
    const { variance } = LAWS.torch;
    expect(Math.abs(zScore(bias.mean, 0, Math.sqrt(variance / 4000)))).toBeLessThanOrEqual(Z_LIMIT);
    const error = variance * Math.sqrt(0.8 / 4000);
    expect(Math.abs(zScore(bias.sampleVariance, variance, error))).toBeLessThanOrEqual(Z_LIMIT);
  });
});
