/** What counts as θ, and what its doubts carry, against networks whose right traces are known. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { makeDataset } from '../../src/data/dataset.js';
import { loadDataset } from '../../src/disk/index.js';
import type { Dataset } from '../../src/data/dataset.js';
import { createSmallEngine } from '../../src/engine/small/index.js';
import { estimateDiagonal } from '../../src/fisher/diagonal.js';
import type { DiagonalEstimate } from '../../src/fisher/estimate.js';
import type { DiagonalOptions } from '../../src/fisher/options.js';
import { batches } from '../../src/data/batches.js';
import { loadNetwork, type LoadedNetwork, type LoadNetworkOptions } from '../../src/model/load.js';
import type { Tensor } from '../../src/core/tensor.js';
import type { OnnxNode } from '../../src/graph/onnx/proto/index.js';
import { inputSpecs } from '../../src/data/index.js';
import { bytesOf, f32, float, held, info, int, ints, node } from '../onnx/builder.js';

const CASES = new URL('../fixtures/fisher-cases/', import.meta.url);
const file = (name: string): string => fileURLToPath(new URL(name, CASES));

interface Case {
  readonly case: string;
  readonly flags: readonly string[];
  readonly trace: number;
}

/** Cases whose fault is another than what counts. */
const OTHERS = /^(causal-mask-inf|batch-baked|nan-traps|two-outputs)/;

const cases = (JSON.parse(readFileSync(file('cases.json'), 'utf8')) as Case[]).filter(
  (c) => !OTHERS.test(c.case),
);

async function traceOf(
  { network, likelihood }: LoadedNetwork,
  data: Dataset,
  more: Partial<DiagonalOptions> = {},
): Promise<DiagonalEstimate> {
  return estimateDiagonal(
    createSmallEngine(),
    network,
    likelihood,
    (batch, dtype) => batches(data, { batch, dtype, order: 'file' }),
    { estimator: 'exact', populationSize: data.n, ...more },
  );
}

describe('networks that people exported', () => {
  it.each(cases)('$case $flags', async ({ case: name, flags, trace }) => {
    const wildcard = flags.includes('--parameters') ? { parameters: ['*'] } : {};
    const loaded = loadNetwork(readFileSync(file(`${name}/model.onnx`)), {
      file: name,
      dtype: 'float64',
      likelihood: flags[1],
      ...wildcard,
    });
    const data = loadDataset(file(`${name}/data.npz`), { inputs: inputSpecs(loaded.network) });
    const e = await traceOf(loaded, data);
    const listed = new Set(
      readFileSync(file(`${name}/parameters.txt`), 'utf8')
        .trim()
        .split('\n'),
    );
    const settled = e.parameterDoubts
      .filter((d) => d.counted !== listed.has(d.name))
      .reduce((sum, d) => sum + d.share!, 0);
    expect(Math.abs(e.trace.value * (1 + settled) - trace)).toBeLessThanOrEqual(1e-6 * trace);
  });
});

const values = (shape: number[], seed = 1): Tensor =>
  f32(
    shape,
    Array.from({ length: shape.reduce((p, d) => p * d, 1) }, (_, i) => Math.sin(seed + 2.3 * i)),
  );

const POINTS = makeDataset({ source: 'test', inputs: new Map([['x', values([9, 4], 5)]]) });
const SEQUENCES = makeDataset({ source: 'test', inputs: new Map([['x', values([9, 3, 4], 5)]]) });

function load(
  nodes: OnnxNode[],
  weights: Record<string, Tensor>,
  more: Partial<LoadNetworkOptions> = {},
  shape: (string | number)[] = ['n', 4],
  producer = 'pytorch',
): LoadedNetwork {
  const parts = { inputs: [info('x', 'float32', shape)], outputs: ['h'], nodes, weights, producer };
  return loadNetwork(bytesOf(parts), {
    file: 'net.onnx',
    dtype: 'float64',
    likelihood: 'categorical',
    outputIs: 'natural',
    ...more,
  });
}

