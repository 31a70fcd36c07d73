import { describe, expect, it } from 'vitest';
import { FimError } from '../core/errors.js';
import { tensor } from '../core/tensor.js';
import { families, getFamily, getLikelihood, getLink, makeLabels, outputs, draws } from './index.js';

function refusal(f: () => unknown): FimError {
  try {
    f();
  } catch (e) {
    if (e instanceof FimError) return e;
    throw e;
  }
  throw new Error('nothing was refused');
}

const poisson = getLikelihood('poisson');
const binomial = getLikelihood('binomial', { trials: 4 });
const exponential = getLikelihood('exponential');
const gamma = getLikelihood('gamma', { shape: 2 });
const pairs = getLikelihood('gaussian-mv');

describe('targets of counts and amounts', () => {
  it('are read in integers and floats', () => {
    const of = (l: typeof poisson, type: 'int64' | 'float32', values: number[]) => [
      ...l.readTargets(tensor(type, [values.length], values), values.length, 1).data,
    ];
    expect(of(poisson, 'int64', [0, 3, 12])).toEqual([0, 3, 12]);
    expect(of(poisson, 'float32', [0, 3])).toEqual([0, 3]);
    expect(of(binomial, 'int64', [0, 4])).toEqual([0, 4]);
    expect(of(exponential, 'float32', [0.5])).toEqual([0.5]);
    expect(of(gamma, 'int64', [7])).toEqual([7]);
    const two = pairs.readTargets(tensor('float64', [2, 2], [1, -2, 3, 4]), 2, 4);
    expect(two).toMatchObject({ count: 1, width: 2 });
    expect([...pairs.readTargets(tensor('float32', [3], [1, 2, 3]), 3, 2).data]).toEqual([1, 2, 3]);
  });

  it.each([
    [poisson, -1, 'count: 0, 1, 2', 'differences'],
    [poisson, 0.5, 'count: 0, 1, 2', 'rates'],
    [binomial, 5, 'from 0 to 4', '`trials'],
    [binomial, 0.25, 'from 0 to 4', 'y * 4'],
    [exponential, 0, 'above 0', 'rounded down'],
    [gamma, -3, 'above 0', 'standardised'],
    [pairs, NaN, 'finite', ''],
  ])('%o refuses %d, naming the example', (likelihood, value, rule, more) => {
    const T = likelihood === pairs ? 2 : 1;
    const y = tensor('float64', [3], [1, 2, value]);
    const e = refusal(() => likelihood.readTargets(y, 3, T, { where: 'data.npz: y' }));
    expect(e.code).toBe('targets/value');
    expect(e.message).toContain('data.npz: y, example 2');
    expect(e.message).toContain(rule);
    expect(e.message).toContain(more);
  });

  it('of pairs are half as wide as the network', () => {
    const e = refusal(() => pairs.readTargets(tensor('float64', [3, 4], new Array(12).fill(0)), 3, 4));
    expect(e.message).toContain('a network of 4 outputs takes targets of shape [N, 2]');
  });
});

describe('outputs outside the domain', () => {
  const bad = outputs(Float64Array.of(-1, -2, -0.5, 0.25), 2, 2);

  it('are refused by example where the caller knows it, else by row', () => {
    const e = refusal(() => gamma.checkDomain(bad, [40, 17]));
    expect(e.code).toBe('likelihood/domain');
    expect(e.message).toContain('network output 1 of example 17 (counting from 0)');
    expect(e.message).toContain('0.25');
    expect(e.message).toContain("`link: 'log'`");
    expect(refusal(() => gamma.checkDomain(bad)).message).toContain('row 1 in a batch of 2');
    expect(() => gamma.checkDomain(outputs(Float64Array.of(-1e-300), 1, 1))).not.toThrow();
    expect(refusal(() => exponential.checkDomain(outputs(Float64Array.of(-0), 1, 1))).code).toBe(
      'likelihood/domain',
    );
  });

  it('are refused by every method', () => {
    const out = new Float64Array(64);
    for (const [likelihood, h] of [
      [gamma, bad],
      [getLikelihood('gaussian-mv', {}, 'sd'), outputs(Float64Array.of(0, 1, 0, -1), 2, 2)],
      [getLikelihood('gaussian-mv', {}, 'canonical'), outputs(Float64Array.of(0, -1, 0, 1), 2, 2)],
    ] as const) {
      const labels = makeLabels(likelihood, 2, 2, 1);
      const some = draws(0, 's', [0, 1], null, 1);
      for (const call of [
        () => likelihood.logPartition(h, out),
        () => likelihood.mean(h, out),
        () => likelihood.information(h, out),
        () => likelihood.columns(h, out, out),
        () => likelihood.thirdCumulant(h, 1),
        () => likelihood.fourthCumulant(h, 1),
        () => likelihood.fourthMoment(h, 1),
        () => likelihood.sample(h, some, labels),
        () => likelihood.residual(h, labels, out),
        () => likelihood.logProbability(h, labels, out),
        () => likelihood.rademacher(h, some, out),
      ])
        expect(refusal(call).code).toBe('likelihood/domain');
    }
  });
});

