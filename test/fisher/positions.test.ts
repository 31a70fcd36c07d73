/** Fisher information of outputs with positions, against enumeration of all labels over Jacobians by central differences. */
import { describe, expect, it } from 'vitest';
import { Sequence } from '../../src/core/random.js';
import { sizeOf, type Tensor, tensor } from '../../src/core/tensor.js';
import { batches } from '../../src/data/batches.js';
import { type Dataset, makeDataset } from '../../src/data/dataset.js';
import { atPositions } from '../../src/data/position-targets.js';
import { evaluate } from '../../src/engine/oracle/evaluate.js';
import { createSmallEngine } from '../../src/engine/small/index.js';
import { estimateDiagonal } from '../../src/fisher/diagonal.js';
import type { DiagonalOptions } from '../../src/fisher/options.js';
import { type LoadedNetwork, loadNetwork, type LoadNetworkOptions } from '../../src/model/load.js';
import { bytesOf, f32, i64, info, int, ints, node } from '../onnx/builder.js';

const [n, S, C] = [4, 3, 3];

function draw(name: string, shape: readonly number[], scale = 1): Tensor {
  const s = new Sequence(11, name);
  return f32(
    shape,
    Array.from({ length: sizeOf(shape) }, () => Math.fround(scale * (2 * s.next() - 1))),
  );
}

/** Tokens that see each other: a mean over them goes into every one. */
const tokens = (end: 'logits' | 'softmax' = 'logits'): Uint8Array =>
  bytesOf({
    inputs: [info('x', 'float32', ['n', S, 2]), info('attention_mask', 'int64', ['n', S])],
    outputs: ['h'],
    nodes: [
      node('ReduceMean', ['x'], 'm', { axes: ints(1), keepdims: int(1) }),
      node('Add', ['x', 'm'], 'a'),
      node('MatMul', ['a', 'w'], 'z'),
      node('Tanh', ['z'], 't'),
      node('MatMul', ['t', 'v'], 'o'),
      node('Add', ['o', 'b'], end === 'logits' ? 'h' : 'l'),
      ...(end === 'softmax' ? [node('Softmax', ['l'], 'h', { axis: int(-1) })] : []),
    ],
    weights: { w: draw('w', [2, 3], 1.5), v: draw('v', [3, C], 2), b: draw('b', [C]) },
  });

/** Pixels [N, C, 1, S], classes next to the examples. */
const pixels = bytesOf({
  inputs: [info('x', 'float32', ['n', S, 2])],
  outputs: ['h'],
  nodes: [
    node('ReduceMean', ['x'], 'm', { axes: ints(1), keepdims: int(1) }),
    node('Add', ['x', 'm'], 'a'),
    node('MatMul', ['a', 'w'], 'z'),
    node('Tanh', ['z'], 't'),
    node('MatMul', ['t', 'v'], 'o'),
    node('Add', ['o', 'b'], 'q'),
    node('Transpose', ['q'], 'p', { perm: ints(0, 2, 1) }),
    node('Unsqueeze', ['p', 'two'], 'h'),
  ],
  weights: { w: draw('w', [2, 3], 1.5), v: draw('v', [3, C], 2), b: draw('b', [C]), two: i64(2) },
});

const x = draw('x', [n, S, 2]);
const MASK = [1, 1, 0, 1, 1, 1, 0, 1, 0, 1, 0, 0];
const labels = [0, 2, -100, 1, 1, 0, -100, 2, -100, 0, -100, -100];

function load(bytes: Uint8Array, options: LoadNetworkOptions = {}): LoadedNetwork {
  return loadNetwork(bytes, { dtype: 'float64', likelihood: 'categorical', ...options });
}

function dataFor({ network }: LoadedNetwork): Dataset {
  const y = tensor('int64', [n, S], labels);
  const mask = tensor('int64', [n, S], MASK);
  const inputs = new Map([['x', x]]);
  if (network.inputs.has('attention_mask')) inputs.set('attention_mask', mask);
  return atPositions(makeDataset({ source: 'test', inputs, targets: y }), network);
}

const estimateOf = (loaded: LoadedNetwork, options: Partial<DiagonalOptions> = {}) => {
  const data = dataFor(loaded);
  return estimateDiagonal(
    createSmallEngine(),
    loaded.network,
    loaded.likelihood,
    (batch, dtype) => batches(data, { batch, dtype, order: 'file' }),
    { estimator: 'exact', populationSize: n, population: 'data', ...options },
  );
};