const gemm = (x: string, layer: string, z: string): OnnxNode =>
  node('Gemm', [x, `${layer}.weight`, `${layer}.bias`], z, { transB: int(1) }, `/${layer}/Gemm`);
const layer = (name: string, out: number, inn: number, seed: number): Record<string, Tensor> => ({
  [`${name}.weight`]: values([out, inn], seed),
  [`${name}.bias`]: values([out], seed + 1),
});

interface Built {
  readonly nodes: OnnxNode[];
  readonly weights: Record<string, Tensor>;
  readonly sequence?: boolean;
  /** Verdicts: + counted for certain, − not for certain, ? counted in doubt, ! not counted in doubt. */
  readonly verdicts: Record<string, string>;
}

const head = { ...layer('a', 4, 4, 1), ...layer('b', 3, 4, 3) };
const BUILT: Record<string, Built> = {
  'LayerScale: a vector times a branch': {
    nodes: [
      gemm('x', 'a', 'z'),
      node('Tanh', ['z'], 't'),
      node('Mul', ['t', 'blk.gamma'], 'g'),
      node('Mul', ['g', 'ls'], 's'),
      node('Add', ['x', 's'], 'u'),
      gemm('u', 'b', 'h'),
    ],
    weights: { ...head, 'blk.gamma': values([4], 7), ls: f32([4], [1e-2, 1e-2, 1e-2, 1e-2]) },
    verdicts: { 'blk.gamma': '+', ls: '?' },
  },
  'a learned temperature of rank 0 as divisor': {
    nodes: [gemm('x', 'a', 'z'), node('Tanh', ['z'], 't'), gemm('t', 'b', 'u'), node('Div', ['u', 'T'], 'h')],
    weights: { ...head, T: f32([], [1.7]) },
    verdicts: { T: '?' },
  },
  'ReZero, still at zero': {
    nodes: [
      gemm('x', 'a', 'z'),
      node('Mul', ['resweight', 'z'], 's'),
      node('Add', ['x', 's'], 'u'),
      gemm('u', 'b', 'h'),
    ],
    weights: { ...head, resweight: f32([1], [0]) },
    verdicts: { resweight: '?' },
  },
  'learned positions at the input, and input scaling before them': {
    nodes: [
      node('Sub', ['x', 'norm.mean'], 'x0'),
      node('Div', ['x0', 'norm.std'], 'x1'),
      node('Add', ['x1', 'pos'], 'x2'),
      node('MatMul', ['x2', 'onnx::MatMul_7'], 'z', {}, '/a/MatMul'),
      node('Add', ['a.bias', 'z'], 'za', {}, '/a/Add'),
      node('Tanh', ['za'], 't'),
      node('ReduceMean', ['t'], 'm', { axes: ints(1), keepdims: int(0) }),
      gemm('m', 'b', 'h'),
    ],
    weights: {
      ...layer('b', 3, 4, 3),
      'a.bias': values([4], 2),
      'onnx::MatMul_7': values([4, 4], 1),
      'norm.mean': values([4], 4),
      'norm.std': f32([4], [1, 2, 1.5, 0.5]),
      pos: values([1, 3, 4], 8),
    },
    sequence: true,
    verdicts: { 'onnx::MatMul_7': '+', 'norm.mean': '!', 'norm.std': '!', pos: '?' },
  },
  'a mask token where tokens are missing': {
    nodes: [
      node('Constant', [], 'zero', { value: held(f32([], [0])) }),
      node('Greater', ['x', 'zero'], 'seen'),
      node('Where', ['seen', 'x', 'mask_token'], 'u'),
      gemm('u', 'a', 'z'),
      node('Tanh', ['z'], 't'),
      gemm('t', 'b', 'h'),
    ],
    weights: { ...head, mask_token: values([1, 4], 6) },
    verdicts: { mask_token: '?' },
  },
  'learned bounds of a clip, and an exponent': {
    nodes: [
      gemm('x', 'a', 'z'),
      node('Clip', ['z', 'low', 'high'], 'c'),
      node('Softplus', ['c'], 's'),
      node('Pow', ['s', 'p'], 'w'),
      gemm('w', 'b', 'h'),
    ],
    weights: { ...head, low: f32([], [-0.4]), high: f32([], [0.5]), p: f32([1], [3]) },
    verdicts: { low: '?', high: '?', p: '?' },
  },
  'a floor by Max, a ceiling by Min and a Sum': {
    nodes: [
      gemm('x', 'a', 'z'),
      node('Max', ['floor', 'z'], 'f'),
      node('Min', ['f', 'ceiling'], 'c'),
      node('Sum', ['c', 'offset'], 's'),
      gemm('s', 'b', 'h'),
    ],
    weights: {
      ...head,
      floor: f32([1], [-0.3]),
      ceiling: f32([4], [0.5, 0.4, 0.3, 0.6]),
      offset: values([4], 9),
    },
    verdicts: { floor: '?', ceiling: '?', offset: '?' },
  },
  'a group norm written out: ones of the exporter do not count, scale and shift do': {
    nodes: [
      gemm('x', 'a', 'z'),
      node('Constant', [], 'ones', { value: held(f32([4], [1, 1, 1, 1])) }),
      node('LayerNormalization', ['z', 'ones'], 'n', { epsilon: float(1e-5) }, '/gn/LayerNormalization'),
      node('Mul', ['n', 'gn.weight'], 'm', {}, '/gn/Mul'),
      node('Add', ['m', 'gn.bias'], 'o', {}, '/gn/Add'),
      gemm('o', 'b', 'h'),
    ],
    weights: { ...head, 'gn.weight': f32([4], [1, 1, 1, 1]), 'gn.bias': f32([4], [0, 0, 0, 0]) },
    verdicts: { ones: '-', 'gn.weight': '+', 'gn.bias': '+' },
  },
  'a slope, an initial state and a gate': {
    nodes: [
      gemm('x', 'a', 'z'),
      node('PRelu', ['z', 'act.weight'], 'p'),
      node('Sigmoid', ['gate'], 's'),
      node('Mul', ['p', 's'], 'q'),
      node('Mul', ['x', 'zeros'], 'x0'),
      node('Add', ['x0', 'h0'], 'i'),
      node('Concat', ['q', 'i'], 'c', { axis: int(1) }),
      gemm('c', 'b', 'h'),
    ],
    weights: {
      ...layer('a', 4, 4, 1),
      ...layer('b', 3, 8, 3),
      'act.weight': f32([1], [0.25]),
      gate: values([4], 2),
      h0: values([1, 4], 3),
      zeros: f32([4], [0, 0, 0, 0]),
    },
    verdicts: { 'act.weight': '+', gate: '?', h0: '!', zeros: '!' },
  },
  'tables of waves and masks': {
    nodes: [
      node('MatMul', ['x', 'onnx::MatMul_7'], 'z', {}, '/a/MatMul'),
      node('Add', ['z', 'pe'], 'z1'),
      node('Mul', ['z1', 'rope'], 'z2'),
      node('Mul', ['z2', 'onnx::Mul_9'], 'z3'),
      node('Add', ['z3', 'onnx::Add_11'], 'z4'),
      node('Softmax', ['z4'], 't', { axis: int(-1) }),
      node('ReduceMean', ['t'], 'm', { axes: ints(1), keepdims: int(0) }),
      gemm('m', 'b', 'h'),
    ],
    weights: {
      ...layer('b', 3, 4, 3),
      'onnx::MatMul_7': values([4, 4], 1),
      pe: f32(
        [1, 3, 4],
        [0, 1, 2].flatMap((t) => [Math.sin(t), Math.cos(t), Math.sin(t / 100), Math.cos(t / 100)]),
      ),
      rope: f32(
        [3, 4],
        [0, 1, 2].flatMap((t) => [Math.cos(t), Math.sin(t), Math.cos(t / 9), Math.sin(t / 9)]),
      ),
      'onnx::Mul_9': f32([3, 4], [1, 0, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1]),
      'onnx::Add_11': f32([3, 4], [0, -1e9, 0, 0, 0, 0, -1e9, 0, 0, 0, 0, 0]),
    },
    sequence: true,
    verdicts: { pe: '-', rope: '-', 'onnx::Mul_9': '-', 'onnx::Add_11': '-', 'onnx::MatMul_7': '+' },
  },
};