describe('families and links', () => {
  it('options are checked: trials, shape, an even number of outputs', () => {
    for (const trials of [0, -1, 2.5, NaN, 2 ** 32]) {
      expect(refusal(() => getLikelihood('binomial', { trials })).code).toBe('likelihood/option');
    }
    for (const shape of [0, -1, NaN, Infinity, 1e200, 1e-200]) {
      expect(refusal(() => getLikelihood('gamma', { shape })).code).toBe('likelihood/option');
    }
    expect(refusal(() => getLikelihood('binomial')).message).toContain('`trials');
    expect(refusal(() => pairs.checkOutputs(3)).code).toBe('likelihood/outputs');
    expect(() => pairs.checkOutputs(6)).not.toThrow();
  });

  it('each family has the canonical link, and its default takes every real output', () => {
    for (const family of families) {
      expect(family.links.map((l) => l.name)).toContain('canonical');
      expect(family.links.map((l) => l.name)).toContain(family.defaultLink);
      const options = Object.fromEntries(family.options.map((o) => [o.name, 2]));
      const link = getLink(family);
      if (link.apply) continue;
      const likelihood = getLikelihood(family.name, options, link.name);
      expect(() => likelihood.checkDomain(outputs(Float64Array.of(-50, 0, 3, 50), 2, 2))).not.toThrow();
    }
  });

  it('an unknown link, and one that needs the network, are refused', () => {
    const unknown = refusal(() => getLink(getFamily('gamma'), 'logg'));
    expect(unknown.code).toBe('likelihood/link');
    expect(unknown.message).toContain("`link: 'log'`");
    expect(refusal(() => getLikelihood('gamma', { shape: 2 }, 'log')).message).toContain('resolveLink');
    expect(getLikelihood('gamma', { shape: 2 }).coordinates).toBe('canonical');
    expect(pairs.coordinates).toBe('log-sd');
    expect(pairs.natural!.likelihood().coordinates).toBe('canonical');
  });
});

describe('a Gaussian of small σ', () => {
  it('keeps its Fisher in float32 in a head of its own, where natural coordinates lose it', () => {
    // Along s = log σ the information is 2.
    const sd = 0.002;
    const [mu, s] = [Math.fround(1000.3), Math.fround(Math.log(sd))];
    const D = new Float32Array(8);
    const w = new Float32Array(4);
    pairs.columns(outputs(Float32Array.of(mu, s), 1, 2), D, w);
    const alongS = w.reduce((sum, v, k) => sum + v * D[2 * k + 1] ** 2, 0);
    expect(Math.abs(alongS - 2)).toBeLessThan(1e-6);
    const precision = 1 / sd ** 2;
    getLikelihood('gaussian-mv', {}, 'canonical').columns(
      outputs(Float32Array.of(mu * precision, -precision / 2), 1, 2),
      D,
      w,
    );
    // ∂h/∂s = (−2μ/σ², 1/σ²).
    const natural = w.reduce((sum, v, k) => {
      const score = Math.fround(
        Math.fround(-2 * mu * precision * D[2 * k]) + Math.fround(precision * D[2 * k + 1]),
      );
      return sum + v * score ** 2;
    }, 0);
    expect(Math.abs(natural - 2)).toBeGreaterThan(1e-4);
  });
});
