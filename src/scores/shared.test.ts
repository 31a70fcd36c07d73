import { kroneckerFactors } from './kronecker.js';
import { describe, expect, it } from 'vitest';
import { Sequence } from '../core/random.js';
import { sizeOf, tensor, type Tensor } from '../core/tensor.js';
import { evaluate } from '../engine/oracle/evaluate.js';
import { constant, input, N, ops as b, type Shape, type Value, vjp } from '../graph/index.js';
import { concrete } from '../graph/dims.js';
import { scoresOf } from './reverse.js';
import type { Score } from './score.js';

const n = 3;
const K = 2;

type Parameters = Record<string, Value>;

/** Sums a value [N, …] to [N, 2] by fixed weights that leave nothing out. */
function outputs(y: Value): Value {
  const width = sizeOf(concrete(y.shape, 1));
  const flat = b.reshape(b.tanh(y), [N, width]);
  const rng = new Sequence(3, 'outputs');
  const w = tensor(
    'float64',
    [width, 2],
    Float64Array.from({ length: 2 * width }, () => rng.normal()),
  );
  return b.matmul(flat, constant(w));
}

interface Case {
  readonly x: Shape;
  readonly shapes: Record<string, number[]>;
  readonly build: (x: Value, p: Parameters) => Value;
  readonly form?: string;
}

const conv = (x: Value, w: Value, to: number): Value => {
  const columns = b.concat(
    [0, 1, 2].map((t) => b.slice(x, 2, t, t + 3)),
    1,
  );
  return b.matmul(b.reshape(w, [to, 6]), columns);
};

const CASES: Record<string, Case> = {
  tokens: { x: [N, 3, 4], shapes: { W: [4, 5] }, build: (x, p) => b.matmul(x, p.W) },
  'tokens, stored [out, in]': {
    x: [N, 3, 4],
    shapes: { W: [5, 4] },
    build: (x, p) => b.matmul(x, b.transpose(p.W, [1, 0])),
  },
  'tokens on two axes': { x: [N, 2, 3, 4], shapes: { W: [4, 2] }, build: (x, p) => b.matmul(x, p.W) },
  'rows of 3N': {
    x: [N, 3, 4],
    shapes: { W: [4, 5] },
    build: (x, p) => b.matmul(b.reshape(x, [{ batch: 3 }, 4]), p.W),
  },
  'the weight in front': { x: [N, 2, 5], shapes: { W: [4, 2, 3] }, build: (x, p) => conv(x, p.W, 4) },
  'the weight in front, stored [in, out]': {
    x: [N, 4, 5],
    shapes: { W: [4, 3] },
    build: (x, p) => b.matmul(b.transpose(p.W, [1, 0]), x),
  },
  'in groups': {
    x: [N, 3, 2, 5],
    shapes: { W: [12, 2, 1] },
    build: (x, p) => b.matmul(b.reshape(p.W, [3, 4, 2]), x),
  },
  'in groups, behind and stored [out, in]': {
    x: [N, 3, 5, 2],
    shapes: { W: [3, 4, 2] },
    build: (x, p) => b.matmul(x, b.transpose(p.W, [0, 2, 1])),
  },
  'one output of a channel': {
    x: [N, 4, 3, 5],
    shapes: { W: [4, 1, 3] },
    build: (x, p) => b.matmul(p.W, x),
  },
  'groups between positions': {
    x: [N, 2, 3, 5, 4],
    shapes: { W: [3, 4, 2] },
    build: (x, p) => b.matmul(x, b.reshape(p.W, [1, 3, 4, 2])),
  },
  'time before the examples': {
    x: [N, 3, 4],
    shapes: { W: [4, 2] },
    build: (x, p) => b.transpose(b.matmul(b.transpose(x, [1, 0, 2]), p.W), [1, 0, 2]),
  },
  'steps in time': {
    x: [N, 4],
    shapes: { W: [4, 4] },
    build: (x, p) => b.matmul(b.tanh(b.matmul(b.tanh(b.matmul(x, p.W)), p.W)), p.W),
  },
  'before and behind': {
    x: [N, 3, 3],
    shapes: { W: [3, 3] },
    build: (x, p) => b.matmul(b.transpose(p.W, [1, 0]), b.tanh(b.matmul(x, p.W))),
  },
  'reshaped across its rows': {
    x: [N, 2, 6],
    shapes: { W: [2, 3, 2] },
    build: (x, p) => b.matmul(x, b.reshape(p.W, [6, 2])),
  },
  'as it is and transposed': {
    x: [N, 3, 3],
    shapes: { W: [3, 3] },
    build: (x, p) => b.matmul(b.tanh(b.matmul(x, p.W)), b.transpose(p.W, [1, 0])),
    form: 'fallback',
  },
  'turned over three axes': {
    x: [N, 3, 6],
    shapes: { W: [2, 3, 4] },
    build: (x, p) => b.matmul(x, b.reshape(b.transpose(p.W, [1, 0, 2]), [6, 4])),
    form: 'fallback',
  },
};