const marks = (loaded: LoadedNetwork): Record<string, string> =>
  Object.fromEntries(
    loaded.judged.map((j) => [j.name, j.doubt ? (j.counted ? '?' : '!') : j.counted ? '+' : '-']),
  );

describe('roles that parameters have', () => {
  it.each(Object.entries(BUILT))('%s', async (_name, { nodes, weights, sequence, verdicts }) => {
    const shape = sequence ? ['n', 3, 4] : ['n', 4];
    const data = sequence ? SEQUENCES : POINTS;
    const loaded = load(nodes, weights, {}, shape);
    expect(marks(loaded)).toMatchObject(verdicts);
    const { trace, parameterDoubts } = await traceOf(loaded, data);
    expect(parameterDoubts.map((d) => d.name).sort()).toEqual(
      Object.keys(verdicts)
        .filter((k) => '?!'.includes(verdicts[k]))
        .sort(),
    );
    const counted = [...loaded.network.parameters.keys()];
    for (const d of parameterDoubts) {
      // The other reading, said by names.
      const parameters = d.counted ? counted.filter((p) => p !== d.name) : [...counted, d.name];
      const other = await traceOf(load(nodes, weights, { parameters }, shape), data);
      expect(other.trace.value).toBeCloseTo(trace.value * (1 + d.share!), 11);
      if (!d.counted) expect(d.share).toBeGreaterThan(0);
    }
  });
});

