import { describe, expect, it } from 'vitest';
import { deviation, expectClose } from '../../../../test/fisher/close.js';
import { sourceOf } from '../../../../test/fisher/examples.js';
import { smallNetwork } from '../../../../test/fisher/small-network.js';
import { Sequence } from '../../../core/random.js';
import { tensor } from '../../../core/tensor.js';
import { createSmallEngine } from '../../../engine/small/index.js';
import { input, N, ops as b, type Value } from '../../../graph/index.js';
import { getLikelihood } from '../../../likelihood/index.js';
import { denseNetwork } from '../../../model/dense.js';
import { atPrecision, type Network, withWeights } from '../../../model/network.js';
import { denseMoments } from './moments.js';
import { derivatives } from './derivatives.js';
import { elementsOf } from './elements.js';
import { typeTwoIsExact } from '../../../scores/second/exactness.js';
import { TYPE_ONE_BOUNDS, TYPE_TWO_BOUNDS, varianceProfile } from '../../closed-forms/profile.js';
import { violated } from '../../../variance/bounds.js';

const engine = createSmallEngine();
const bernoulli = getLikelihood('bernoulli');

/** A network from a function of its parameters, with normal weights, and two inputs. */
function made(
  name: string,
  build: (p: Record<string, Value>, x: Value) => Value,
  shapes: Record<string, number[]>,
) {
  const rng = new Sequence(1, name);
  const normal = (shape: number[]) =>
    tensor(
      'float64',
      shape,
      Array.from({ length: shape.reduce((s, d) => s * d, 1) }, () => rng.normal()),
    );
  const x = input('x', 'float64', [N, 3]);
  const p = Object.fromEntries(Object.entries(shapes).map(([k, s]) => [k, input(k, 'float64', s)]));
  const network: Network = {
    inputs: new Map([['x', x]]),
    h: build(p, x),
    parameters: new Map(Object.entries(p)),
    fixed: new Map(),
    weights: new Map(Object.entries(shapes).map(([k, s]) => [k, normal(s)])),
  };
  return { network, x: normal([2, 3]) };
}

const variances = async (network: Network, x: ReturnType<typeof tensor>) => {
  const { all } = await varianceProfile(engine, network, bernoulli, sourceOf(x));
  return new Map(all.tensors.map((t) => [t.name, Math.max(...t.type2)]));
};

describe('where type 2 is exact', () => {
  it('every layer of a ReLU network, each by itself; no two together across an activation', async () => {
    const { network, x } = smallNetwork('relu', 2, 1);
    for (const p of network.parameters.keys()) expect(typeTwoIsExact(network, p)).toBe(true);
    expect(typeTwoIsExact(network, ['fc1.weight', 'fc1.bias'])).toBe(true);
    expect(typeTwoIsExact(network, ['fc1.weight', 'fc2.weight'])).toBe(false);
    for (const v of (await variances(network, x)).values()) expect(v).toBe(0);
    const { type2, P } = await denseMoments(engine, network, bernoulli, sourceOf(x));
    expect(type2.some((v) => v > 0)).toBe(true);
    // fc1 and its bias: the first 3·4 + 4 parameters.
    for (let i = 0; i < 16; i++) for (let j = 0; j < 16; j++) expect(type2[i * P + j]).toBe(0);
  });

  it('the last layer, where it is affine and its output natural, and not under another link', async () => {
    const { network, x } = smallNetwork('tanh', 2, 1);
    expect(typeTwoIsExact(network, ['fc3.weight', 'fc3.bias'])).toBe(true);
    expect(typeTwoIsExact(network, 'fc2.weight')).toBe(false);
    const plain = await variances(network, x);
    expect(plain.get('fc3.weight')).toBe(0);
    expect(plain.get('fc2.weight')).toBeGreaterThan(0);
    const linked = { ...network, h: b.log(b.softplus(network.h)) };
    expect(typeTwoIsExact(linked, 'fc3.bias')).toBe(false);
    const other = await variances(linked, x);
    expect(other.get('fc3.weight')).toBeGreaterThan(0);
    expect(other.get('fc3.bias')).toBeGreaterThan(0);
  });

  it('not a weight used twice in sequence, nor a gate of which both sides move; a weight used twice side by side is', async () => {
    const twice = made('twice', (p, x) => b.matmul(b.relu(b.matmul(x, p.W)), p.W), { W: [3, 3] });
    expect(typeTwoIsExact(twice.network, 'W')).toBe(false);
    expect((await variances(twice.network, twice.x)).get('W')).toBeGreaterThan(0);
    const gate = made(
      'gate',
      (p, x) => {
        const z = b.matmul(x, p.W);
        return b.matmul(b.mul(z, b.relu(z)), p.V);
      },
      { W: [3, 3], V: [3, 2] },
    );
    expect(typeTwoIsExact(gate.network, 'W')).toBe(false);
    expect(typeTwoIsExact(gate.network, 'V')).toBe(true);
    expect((await variances(gate.network, gate.x)).get('W')).toBeGreaterThan(0);
    const beside = made('beside', (p, x) => b.add(b.matmul(x, p.W), b.matmul(b.neg(b.abs(x)), p.W)), {
      W: [3, 2],
    });
    expect(typeTwoIsExact(beside.network, 'W')).toBe(true);
    expect((await variances(beside.network, beside.x)).get('W')).toBe(0);
    const gated = made('one side', (p, x) => b.mul(b.matmul(x, p.W), b.sigmoid(b.matmul(x, p.V))), {
      W: [3, 2],
      V: [3, 2],
    });
    expect(typeTwoIsExact(gated.network, 'W')).toBe(true);
    expect(typeTwoIsExact(gated.network, 'V')).toBe(false);
  });
});