interface Prepared {
  readonly score: Score;
  readonly run: (v: Value) => Float64Array;
  /** Explicit scores [n, K, P] by one plain gradient for each example and column. */
  readonly want: Float64Array;
  readonly P: number;
}

function prepare(name: string): Prepared {
  const { x: shape, shapes, build } = CASES[name];
  const rng = new Sequence(7, name);
  const random = (v: Value): Tensor => {
    const s = concrete(v.shape, n);
    return tensor(
      'float64',
      s,
      Float64Array.from({ length: sizeOf(s) }, () => rng.normal()),
    );
  };
  const x = input('x', 'float64', shape);
  const p = Object.fromEntries(Object.entries(shapes).map(([k, s]) => [k, input(k, 'float64', s)]));
  const h = outputs(build(x, p));
  const ct = input('ct', 'float64', [N, K, 2]);
  const [score] = scoresOf(h, Object.values(p), ct);
  const bind = new Map<Value, Tensor>([x, ct, ...Object.values(p)].map((v) => [v, random(v)]));
  const run = (v: Value) => Float64Array.from(evaluate([v], bind, n)[0].data);
  const seed = input('seed', 'float64', h.shape);
  const [gradient] = vjp([h], [seed], [p.W]);
  const P = sizeOf(shapes.W);
  const want = new Float64Array(n * K * P);
  const cts = bind.get(ct)!.data as Float64Array;
  for (let j = 0; j < n * K; j++) {
    const one = new Float64Array(n * 2);
    one.set(cts.subarray(j * 2, j * 2 + 2), Math.floor(j / K) * 2);
    const bound = new Map([...bind, [seed, tensor('float64', [n, 2], one)] as const]);
    want.set(evaluate([gradient!], bound, n)[0].data, j * P);
  }
  return { score, run, want, P };
}

const close = (got: ArrayLike<number | bigint>, want: ArrayLike<number>) => {
  expect(got.length).toBe(want.length);
  for (let i = 0; i < want.length; i++) expect(Number(got[i])).toBeCloseTo(want[i], 10);
};

describe.each(Object.keys(CASES))('a weight: %s', (name) => {
  const { score, run, want, P } = prepare(name);

  it('its entries are those of plain gradients', () => {
    expect(score.site.form).toBe(CASES[name].form ?? 'shared');
    close(run(score.explicit()), want);
  });

  it('norms and Gram matrices', () => {
    const gram = new Float64Array(n * K * K);
    for (let e = 0; e < n; e++)
      for (let j = 0; j < K; j++)
        for (let k = 0; k < K; k++)
          for (let i = 0; i < P; i++)
            gram[(e * K + j) * K + k] += want[(e * K + j) * P + i] * want[(e * K + k) * P + i];
    close(run(score.gram()), gram);
    close(
      run(score.norms()),
      Float64Array.from({ length: n * K }, (_, j) => gram[j * K + (j % K)]),
    );
  });

  it.each([1, 5, 7, Infinity])('pieces of %d entries are all entries in order', (numbers) => {
    const pieces = score.split(numbers).map((make) => make(null));
    const parts = pieces.map((piece) => ({ offset: piece.offset, data: run(piece.explicit()) }));
    let at = 0;
    for (const { offset, data } of parts) {
      expect(offset).toBe(at);
      const size = data.length / (n * K);
      for (let j = 0; j < n * K; j++)
        close(data.subarray(j * size, (j + 1) * size), want.subarray(j * P + at, j * P + at + size));
      at += size;
    }
    expect(at).toBe(P);
  });
});

