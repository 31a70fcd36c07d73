import { describe, expect, it } from 'vitest';
import { Sequence } from '../../core/random.js';
import { tensor, type Tensor } from '../../core/tensor.js';
import { evaluate } from '../../engine/oracle/evaluate.js';
import { input, N, ops as b, vjp, type Value } from '../../graph/index.js';
import { activation, ACTIVATIONS } from '../../model/activations.js';
import { entryScores, siteScores } from './site-scores.js';

const n = 2;

function random(v: Value, rng: Sequence): Tensor {
  const shape = v.shape.map((d) => (typeof d === 'number' ? d : d.batch * n));
  const size = shape.reduce((p, d) => p * d, 1);
  return tensor(
    'float64',
    shape,
    Array.from({ length: size }, () => rng.normal()),
  );
}

type Net = (p: Record<string, Value>, x: Value) => Value;

/** Largest error of ∂²h_a/∂θ_i² against central differences of the analytic gradient, and which parameters were taken by entries. */
function check(name: string, build: Net, shapes: Record<string, number[]>, xShape: number[], chunk: number) {
  const rng = new Sequence(3, name);
  const x = input('x', 'float64', [N, ...xShape]);
  const parameters = Object.fromEntries(Object.entries(shapes).map(([k, s]) => [k, input(k, 'float64', s)]));
  const h = build(parameters, x);
  const T = h.shape[1] as number;
  const ct = input('ct', 'float64', [N, T, T]);
  const unit = new Float64Array(n * T * T);
  for (let e = 0; e < n; e++) for (let a = 0; a < T; a++) unit[(e * T + a) * T + a] = 1;
  const bind = new Map<Value, Tensor>([x, ...Object.values(parameters)].map((v) => [v, random(v, rng)]));
  const run = (values: Value[], extra: [Value, Tensor][]) =>
    evaluate(values, new Map([...bind, [ct, tensor('float64', [n, T, T], unit)], ...extra]), n);

  const seed = input('seed', 'float64', h.shape);
  const truth = (parameter: Value): Float64Array => {
    const [g] = vjp([h], [seed], [parameter]);
    const data = bind.get(parameter)!.data as Float64Array;
    const out = new Float64Array(n * T * data.length);
    const step = 1e-3;
    for (let e = 0; e < n; e++)
      for (let a = 0; a < T; a++) {
        const s = new Float64Array(n * T);
        s[e * T + a] = 1;
        const at: [Value, Tensor][] = [[seed, tensor('float64', [n, T], s)]];
        for (let i = 0; i < data.length; i++) {
          const kept = data[i];
          const slope = (k: number) => {
            data[i] = kept + k * step;
            return g ? run([g], at)[0].data[i] : 0;
          };
          const d = 45 * (slope(1) - slope(-1)) - 9 * (slope(2) - slope(-2)) + (slope(3) - slope(-3));
          data[i] = kept;
          out[(e * T + a) * data.length + i] = d / (60 * step);
        }
      }
    return out;
  };
  let worst = 0;
  const compare = (got: ArrayLike<number> | null, want: Float64Array) => {
    if (got) expect(got.length).toBe(want.length);
    want.forEach((v, i) => (worst = Math.max(worst, Math.abs((got?.[i] ?? 0) - v) / (1 + Math.abs(v)))));
  };
  const { structured, entries } = siteScores(h, Object.values(parameters), ct, chunk);
  for (const { parameter, second } of structured) {
    compare(second ? run([second.explicit()], [])[0].data : null, truth(parameter));
  }
  for (const parameter of entries) {
    const size = parameter.shape.reduce<number>((p, d) => p * (d as number), 1);
    const want = truth(parameter);
    const got = new Float64Array(want.length);
    const L = Math.min(size, 3);
    const seeds = input('seeds', 'float64', [L, size]);
    const { second } = entryScores(h, parameter, ct, seeds);
    if (second)
      for (let fresh = 0; fresh < size; fresh += L) {
        const from = Math.min(fresh, size - L);
        const hot = new Float64Array(L * size);
        for (let j = 0; j < L; j++) hot[j * size + from + j] = 1;
        const [{ data }] = run([second], [[seeds, tensor('float64', [L, size], hot)]]);
        for (let r = 0; r < n * T; r++)
          for (let j = 0; j < L; j++) got[r * size + from + j] = data[r * L + j];
      }
    compare(got, want);
  }
  return { worst, entries: entries.map((v) => v.name) };
}

