import { describe, expect, it } from 'vitest';
import { evaluate } from '../engine/oracle/evaluate.js';
import { constant, input, N, ops as b, type Value } from '../graph/index.js';
import { tensor, type Tensor } from '../core/tensor.js';
import { families, getFamily, outputs, type Outputs } from '../likelihood/index.js';
import { softplus } from '../core/numeric.js';
import { denseNetwork } from './dense.js';
import { describeLink, resolveLink } from './links.js';
import { loadNetwork } from './load.js';
import { networkToOnnx } from './save.js';

const Z = [-2.5, -0.3, 0.4, 1.7];
const POSITIVE = [0.2, 0.9, 1.4, 30];

/** h at rows of two outputs. */
function applied(name: string, options: Record<string, number>, link: string, z: number[]): Outputs {
  const x = input('z', 'float64', [N, 2]);
  const { apply } = resolveLink(name, options, link);
  const [{ data }] = evaluate(
    [apply(x)],
    new Map([[x, tensor('float64', [z.length / 2, 2], z)]]),
    z.length / 2,
  );
  return outputs(data, z.length / 2, 2);
}

describe('a link in the graph', () => {
  it.each([
    ['poisson', {}, 'canonical', Z, Math.exp],
    ['poisson', {}, 'log', Z, Math.exp],
    ['poisson', {}, 'softplus', Z, softplus],
    ['poisson', {}, 'identity', POSITIVE, (z: number) => z],
    ['exponential', {}, 'canonical', POSITIVE.map((z) => -z), (z: number) => -1 / z],
    ['exponential', {}, 'log', Z, Math.exp],
    ['exponential', {}, 'log-rate', Z, (z: number) => Math.exp(-z)],
    ['exponential', {}, 'softplus', Z, softplus],
    ['gamma', { shape: 2.5 }, 'log', Z, Math.exp],
    ['gamma', { shape: 2.5 }, 'log-rate', Z, (z: number) => 2.5 * Math.exp(-z)],
    ['gamma', { shape: 2.5 }, 'softplus', Z, softplus],
    ['gamma', { shape: 2.5 }, 'identity', POSITIVE, (z: number) => z],
    ['binomial', { trials: 3 }, 'logit', Z, (z: number) => 3 / (1 + Math.exp(-z))],
  ] as const)('%s %o, %s: the mean of y is what its name says', (name, options, link, z, mean) => {
    const h = applied(name, { ...options }, link, [...z]);
    const eta = new Float64Array(z.length);
    resolveLink(name, options, link).likelihood.mean(h, eta);
    z.forEach((v, i) => expect(Math.abs(eta[i] / mean(v) - 1)).toBeLessThan(1e-14));
  });

  it('every link of every family is one of these, or the canonical one, or a head’s own', () => {
    const inGraph = families.flatMap((f) => f.links.filter((l) => l.apply).map((l) => `${f.name} ${l.name}`));
    expect(inGraph).toEqual([
      'poisson softplus',
      'poisson identity',
      ...['exponential', 'gamma'].flatMap((f) =>
        ['log', 'log-rate', 'softplus', 'identity'].map((l) => `${f} ${l}`),
      ),
    ]);
  });

  it('is described where a family has several', () => {
    expect(describeLink(resolveLink('gamma', { shape: 2 }))).toBe('gamma, link log: output = log mean');
    expect(describeLink(resolveLink('bernoulli'))).toBeNull();
  });
});