/** h and ∂h/∂θ of every example by central differences, [n][T][P]. */
function jacobians({ network }: LoadedNetwork, data: Dataset): { h: number[][]; J: number[][][] } {
  const T = network.h.shape[1] as number;
  const bound = new Map([...network.inputs].map(([name, v]) => [v, data.inputs.get(name) as Tensor]));
  const names = [...network.parameters.keys()];
  const at = (shift?: { name: string; i: number; by: number }): Float64Array => {
    const weights = [...network.parameters, ...network.fixed].map(([name, v]) => {
      const t = network.weights.get(name) as Tensor;
      const numbers = Array.from(t.data as Float64Array);
      if (shift?.name === name) numbers[shift.i] += shift.by;
      return [v, tensor('float64', t.shape, numbers)] as const;
    });
    return evaluate([network.h], new Map([...bound, ...weights]), n)[0].data;
  };
  const h = at();
  const columns = names.flatMap((name) =>
    Array.from({ length: sizeOf((network.weights.get(name) as Tensor).shape) }, (_, i) => {
      const [up, down] = [1e-5, -1e-5].map((by) => at({ name, i, by }));
      return up.map((u, k) => (u - down[k]) / 2e-5);
    }),
  );
  const rows = (e: number) => Array.from({ length: T }, (_, a) => columns.map((column) => column[e * T + a]));
  return {
    h: Array.from({ length: n }, (_, e) => Array.from(h.slice(e * T, (e + 1) * T))),
    J: Array.from({ length: n }, (_, e) => rows(e)),
  };
}

/** All label vectors with probabilities and scores of one example. */
function* enumerated(
  h: number[],
  J: number[][],
  counts: readonly boolean[],
): Generator<{ p: number; s: number[] }> {
  const P = J[0].length;
  const total = C ** S;
  const soft = Array.from({ length: S }, (_, s) => {
    const row = h.slice(s * C, (s + 1) * C);
    const e = row.map((v) => Math.exp(v - Math.max(...row)));
    const sum = e.reduce((a, b) => a + b, 0);
    return e.map((v) => v / sum);
  });
  for (let y = 0; y < total; y++) {
    let p = 1;
    const s = new Array<number>(P).fill(0);
    for (let t = 0; t < S; t++) {
      const label = Math.floor(y / C ** t) % C;
      p *= soft[t][label];
      if (!counts[t]) continue;
      for (let c = 0; c < C; c++)
        for (let i = 0; i < P; i++) s[i] += ((c === label ? 1 : 0) - soft[t][c]) * J[t * C + c][i];
    }
    yield { p, s };
  }
}

interface Right {
  readonly fisher: number[];
  readonly labelSe: number[];
  readonly trace: number;
  readonly traceSe: number;
}

/** The Fisher, and the errors of one label an example, by enumeration. */
function rightOf(loaded: LoadedNetwork, mask: readonly number[] = new Array<number>(n * S).fill(1)): Right {
  const { h, J } = jacobians(loaded, dataFor(loaded));
  const P = J[0][0].length;
  const fisher = new Array<number>(P).fill(0);
  const variance = new Array<number>(P).fill(0);
  let [trace, traceVariance] = [0, 0];
  for (let e = 0; e < n; e++) {
    const f = new Array<number>(P).fill(0);
    const f2 = new Array<number>(P).fill(0);
    let [q, q2] = [0, 0];
    const counts = Array.from({ length: S }, (_, s) => mask[e * S + s] > 0);
    for (const { p, s } of enumerated(h[e], J[e], counts)) {
      const square = s.reduce((sum, v) => sum + v * v, 0);
      q += p * square;
      q2 += p * square * square;
      s.forEach((v, i) => {
        f[i] += p * v * v;
        f2[i] += p * v ** 4;
      });
    }
    f.forEach((v, i) => {
      fisher[i] += v / n;
      variance[i] += (f2[i] - v * v) / n / n;
    });
    trace += q / n;
    traceVariance += (q2 - q * q) / n / n;
  }
  return { fisher, labelSe: variance.map(Math.sqrt), trace, traceSe: Math.sqrt(traceVariance) };
}

type Estimate = Awaited<ReturnType<typeof estimateDiagonal>>;
const flat = (e: Estimate, of: 'fisher' | 'labelError'): number[] =>
  e.tensors.flatMap((t) => Array.from((t[of] ?? []) as ArrayLike<number>));

function expectNear(got: readonly number[], want: readonly number[], tolerance = 1e-7): void {
  expect(got.length).toBe(want.length);
  const scale = Math.max(...want.map(Math.abs));
  got.forEach((v, i) => expect(Math.abs(v - want[i])).toBeLessThan(tolerance * scale));
}