describe('doubts of sampled estimates', () => {
  const { nodes, weights } = BUILT['learned bounds of a clip, and an exponent'];
  const flipped = { parameters: ['a.*', 'b.*', 'low', 'p'] };
  const cases: [string, Partial<DiagonalOptions>][] = [
    ['type1, closed form', { estimator: 'type1', labels: 2, seed: 3 }],
    ['type1, sampled', { estimator: 'type1', labels: 3, error: 'sampled', seed: 3 }],
    ['rademacher', { estimator: 'rademacher', labels: 2, seed: 3 }],
    ['exact in chunks', { estimator: 'exact', budget: 40 }],
    ['exact in batches', { estimator: 'exact', batch: 2 }],
  ];

  it.each(cases)('%s: the same draws as the trace', async (_name, options) => {
    const e = await traceOf(load(nodes, weights), POINTS, options);
    const high = e.parameterDoubts.find((d) => d.name === 'high')!;
    const without = await traceOf(load(nodes, weights, flipped), POINTS, options);
    expect(without.trace.value).toBeCloseTo(e.trace.value * (1 + high.share!), 11);
  });

  it.each(cases)('%s: of a tensor that is not counted', async (_name, options) => {
    const bounded = { ...weights, buffer: f32([4], [1, 2, 1.5, 1]) };
    const scaled = [...nodes.slice(0, -1), node('Mul', ['w', 'buffer'], 'v'), gemm('v', 'b', 'h')];
    const e = await traceOf(load(scaled, bounded), POINTS, options);
    const buffer = e.parameterDoubts.find((d) => d.name === 'buffer')!;
    expect(buffer.counted).toBe(false);
    const parameters = [...e.tensors.map((t) => t.name), 'buffer'];
    const all = await traceOf(load(scaled, bounded, { parameters }), POINTS, options);
    expect(all.trace.value).toBeCloseTo(e.trace.value * (1 + buffer.share!), 11);
  });

  it('of type 2 by the exact columns', async () => {
    const bounded = { ...weights, buffer: f32([3], [1, 2, 1.5]) };
    const scaled = [...nodes.slice(0, -1), gemm('w', 'b', 'v'), node('Mul', ['v', 'buffer'], 'h')];
    const loaded = load(scaled, bounded);
    const exact = await traceOf(loaded, POINTS);
    const second = await traceOf(loaded, POINTS, { estimator: 'type2', labels: 1, seed: 1 });
    const of = (e: DiagonalEstimate) =>
      e.parameterDoubts.find((d) => d.name === 'buffer')!.share! * e.trace.value;
    expect(of(second)).toBeCloseTo(of(exact), 11);
  });
});

