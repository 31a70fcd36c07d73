import { describe, expect, it } from 'vitest';
import { tensor, type Tensor } from '../core/tensor.js';
import { evaluate } from '../engine/oracle/evaluate.js';
import { constant, input, N, ops as b, vjp, type Value } from '../graph/index.js';
import { Sequence } from '../core/random.js';
import { scoresOf } from './reverse.js';

const n = 3;
const K = 2;

function random(v: Value, rng: Sequence): Tensor {
  const shape = v.shape.map((d) => (typeof d === 'number' ? d : d.batch * n));
  const size = shape.reduce((p, d) => p * d, 1);
  return tensor(
    'float64',
    shape,
    Array.from({ length: size }, () => rng.normal()),
  );
}

/** Per-example scores [n, K, p], expanded from the factored form. */
function expanded(
  name: string,
  build: (p: Record<string, Value>) => Value,
  shapes: Record<string, number[]>,
  x: Value,
) {
  const rng = new Sequence(7, name);
  const parameters = Object.fromEntries(Object.entries(shapes).map(([k, s]) => [k, input(k, 'float64', s)]));
  const h = build(parameters);
  const ct = input('ct', 'float64', [N, K, h.shape[1]]);
  const scores = scoresOf(h, Object.values(parameters), ct);
  const bind = new Map<Value, Tensor>([x, ct, ...Object.values(parameters)].map((v) => [v, random(v, rng)]));
  const forms: string[] = [];
  for (const score of scores) {
    forms.push(score.site.form);
    const { parameter } = score.site;
    const value = score.explicit();
    const [got] = evaluate([value], bind, n);
    expect(got.shape).toEqual([n, K, ...parameter.shape]);
    // The reference: one plain gradient for each example and cotangent, the others' cotangents zero.
    const seed = input('seed', 'float64', h.shape);
    const [gradient] = vjp([h], [seed], [parameter]);
    const ctData = bind.get(ct)!.data as Float64Array;
    const T = h.shape[1] as number;
    const p = parameter.shape.reduce<number>((q, d) => q * (d as number), 1);
    for (let e = 0; e < n; e++) {
      for (let k = 0; k < K; k++) {
        const s = new Float64Array(n * T);
        s.set(ctData.subarray((e * K + k) * T, (e * K + k + 1) * T), e * T);
        const [want] = evaluate([gradient!], new Map([...bind, [seed, tensor('float64', [n, T], s)]]), n);
        for (let i = 0; i < p; i++) expect(got.data[(e * K + k) * p + i]).toBeCloseTo(want.data[i], 11);
      }
    }
  }
  return forms;
}

/** Ids −4 … 2: a row from the start and from the end, and of some rows both. */
const idsOf = (x: Value): Value => {
  const bound = b.maximum(b.minimum(b.scale(x, 2), b.scalar(2, 'float64')), b.scalar(-4, 'float64'));
  return b.cast(bound, 'int64');
};