describe('the recursion D_l = C_l + (D_{l+1} W²) φ′² of Becker and LeCun', () => {
  /** Its deviation from the exact first-layer D, at one input, for a tanh network with these weights. */
  async function recursionError(hidden: number): Promise<number> {
    const widths = [3, ...new Array<number>(hidden).fill(4), 2];
    const network = denseNetwork({
      widths,
      activation: 'tanh',
      initialiser: 'lecun',
      initialScale: 1.5,
      seed: 3,
      dtype: 'float64',
    });
    const x = Float64Array.of(0.4, -1, 0.8);
    const L = widths.length - 1;
    const W = Array.from(
      { length: L },
      (_, l) => network.weights.get(`fc${l + 1}.weight`)!.data as Float64Array,
    );
    const bias = Array.from(
      { length: L },
      (_, l) => network.weights.get(`fc${l + 1}.bias`)!.data as Float64Array,
    );
    const a: Float64Array[] = [x];
    for (let l = 0; l < L - 1; l++) {
      const own = bias[l].map((c, o) => {
        let z = c;
        for (let i = 0; i < widths[l]; i++) z += W[l][o * widths[l] + i] * a[l][i];
        return Math.tanh(z);
      });
      a.push(own);
    }
    const worst: number[] = [];
    for await (const batch of derivatives(engine, network, sourceOf(tensor('float64', [1, 3], x))))
      for (const elements of elementsOf(batch, bernoulli)) {
        const H = new Float64Array(2);
        const got = new Float64Array(2 * 4);
        const want = new Float64Array(2 * 4);
        for (let out = 0; out < 2; out++) {
          // Cotangents and curvatures at z_l, from the last layer down.
          let [back, D] = [new Float64Array(0), new Float64Array(0)];
          for (let l = L - 2; l >= 0; l--) {
            const above = (v: Float64Array, power: number) =>
              Float64Array.from({ length: widths[l + 1] }, (_, o) => {
                if (l === L - 2) return power === 1 ? W[l + 1][out * widths[l + 1] + o] : 0;
                let sum = 0;
                for (let m = 0; m < widths[l + 2]; m++)
                  sum += v[m] * W[l + 1][m * widths[l + 1] + o] ** power;
                return sum;
              });
            const slope = a[l + 1].map((y) => 1 - y * y);
            const up = above(back, 1);
            const bent = above(D, 2);
            D = up.map((g, o) => g * slope[o] * -2 * a[l + 1][o] + bent[o] * slope[o] ** 2);
            back = up.map((g, o) => g * slope[o]);
          }
          for (let o = 0; o < 4; o++) {
            want[out * 4 + o] = D[o] * x[1] ** 2;
            elements.hessian(o * 3 + 1, o * 3 + 1, H);
            got[out * 4 + o] = H[out];
          }
        }
        worst.push(deviation(want, got));
      }
    return Math.max(...worst);
  }

  it('is exact up to two hidden layers, and not for three', async () => {
    expect(await recursionError(1)).toBeLessThan(1e-14);
    expect(await recursionError(2)).toBeLessThan(1e-14);
    expect(await recursionError(3)).toBeGreaterThan(1e-3);
    expect(await recursionError(4)).toBeGreaterThan(1e-3);
  });
});