describe('tensors that an exporter merged', () => {
  const weights = { ...layer('in', 4, 4, 1), ...layer('b.0', 4, 4, 3), ...layer('out', 3, 4, 5) };
  const clone = (x: string, z: string, module: string, weight: string): OnnxNode =>
    node('Gemm', [x, weight, 'b.0.bias'], z, { transB: int(1) }, `/${module}/Gemm`);
  const chain = (second: string, third: string, names: [string, string]): OnnxNode[] => [
    gemm('x', 'in', 'z0'),
    node('Tanh', ['z0'], 't0'),
    clone('t0', 'z1', 'b.0', 'b.0.weight'),
    node('Tanh', ['z1'], 't1'),
    clone('t1', 'z2', names[0], second),
    node('Tanh', ['z2'], 't2'),
    clone('t2', 'z3', names[1], third),
    gemm('z3', 'out', 'h'),
  ];
  const identities = [
    node('Identity', ['b.0.weight'], 'b.1.weight', {}, 'Identity_0'),
    node('Identity', ['b.0.weight'], 'b.2.weight', {}, 'Identity_1'),
  ];
  const apart = () => load([...identities, ...chain('b.1.weight', 'b.2.weight', ['b.1', 'b.2'])], weights);

  it('an Identity of PyTorch names what was merged: parameters of their own', async () => {
    const loaded = apart();
    expect([...loaded.network.parameters.keys()]).toEqual(
      expect.arrayContaining(['b.0.weight', 'b.1.weight', 'b.2.weight']),
    );
    const e = await traceOf(loaded, POINTS);
    const three = layer('x', 4, 4, 3)['x.weight'];
    const own = load(chain('b.1.weight', 'b.2.weight', ['b.1', 'b.2']), {
      ...weights,
      'b.1.weight': three,
      'b.2.weight': three,
    });
    expect(e.trace.value).toBeCloseTo((await traceOf(own, POINTS)).trace.value, 12);
  });

  it('elsewhere an Identity passes a shared tensor on', () => {
    const nodes = [...identities, ...chain('b.1.weight', 'b.2.weight', ['b.1', 'b.2'])];
    const loaded = load(nodes, weights, {}, ['n', 4], 'tf2onnx');
    expect([...loaded.network.parameters.keys()]).not.toContain('b.1.weight');
  });

  it('without one, each further module is a doubt, and all of them settled make them separate', async () => {
    const nodes = chain('b.0.weight', 'b.0.weight', ['b.1', 'b.2']).map((n) =>
      n.name === '/b.1/Gemm' || n.name === '/b.2/Gemm' ? { ...n, inputs: [n.inputs[0], n.inputs[1]] } : n,
    );
    const e = await traceOf(load(nodes, weights), POINTS);
    expect(e.parameterDoubts.map((d) => [d.name, d.counted])).toEqual([
      ['b.1.weight', false],
      ['b.2.weight', false],
    ]);
    const settled = e.parameterDoubts.reduce((sum, d) => sum + d.share!, 0);
    const three = weights['b.0.weight'];
    const split = nodes.map((n) => {
      const module = /^\/(b\.[12])/.exec(n.name)?.[1];
      return module ? { ...n, inputs: [n.inputs[0], `${module}.weight`] } : n;
    });
    const own = load(split, { ...weights, 'b.1.weight': three, 'b.2.weight': three });
    expect((await traceOf(own, POINTS)).trace.value).toBeCloseTo(e.trace.value * (1 + settled), 11);
    const tied = load(nodes, weights);
    expect(tied.network.parameters.size).toBe(6);
  });

  it('a second call of one module is no doubt', () => {
    const nodes = [
      gemm('x', 'in', 'z0'),
      { ...gemm('z0', 'in', 'z1'), name: '/in_1/Gemm' },
      gemm('z1', 'out', 'h'),
    ];
    const { doubts } = load(nodes, { ...layer('in', 4, 4, 1), ...layer('out', 3, 4, 5) });
    expect(doubts).toEqual([]);
  });

  it('a statistic that shares its tensor with a shift is apart from it', () => {
    const nodes = [
      gemm('x', 'in', 'z'),
      node(
        'BatchNormalization',
        ['z', 'bn.weight', 'bn.bias', 'bn.bias', 'bn.weight'],
        'n',
        {},
        '/bn/BatchNormalization',
      ),
      gemm('n', 'out', 'h'),
    ];
    const start = { 'bn.weight': f32([4], [1, 1, 1, 1]), 'bn.bias': f32([4], [0, 0, 0, 0]) };
    const loaded = load(nodes, { ...layer('in', 4, 4, 1), ...layer('out', 3, 4, 5), ...start });
    expect(marks(loaded)).toMatchObject({
      'bn.weight': '+',
      'bn.bias': '+',
      'bn.running_mean': '-',
      'bn.running_var': '-',
    });
    expect(loaded.doubts).toEqual([]);
  });

  it('elsewhere equal entries at two nodes are a doubt', () => {
    const nodes = [
      node('MatMul', ['x', 'W'], 'z'),
      node('Mul', ['z', 'ones'], 'z1', {}, 'first'),
      node('Tanh', ['z1'], 't'),
      node('MatMul', ['t', 'V'], 'u'),
      node('Mul', ['u', 'ones'], 'h', {}, 'second'),
    ];
    const ones = f32([4], [1, 1, 1, 1]);
    const { doubts } = load(nodes, { W: values([4, 4]), V: values([4, 4], 2), ones }, {}, ['n', 4], 'keras');
    expect(doubts.map((d) => [d.name, d.counted])).toEqual([
      ['ones', true],
      ['ones at second', false],
    ]);
  });
});

describe('choosing by globs', () => {
  const nodes = [
    node(
      'BatchNormalization',
      ['x', 'n.weight', 'n.bias', 'n.running_mean', 'n.running_var'],
      'y',
      {},
      '/n/BatchNormalization',
    ),
    gemm('y', 'a', 'z'),
    node('Mul', ['z', 'buffer'], 'u'),
    gemm('u', 'b', 'h'),
  ];
  const weights = {
    ...head,
    'n.weight': f32([4], [1, 2, 1, 2]),
    'n.bias': values([4], 3),
    'n.running_mean': values([4], 4),
    'n.running_var': f32([4], [1, 2, 3, 4]),
    buffer: values([4], 8),
  };

  it('a wildcard brings in doubts and never running statistics', () => {
    const all = marks(load(nodes, weights, { parameters: ['*'] }));
    expect(all).toMatchObject({ 'n.weight': '+', 'n.running_mean': '-', 'n.running_var': '-', buffer: '?' });
  });

  it('a full name brings in anything that has a derivative', () => {
    const named = marks(load(nodes, weights, { parameters: ['n.running_var', 'a.weight'] }));
    expect(named).toMatchObject({ 'n.running_var': '+', 'n.running_mean': '-', 'a.weight': '+' });
  });
});