describe('a choice at every position', () => {
  for (const [name, bytes] of [
    ['tokens', tokens()],
    ['tokens behind a Softmax', tokens('softmax')],
    ['pixels', pixels],
  ] as const) {
    it(`${name}: exact is the sum over all labels`, async () => {
      const loaded = load(bytes);
      expect(loaded.network.h.shape).toEqual([{ batch: 1 }, S * C]);
      expect(loaded.network.positions?.count).toBe(S);
      const right = rightOf(loaded);
      const e = await estimateOf(loaded);
      expectNear(flat(e, 'fisher'), right.fisher);
      expect(e.trace.value).toBeCloseTo(right.trace, 6);
      expect(e.trace.labelError).toBe(0);
    });
  }

  it('one label at each position, drawn together: errors in closed form', async () => {
    const loaded = load(tokens());
    const right = rightOf(loaded);
    const e = await estimateOf(loaded, { estimator: 'type1', labels: 1, error: 'closed-form' });
    expectNear(flat(e, 'labelError'), right.labelSe);
    expect(e.trace.labelError).toBeCloseTo(right.traceSe, 6);
  });

  it('one label at each position by type 2: errors in closed form are those that many draws show', async () => {
    const loaded = load(tokens());
    const closed = await estimateOf(loaded, { estimator: 'type2', labels: 400, error: 'closed-form' });
    const drawn = await estimateOf(loaded, { estimator: 'type2', labels: 400, error: 'sampled' });
    expect(closed.trace.value).toBeCloseTo(drawn.trace.value, 12);
    // The spread of 400 draws is known to 1/√800 = 3.5 % where they are normal; each term here is a bounded one of few values.
    expect(closed.trace.labelError! / drawn.trace.labelError!).toBeGreaterThan(0.88);
    expect(closed.trace.labelError! / drawn.trace.labelError!).toBeLessThan(1.12);
    const [own, spread] = [flat(closed, 'labelError'), flat(drawn, 'labelError')];
    const large = Math.max(...spread);
    own.forEach((v, i) => expect(Math.abs(v - spread[i]), `entry ${i}`).toBeLessThan(0.12 * large));
    expect(closed.trace.labelError).toBeGreaterThan(0);
  });

  it('every sampled estimator comes to the exact one', async () => {
    const loaded = load(tokens());
    const { trace } = rightOf(loaded);
    for (const estimator of ['type1', 'rademacher', 'type2', 'mix'] as const) {
      const e = await estimateOf(loaded, {
        estimator,
        labels: 400,
        error: 'sampled',
        ...(estimator === 'mix'
          ? { mix: new Map([...loaded.network.parameters.keys()].map((p) => [p, 0.5])) }
          : {}),
      });
      const z = (e.trace.value - trace) / e.trace.labelError!;
      expect(Math.abs(z), estimator).toBeLessThan(4);
      expect(e.trace.labelError! / trace, estimator).toBeLessThan(0.1);
    }
  });

  it('signs: errors in closed form, and the largest columns taken exactly', async () => {
    const loaded = load(tokens());
    const { trace } = rightOf(loaded);
    const plain = await estimateOf(loaded, { estimator: 'rademacher', labels: 200, error: 'closed-form' });
    const drawn = await estimateOf(loaded, { estimator: 'rademacher', labels: 200, error: 'sampled' });
    expect(plain.trace.labelError! / drawn.trace.labelError!).toBeGreaterThan(0.8);
    expect(plain.trace.labelError! / drawn.trace.labelError!).toBeLessThan(1.25);
    const all = await estimateOf(loaded, {
      estimator: 'rademacher',
      labels: 1,
      exactPairs: S * (C - 1) - 1,
      error: 'closed-form',
    });
    expect(all.trace.value).toBeCloseTo(trace, 6);
    const some = await estimateOf(loaded, {
      estimator: 'rademacher',
      labels: 200,
      exactPairs: 2,
      error: 'closed-form',
    });
    expect(some.trace.labelError!).toBeLessThan(plain.trace.labelError!);
    expect(Math.abs(some.trace.value - trace)).toBeLessThan(4 * some.trace.labelError!);
  });

  it('a third moment of the total: the mean of draws has the skewness that is foretold', async () => {
    const { blocksTotal } = await import('../../src/likelihood/total.js');
    const loaded = load(tokens());
    const { h, J } = jacobians(loaded, dataFor(loaded));
    const counts = new Array<boolean>(S).fill(true);
    let [mean, second, third] = [0, 0, 0];
    const all = [...enumerated(h[0], J[0], counts)].map(({ p, s }) => ({
      p,
      q: s.reduce((a, v) => a + v * v, 0),
    }));
    for (const { p, q } of all) mean += p * q;
    for (const { p, q } of all) {
      second += p * (q - mean) ** 2;
      third += p * (q - mean) ** 3;
    }
    const K = S * C;
    const columns = new Float64Array(K * K);
    const w = new Float64Array(K);
    loaded.likelihood.columns({ data: Float64Array.from(h[0]), n: 1, T: K }, columns, w);
    const scores = Array.from({ length: K }, (_, k) =>
      J[0][0].map((_, i) => J[0].reduce((sum, row, a) => sum + columns[k * K + a] * row[i], 0)),
    );
    const G = Float64Array.from({ length: K * K }, (_, at) =>
      scores[Math.floor(at / K)].reduce((sum, v, i) => sum + v * scores[at % K][i], 0),
    );
    const [v, m] = [new Float64Array(1), new Float64Array(1)];
    blocksTotal(G, w, 1, { K, columns: C }, v, m);
    expect(v[0] / second).toBeCloseTo(1, 7);
    expect(m[0] / third).toBeCloseTo(1, 6);
  });
});