const linear = (x: Value, W: Value) => b.matmul(x, W);
const dense: Net = (p, x) => {
  let a = x;
  for (let l = 1; p[`W${l}`]; l++) {
    a = b.add(linear(a, p[`W${l}`]), p[`b${l}`]);
    if (p[`W${l + 1}`]) a = b.tanh(a);
  }
  return a;
};
const widths = (...w: number[]) =>
  Object.fromEntries(
    w.slice(1).flatMap((m, l) => [
      [`W${l + 1}`, [w[l], m]],
      [`b${l + 1}`, [m]],
    ]),
  );

describe('second derivatives along parameters equal differences of gradients', () => {
  it.each(Object.keys(ACTIVATIONS))('dense layers with %s', (name) => {
    const phi = activation(name);
    const net: Net = (p, x) => linear(phi(linear(phi(b.add(linear(x, p.W1), p.b1)), p.W2)), p.W3);
    const { worst, entries } = check(name, net, { W1: [3, 4], b1: [4], W2: [4, 3], W3: [3, 2] }, [3], 2);
    expect(worst).toBeLessThan(2e-10);
    expect(entries).toEqual([]);
  });

  it.each([1, 2, 7])('four hidden layers, %i directions at a time', (chunk) => {
    const { worst } = check('deep', dense, widths(3, 4, 5, 4, 3, 2), [3], chunk);
    expect(worst).toBeLessThan(2e-10);
  });

  const cases: [string, Net, Record<string, number[]>, number[], string[]][] = [
    [
      'a residual block, a learned scale and a normalisation',
      (p, x) => {
        const z = b.mul(linear(x, p.W1), p.s);
        const r = b.add(z, b.tanh(linear(z, p.W2)));
        const centred = b.sub(r, b.reduceMean(r, [1], true));
        const sd = b.sqrt(b.shift(b.reduceMean(b.square(centred), [1], true), 0.1));
        return linear(b.div(centred, sd), p.W3);
      },
      { W1: [3, 4], s: [4], W2: [4, 4], W3: [4, 2] },
      [3],
      [],
    ],
    [
      'a gate',
      (p, x) => b.mul(linear(x, p.W1), b.sigmoid(linear(x, p.W2))),
      { W1: [3, 2], W2: [3, 2] },
      [3],
      [],
    ],
    [
      'a weight used twice in sequence',
      (p, x) => linear(b.relu(linear(x, p.W)), p.W),
      { W: [3, 3] },
      [3],
      ['W'],
    ],
    [
      'a tied autoencoder, a mask and an exponential',
      (p, x) => {
        const code = b.softplus(linear(x, b.mul(p.W, b.exp(p.m))));
        return linear(code, b.transpose(p.W, [1, 0]));
      },
      { W: [3, 4], m: [4] },
      [3],
      ['W', 'm'],
    ],
    [
      'attention over tokens, with softmax',
      (p, x) => {
        const q = b.add(b.matmul(x, p.Q), p.c);
        const k = b.matmul(x, p.K);
        const a = b.softmax(b.matmul(q, b.swapLast(k)), 2);
        return b.reduceSum(b.tanh(b.matmul(a, b.matmul(x, p.V))), [1]);
      },
      { Q: [2, 3], c: [3], K: [2, 3], V: [2, 2] },
      [3, 2],
      ['Q', 'c', 'K', 'V'],
    ],
    [
      'tokens flattened into rows, log-softmax, powers',
      (p, x) => {
        const rows = b.reshape(b.pow(b.softplus(x), p.e), [{ batch: 3 }, 2]);
        const z = b.logSoftmax(b.matmul(rows, p.W), 1);
        return b.reduceSum(b.div(b.shift(b.reshape(z, [N, 3, 3]), -5), b.shift(b.square(p.b), 1)), [1]);
      },
      { e: [1], W: [2, 3], b: [3] },
      [3, 2],
      ['e', 'W', 'b'],
    ],
  ];
  it.each(cases)('%s', (name, net, shapes, x, expected) => {
    const { worst, entries } = check(name, net, shapes, x, 2);
    expect(worst).toBeLessThan(1e-9);
    expect(entries).toEqual(expected);
  });
});