describe('Kronecker factors of a weight in groups', () => {
  // x [N, 3, 2, 5] and z = W x [N, 3, 4, 5]: inputs and gradients of every group and position, straight from the data.
  const [G, I, O, R] = [3, 2, 4, 5];
  const rng = new Sequence(5, 'groups');
  const numbers = (...shape: number[]) =>
    tensor(
      'float64',
      shape,
      Float64Array.from({ length: sizeOf(shape) }, () => rng.normal()),
    );
  const [x, W] = [input('x', 'float64', [N, G, I, R]), input('W', 'float64', [G, O, I])];
  const [ct, w] = [input('ct', 'float64', [N, K, G * O * R]), input('w', 'float64', [N, K])];
  const h = b.reshape(b.matmul(W, x), [N, G * O * R]);
  const bind = new Map<Value, Tensor>([
    [x, numbers(n, G, I, R)],
    [W, numbers(G, O, I)],
    [ct, numbers(n, K, G * O * R)],
    [w, numbers(n, K)],
  ]);
  const at = (v: Value, i: number) => (bind.get(v) as Tensor).data[i] as number;
  const input1 = (e: number, g: number, i: number, r: number) =>
    i === I ? 1 : at(x, ((e * G + g) * I + i) * R + r);
  const slope = (e: number, k: number, g: number, o: number, r: number) =>
    at(ct, (((e * K + k) * G + g) * O + o) * R + r);
  const positions = Array.from({ length: R }, (_, r) => r);
  const sum = (of: (r: number) => number) => positions.reduce((s, r) => s + of(r), 0);

  it.each([
    ['expand', false],
    ['expand', true],
    ['reduce', false],
    ['reduce', true],
  ] as const)('%s, homogeneous: %s', (sharing, homogeneous) => {
    const width = homogeneous ? I + 1 : I;
    const A = new Float64Array(G * width * width);
    const S = new Float64Array(G * O * O);
    for (let e = 0; e < n; e++) {
      for (let g = 0; g < G; g++) {
        for (let i = 0; i < width; i++)
          for (let j = 0; j < width; j++)
            A[(g * width + i) * width + j] +=
              sharing === 'expand'
                ? sum((r) => input1(e, g, i, r) * input1(e, g, j, r)) / R
                : (sum((r) => input1(e, g, i, r)) * sum((r) => input1(e, g, j, r))) / R ** 2;
        for (let k = 0; k < K; k++)
          for (let o = 0; o < O; o++)
            for (let p = 0; p < O; p++)
              S[(g * O + o) * O + p] +=
                at(w, e * K + k) *
                (sharing === 'expand'
                  ? sum((r) => slope(e, k, g, o, r) * slope(e, k, g, p, r))
                  : sum((r) => slope(e, k, g, o, r)) * sum((r) => slope(e, k, g, p, r)));
      }
    }
    const got = kroneckerFactors(scoresOf(h, [W], ct)[0], w, homogeneous, sharing)!;
    const [gotA, gotG] = evaluate([got.A, got.G], bind, n);
    expect([gotA.shape, gotG.shape]).toEqual([
      [G, width, width],
      [G, O, O],
    ]);
    close(gotA.data, A);
    close(gotG.data, S);
  });
});