describe('positions that do not count', () => {
  for (const [name, options] of [
    ['by an input', { mask: 'attention_mask' }],
    ['by an ignored label', { ignoreLabel: -100 }],
    ['by both', { mask: 'attention_mask', ignoreLabel: -100 }],
  ] as const) {
    it(`${name}: no estimator sees them`, async () => {
      const loaded = load(tokens(), options);
      const right = rightOf(load(tokens()), MASK);
      const e = await estimateOf(loaded);
      expectNear(flat(e, 'fisher'), right.fisher);
      const one = await estimateOf(loaded, { estimator: 'type1', labels: 1, error: 'closed-form' });
      expectNear(flat(one, 'labelError'), right.labelSe);
      expect(one.trace.labelError).toBeCloseTo(right.traceSe, 6);
    });
  }

  it('the labels of the data: squared scores of those that count', async () => {
    const loaded = load(tokens(), { ignoreLabel: -100 });
    const data = dataFor(loaded);
    const T = S * C;
    const targets = loaded.likelihood.readTargets(data.targets!, n, T);
    const e = await estimateOf(loaded, { estimator: 'empirical', targets });
    const { h, J } = jacobians(load(tokens()), dataFor(load(tokens())));
    const want = J[0][0].map(() => 0);
    for (let i = 0; i < n; i++) {
      const s = J[0][0].map(() => 0);
      for (let t = 0; t < S; t++) {
        if (labels[i * S + t] < 0) continue;
        const row = h[i].slice(t * C, (t + 1) * C).map(Math.exp);
        const sum = row.reduce((a, b) => a + b, 0);
        for (let c = 0; c < C; c++)
          for (let k = 0; k < s.length; k++)
            s[k] += ((labels[i * S + t] === c ? 1 : 0) - row[c] / sum) * J[i][t * C + c][k];
      }
      s.forEach((v, k) => (want[k] += (v * v) / n));
    }
    expectNear(flat(e, 'fisher'), want);
  });

  for (const likelihood of ['gaussian', 'bernoulli'] as const) {
    it(`${likelihood}: boxes and pixels that are left out`, async () => {
      const own = { likelihood, likelihoodOptions: likelihood === 'gaussian' ? { variance: 0.5 } : {} };
      for (const bytes of [tokens(), pixels]) {
        const plain = load(bytes, own);
        const { h, J } = jacobians(plain, dataFor(plain));
        const want = J[0][0].map(() => 0);
        const first = plain.network.positions!.channelsFirst;
        for (let e = 0; e < n; e++)
          for (let s = 0; s < S; s++)
            for (let c = 0; c < C; c++) {
              const a = first ? c * S + s : s * C + c;
              const p = 1 / (1 + Math.exp(-h[e][a]));
              const weight = likelihood === 'gaussian' ? 2 : p * (1 - p);
              J[e][a].forEach((v, i) => (want[i] += (MASK[e * S + s] * weight * v * v) / n));
            }
        const masked = load(bytes, { ...own, ignoreLabel: -100 });
        const y = tensor(
          'int64',
          [n, S * C],
          Array.from({ length: n * S * C }, (_, k) => {
            const [e, a] = [Math.floor(k / (S * C)), k % (S * C)];
            const s = first ? a % S : Math.floor(a / C);
            return MASK[e * S + s] ? 1 : -100;
          }),
        );
        const inputs = new Map([['x', x]]);
        if (masked.network.inputs.has('attention_mask'))
          inputs.set('attention_mask', tensor('int64', [n, S], MASK));
        const data = atPositions(makeDataset({ source: 'test', inputs, targets: y }), masked.network);
        const e = await estimateDiagonal(
          createSmallEngine(),
          masked.network,
          masked.likelihood,
          (batch, dtype) => batches(data, { batch, dtype, order: 'file' }),
          { estimator: 'exact', populationSize: n },
        );
        expectNear(flat(e, 'fisher'), want);
      }
    });
  }
});