describe('the variance profile', () => {
  const families = {
    categorical: getLikelihood('categorical'),
    bernoulli,
    gaussian: getLikelihood('gaussian', { variance: 2 }),
    'mean and log σ': getLikelihood('gaussian-mv', {}, 'log-sd'),
    poisson: getLikelihood('poisson'),
  };
  it.each(Object.keys(families) as (keyof typeof families)[])(
    '%s: the diagonal of the P×P matrices, whatever the batch, groups that add up, bounds that hold',
    async (family) => {
      const likelihood = families[family];
      const { network, x } = smallNetwork('sigmoid', 2, 4, 5);
      const dense = await denseMoments(engine, network, likelihood, sourceOf(x));
      for (const options of [{}, { batch: 1, groups: 2 }, { budget: 40 }]) {
        const { all, groups } = await varianceProfile(engine, network, likelihood, sourceOf(x), options);
        let offset = 0;
        for (const t of all.tensors) {
          for (const q of ['fisher', 'type1', 'type2', 'cross', 'oracle'] as const) {
            const want = t[q].map((_, i) => dense[q][(offset + i) * (dense.P + 1)]);
            const scale = Math.max(...t.type1, ...t.type2, ...t.fisher);
            expect(deviation(t[q], want, scale)).toBeLessThanOrEqual(1e-12);
          }
          for (const [bounds, value] of [
            [t.bounds1, t.type1],
            [t.bounds2, t.type2],
          ] as const)
            for (const [, bound] of bounds)
              value.forEach((v, i) => expect(violated('upper', bound[i], v)).toBe(false));
          offset += t.fisher.length;
        }
        const weighted = all.tensors[0].type1.map((_, i) =>
          groups.reduce((s, g) => s + (g.examples / all.examples) * g.tensors[0].type1[i], 0),
        );
        expectClose(weighted, all.tensors[0].type1, 1e-12);
        const bounded = ['categorical', 'bernoulli'].includes(family);
        expect([...all.tensors[0].bounds1.keys()]).toEqual(
          family === 'categorical'
            ? [...TYPE_ONE_BOUNDS]
            : bounded
              ? ['matrix', 'range', 'spread']
              : ['matrix'],
        );
        expect([...all.tensors[0].bounds2.keys()]).toEqual(
          family === 'categorical' ? [...TYPE_TWO_BOUNDS] : bounded ? ['matrix', 'range'] : ['matrix'],
        );
      }
    },
  );

  it('is within 1 % in float32 where the network is sure (p > 0.9999)', async () => {
    const { network, x } = smallNetwork('tanh', 4, 2, 6);
    const bias = network.weights.get('fc3.bias')!;
    const sure = withWeights(
      network,
      new Map([['fc3.bias', { ...bias, data: Float64Array.of(14, 0, 1, -1) }]]),
    );
    const likelihood = getLikelihood('categorical');
    const single = atPrecision(sure, 'float32');
    const rounded = atPrecision(single, 'float64');
    const exact = await varianceProfile(engine, rounded, likelihood, sourceOf(x));
    const got = await varianceProfile(engine, single, likelihood, sourceOf(x));
    for await (const batch of derivatives(engine, rounded, sourceOf(x), { second: false })) {
      for (let e = 0; e < batch.n; e++) {
        const h = [...batch.h.data.slice(e * 4, e * 4 + 4)];
        expect(1 / h.reduce((s, v) => s + Math.exp(v - h[0]), 0)).toBeGreaterThan(0.9999);
      }
    }
    exact.all.tensors.forEach((t, k) => {
      for (const q of ['fisher', 'type1', 'type2'] as const)
        t[q].forEach((v, i) => {
          if (v > 0) expect(Math.abs(got.all.tensors[k][q][i] / v - 1)).toBeLessThan(0.01);
          else expect(got.all.tensors[k][q][i]).toBe(0);
        });
    });
  });
});