describe('factored scores equal per-example gradients', () => {
  it('dense layers, both weight orders, with biases', () => {
    const x = input('x', 'float64', [N, 4]);
    const forms = expanded(
      'dense',
      (p) => b.add(b.matmul(b.tanh(b.add(b.matmul(x, p.W1), p.b1)), b.transpose(p.W2, [1, 0])), p.b2),
      { W1: [4, 5], b1: [5], W2: [3, 5], b2: [1, 3] },
      x,
    );
    expect(forms).toEqual(['dense', 'shift', 'dense', 'shift']);
  });

  it('a tied autoencoder', () => {
    const x = input('x', 'float64', [N, 4]);
    const forms = expanded(
      'tied',
      (p) => b.matmul(b.tanh(b.matmul(x, p.W)), b.transpose(p.W, [1, 0])),
      { W: [4, 3] },
      x,
    );
    expect(forms).toEqual(['fallback']);
  });

  it('an embedding tied with the head: one sum over look-ups and product', () => {
    const x = input('x', 'float64', [N, 3]);
    const bound = (v: Value) =>
      b.maximum(b.minimum(b.scale(v, 2), b.scalar(3, 'float64')), b.scalar(-4, 'float64'));
    const ids = b.cast(bound(x), 'int64');
    const forms = expanded(
      'embedding',
      (p) => {
        const rows = b.add(
          b.gather(p.E, ids, 0),
          b.gather(p.P, constant(tensor('int64', [3], [0, 2, 2])), 0),
        );
        return b.matmul(b.reduceMean(b.tanh(rows), [1]), b.transpose(p.E, [1, 0]));
      },
      { E: [4, 2], P: [5, 2] },
      x,
    );
    expect(forms).toEqual(['fallback', 'fallback']);
  });

  it('an embedding, rows that an example picks again added up', () => {
    const x = input('x', 'float64', [N, 4]);
    const forms = expanded(
      'looked up',
      (p) => b.reduceMean(b.tanh(b.gather(p.E, idsOf(x), 0)), [1]),
      { E: [6, 3] },
      x,
    );
    expect(forms).toEqual(['embedding']);
  });

  it('one id an example', () => {
    const x = input('x', 'float64', [N]);
    expect(expanded('one', (p) => b.tanh(b.gather(p.E, idsOf(x), 0)), { E: [6, 3] }, x)).toEqual([
      'embedding',
    ]);
  });

  it('two look-ups in one table, and two of the same ids', () => {
    const x = input('x', 'float64', [N, 2, 2]);
    const forms = expanded(
      'twice',
      (p) => {
        const ids = idsOf(x);
        const rows = b.reduceMean(b.tanh(b.gather(p.E, ids, 0)), [1, 2]);
        const last = b.gather(p.E, b.reshape(b.slice(b.slice(ids, 1, 1, 2), 2, 1, 2), [N]), 0);
        return b.mul(rows, b.add(last, b.reduceMean(b.square(b.gather(p.E, ids, 0)), [1, 2])));
      },
      { E: [10, 3] },
      x,
    );
    expect(forms).toEqual(['embedding']);
  });

  it('a table of no more rows than are looked up', () => {
    const x = input('x', 'float64', [N, 6]);
    const forms = expanded(
      'small',
      (p) => b.reduceMean(b.tanh(b.gather(p.E, idsOf(x), 0)), [1]),
      { E: [6, 3] },
      x,
    );
    expect(forms).toEqual(['fallback']);
  });

  it('a Linear over tokens, and a masked weight', () => {
    const x = input('x', 'float64', [N, 3, 4]);
    const mask = constant(
      tensor('float64', [4, 5], [1, 0, 1, 1, 0, 0, 1, 1, 0, 1, 1, 1, 0, 0, 1, 0, 1, 0, 1, 1]),
    );
    const forms = expanded(
      'tokens',
      (p) => b.reduceSum(b.tanh(b.add(b.matmul(x, b.mul(p.W, mask)), p.b)), [1]),
      { W: [4, 5], b: [5] },
      x,
    );
    expect(forms).toEqual(['fallback', 'shift']);
  });

  it('a learned scale', () => {
    const x = input('x', 'float64', [N, 4]);
    expect(expanded('scale', (p) => b.mul(b.matmul(x, p.W), p.s), { W: [4, 3], s: [3] }, x)).toEqual([
      'dense',
      'scale',
    ]);
  });

  it('biases and scales of channels, with axes of length 1 behind them', () => {
    const x = input('x', 'float64', [N, 2, 5]);
    const channels = (v: Value) => b.unsqueeze(v, [1]);
    const forms = expanded(
      'channels',
      (p) => {
        const z = b.add(b.matmul(p.W, x), channels(p.b));
        const y = b.add(b.mul(b.tanh(z), channels(p.s)), b.reshape(p.t, [1, 3, 1]));
        return b.reduceSum(b.square(y), [2]);
      },
      { W: [3, 2], b: [3], s: [3], t: [3] },
      x,
    );
    expect(forms).toEqual(['shared', 'shift', 'scale', 'shift']);
  });

  it('not those whose entries a reshape lays out otherwise', () => {
    const x = input('x', 'float64', [N, 2, 3]);
    const f = (p: Record<string, Value>) => b.reduceSum(b.tanh(b.add(x, b.reshape(p.b, [2, 3]))), [2]);
    expect(expanded('laid out', f, { b: [3, 2] }, x)).toEqual(['fallback']);
  });
});

it('a parameter that an operator without derivative cuts off has no score, however it is used', () => {
  const x = input('x', 'float64', [N, 2, 3]);
  const [W, V] = [input('W', 'float64', [3, 2]), input('V', 'float64', [4, 3])];
  const whole = (v: Value) => b.cast(b.cast(v, 'int64'), 'float64');
  const h = b.matmul(b.reshape(whole(b.matmul(x, W)), [N, 4]), V);
  const ct = input('ct', 'float64', [N, K, 3]);
  expect(scoresOf(h, [W, V], ct).map((s) => s.site.parameter)).toEqual([V]);
});