describe('the natural form of a head', () => {
  it.each(getFamily('gaussian-mv').links.map((l) => l.name))('%s: I(φ) = (∂h/∂φ)ᵀ I(h) ∂h/∂φ', (link) => {
    const { likelihood } = resolveLink('gaussian-mv', {}, link);
    const { natural } = likelihood;
    if (!natural) {
      expect(link).toBe('canonical');
      return;
    }
    const phi = [0.7, -0.4, 0.9, 1.3];
    const x = input('phi', 'float64', [N, 4]);
    const map = natural.apply(x);
    const at = (values: number[]) => {
      const [{ data }] = evaluate([map], new Map([[x, tensor('float64', [1, 4], values)]]), 1);
      return data;
    };
    const step = 1e-3;
    // Sixth-order central differences of h along each coordinate.
    const J = phi.map((_, a) => {
      const [m3, m2, m1, p1, p2, p3] = [-3, -2, -1, 1, 2, 3].map((k) =>
        at(phi.map((v, i) => (i === a ? v + k * step : v))),
      );
      return m1.map((_, i) => (45 * (p1[i] - m1[i]) - 9 * (p2[i] - m2[i]) + (p3[i] - m3[i])) / (60 * step));
    });
    const [own, inner] = [new Float64Array(16), new Float64Array(16)];
    likelihood.information(outputs(Float64Array.from(phi), 1, 4), own);
    natural.likelihood().information(outputs(at(phi), 1, 4), inner);
    for (let a = 0; a < 4; a++) {
      for (let c = 0; c < 4; c++) {
        let sum = 0;
        for (let i = 0; i < 4; i++) for (let j = 0; j < 4; j++) sum += J[a][i] * inner[4 * i + j] * J[c][j];
        expect(Math.abs(own[4 * a + c] - sum)).toBeLessThan(1e-9);
      }
    }
    // The same density, and F, in both.
    const y = { data: Float64Array.of(0.2, -1.5), count: 1, width: 2 };
    const values = [likelihood, natural.likelihood()].map((l, i) => {
      const out = new Float64Array(2);
      const h = outputs(i === 0 ? Float64Array.from(phi) : at(phi), 1, 4);
      l.logProbability(h, y, out);
      l.logPartition(h, out.subarray(1));
      return out;
    });
    expect(Math.abs(values[0][0] - values[1][0])).toBeLessThan(1e-13);
    expect(Math.abs(values[0][1] - values[1][1])).toBeLessThan(1e-13);
  });
});

describe('files', () => {
  const evaluated = (loaded: Pick<ReturnType<typeof loadNetwork>, 'network'>) => {
    const { network } = loaded;
    const bind = new Map<Value, Tensor>([
      [[...network.inputs.values()][0], tensor('float64', [1, 3], [0.3, -1, 2])],
    ]);
    for (const [name, v] of [...network.parameters, ...network.fixed])
      bind.set(v, network.weights.get(name)!);
    return [...evaluate([network.h], bind, 1)[0].data] as number[];
  };

  it.each([
    ['gamma', { shape: 2 }, 'log', 'canonical'],
    ['poisson', {}, 'softplus', 'canonical'],
    ['exponential', {}, 'identity', 'canonical'],
    ['gaussian-mv', {}, 'log-variance', 'log-variance'],
    ['gaussian-mv', {}, 'canonical', 'canonical'],
  ] as const)('%s, link %s%s: written and read, h is the same', (name, options, link, stored) => {
    const linked = resolveLink(name, options, link);
    const bare = denseNetwork({ widths: [3, 4, 2], dtype: 'float64', seed: 1 });
    const network = { ...bare, h: linked.apply(b.add(bare.h, constant(tensor('float64', [2], [3, 3])))) };
    const bytes = networkToOnnx(network, linked.likelihood);
    for (const likelihood of [undefined, name]) {
      const loaded = loadNetwork(bytes, {
        file: 'net.onnx',
        dtype: 'float64',
        likelihood,
        ...(likelihood ? { likelihoodOptions: options } : {}),
      });
      expect(loaded.link).toBe(stored);
      expect(loaded.likelihood.coordinates).toBe(stored);
      expect(loaded.output.removed).toEqual([]);
      evaluated(loaded).forEach((v, i) => expect(v).toBeCloseTo(evaluated({ network })[i], 13));
    }
    const again = { file: 'net.onnx', dtype: 'float64', link: 'identity' } as const;
    expect(() => loadNetwork(bytes, again)).toThrow('leave `link` out');
  });

  it('without metadata the family’s default link holds, and is said; --output-is natural means what it says', () => {
    const bare = denseNetwork({ widths: [3, 4, 2], dtype: 'float64', seed: 1 });
    const bytes = networkToOnnx(bare, resolveLink('categorical').likelihood);
    const load = (more: object) =>
      loadNetwork(bytes, {
        file: 'net.onnx',
        dtype: 'float64',
        likelihood: 'gamma',
        likelihoodOptions: { shape: 3 },
        ...more,
      });
    const h = evaluated({ network: bare });
    const loaded = load({});
    expect(loaded.notes).toContain('gamma, link log: output = log mean');
    evaluated(loaded).forEach((v, i) => expect(v).toBeCloseTo(-3 * Math.exp(-h[i]), 13));
    expect(evaluated(load({ outputIs: 'natural' }))).toEqual(h);
    expect(evaluated(load({ link: 'canonical' }))).toEqual(h);
    expect(() => load({ link: 'logit' })).toThrow('has the links log');
  });
});
