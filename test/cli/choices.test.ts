/** The options that change what an estimate covers and what it reads. */
import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { hallInterval } from '../../src/stats/index.js';
import { castTensor, type Tensor, tensor } from '../../src/core/tensor.js';
import { readArrays } from '../../src/disk/index.js';
import { formatSafetensors } from '../../src/data/safetensors.js';
import { f32, i64, info, node } from '../onnx/builder.js';
import {
  type EstimateJson,
  estimateOf,
  expectComplaint,
  fim,
  fimJson,
  model,
  scratch,
  wave,
  writeModel,
  writeNpz,
} from './fim.js';

const { path } = scratch();
const NAME = 'digits-mlp-sigmoid-small';
const exact = (...words: string[]) =>
  estimateOf(NAME, '--likelihood', 'categorical', '--estimator', 'exact', '--dtype', 'float64', ...words);
const names = (e: EstimateJson) => e.tensors.map((t) => t.name);
const data = () => readArrays(model(NAME, 'data.npz'));

/** A network of the fixture's input: h = x W, with an input of its own name. */
function linear(file: string, inputs: readonly string[] = ['x']): string {
  const weights: Record<string, Tensor> = {};
  const nodes = inputs.map((name, i) => {
    weights[`W${i}`] = f32(
      [3, 2],
      [0.3, -0.2, 0.5, 0.1, -0.7, 0.4].map((v) => Math.fround(v * (i + 1))),
    );
    return node('MatMul', [name, `W${i}`], inputs.length === 1 ? 'h' : `h${i}`);
  });
  if (inputs.length === 2) nodes.push(node('Add', ['h0', 'h1'], 'h'));
  return writeModel(path(file), {
    inputs: inputs.map((name) => info(name, 'float32', ['n', 3])),
    outputs: ['h'],
    nodes,
    weights,
  });
}

describe('subsets of the parameters', () => {
  it('--parameters and --freeze: totals and errors cover the subset', async () => {
    const all = await fimJson(exact());
    const weights = await fimJson(exact('--parameters', '*.weight'));
    const biases = await fimJson(exact('--freeze', '*.weight'));
    const one = await fimJson(exact('--parameters', 'fc*', '--freeze', 'fc1.*,fc3.*', '--freeze', '*.bias'));
    expect(names(weights)).toEqual(['fc1.weight', 'fc2.weight', 'fc3.weight']);
    expect(names(biases)).toEqual(['fc1.bias', 'fc2.bias', 'fc3.bias']);
    expect(names(one)).toEqual(['fc2.weight']);
    expect(weights.parameters + biases.parameters).toBe(all.parameters);
    expect(weights.trace.value + biases.trace.value).toBeCloseTo(all.trace.value, 9);
    // Errors of the parts are correlated within an example, and so do not add up in squares.
    expect(one.trace.dataError).toBeCloseTo(all.tensors[2].trace.dataError as number, 12);
    expect(one.trace).toEqual(one.tensors[0].trace);
  });

  it('refuses a pattern that matches nothing, listing the names', async () => {
    expectComplaint(await fim(exact('--parameters', 'layer*')), {
      code: 2,
      says: ['layer*', 'fc1.weight'],
    });
    expectComplaint(await fim(exact('--freeze', '*')), { code: 3, says: ['--freeze'] });
  });
});

describe('fim inspect', () => {
  it('lists what counts and what does not, every tensor of the file with its reason', async () => {
    const file = writeModel(path('tensors.onnx'), {
      inputs: [info('x', 'float32', ['n', 2])],
      outputs: ['h'],
      nodes: [
        node('Sub', ['x', 'mean'], 'centred'),
        node('MatMul', ['centred', 'W'], 'z'),
        node('Mul', ['z', 'half'], 'scaled'),
        node('Reshape', ['scaled', 'shape'], 'h'),
      ],
      weights: {
        mean: f32([2], [0.5, 0.25]),
        W: f32([2, 2], [1, 2, 3, 4]),
        half: f32([], [0.5]),
        shape: i64(-1, 2),
        unused: f32([1], [1]),
      },
    });
    const listed = await fimJson<Record<'parameters' | 'excluded', { name: string; reason: string }[]>>([
      ...['inspect', file, '--likelihood', 'categorical'],
    ]);
    expect(listed.parameters.map(({ name, reason }) => [name, reason])).toEqual([['W', 'weight']]);
    expect(listed.excluded.map(({ name, reason }) => [name, reason.split(':')[0]])).toEqual([
      ['mean', 'preprocessing'],
      ['half', 'a rank-0 constant'],
      ['shape', 'elements are int64'],
      ['unused', 'does not reach the output'],
    ]);
  });
});

describe('--weights', () => {
  it.each(['npz', 'safetensors'])('runs the graph with those of a .%s', async (format) => {
    const known = readArrays(model(NAME, 'reference.npz'));
    const parameters = (await fimJson(exact())).tensors;
    const zero = new Map<string, Tensor>(
      parameters.map(({ name, shape }) => [
        name,
        castTensor({ ...known.get(`fisher_diag/${name}`), shape }, 'float32'),
      ]),
    );
    const file = path(`weights.${format}`);
    if (format === 'npz') writeNpz(file, Object.fromEntries(zero));
    else writeFileSync(file, formatSafetensors(zero, {}, file));
    const own = await fimJson(exact());
    const other = await fimJson(exact('--weights', file));
    expect(names(other)).toEqual(names(own));
    expect(Math.abs(other.trace.value / own.trace.value - 1)).toBeGreaterThan(0.01);
  });
});

describe('examples and their order', () => {
  it('--examples visits a random sample, --order file the first ones', async () => {
    const x = data().get('x') as Tensor<'float32'>;
    const first = writeNpz(path('first.npz'), {
      x: tensor('float32', [20, 8], x.data.slice(0, 160)),
    });
    const ten = ['--likelihood', 'categorical', '--estimator', 'exact', '--dtype', 'float64'];
    const prefix = await fimJson(['estimate', model(NAME), first, ...ten]);
    const file = await fimJson(exact('--examples', '20', '--order', 'file'));
    const drawn = await fimJson(exact('--examples', '20'));
    const again = await fimJson(exact('--examples', '20', '--seed', '1'));
    expect(file.trace.value).toBeCloseTo(prefix.trace.value, 12);
    expect([file.examples, drawn.examples]).toEqual([20, 20]);
    const values = [file, drawn, again].map((e) => e.trace.value);
    expect(new Set(values).size).toBe(3);
  });

  it('refuses more examples than there are', async () => {
    expectComplaint(await fim(exact('--examples', '97')), { code: 2, says: ['97', '96'] });
  });

  it('--population data: no data error once all are visited, less of it before', async () => {
    const all = await fimJson(exact('--population', 'data'));
    expect(all.trace.dataError).toBe(0);
    expect(all.trace.standardError).toBe(0);
    const some = ['--examples', '24', '--visits', 'uniform'];
    const finite = await fimJson(exact('--population', 'data', ...some));
    const sample = await fimJson(exact(...some));
    const ratio = (finite.trace.dataError as number) / (sample.trace.dataError as number);
    expect(ratio).toBeCloseTo(Math.sqrt(1 - 24 / 96), 12);
  });

  it('--level widens the interval and nothing else', async () => {
    const [narrow, wide] = [await fimJson(exact('--level', '0.5')), await fimJson(exact('--level', '99%'))];
    // Hall's rule (src/stats/rules) on the trace's own skewness and n − 1 degrees of freedom.
    const hall = (e: EstimateJson, level: number) =>
      hallInterval({
        value: e.trace.value,
        standardError: e.trace.standardError as number,
        skewness: e.trace.skewness as number,
        degrees: e.examples - 1,
        level,
        nonNegative: true,
      });
    expect(narrow.trace.interval).toEqual(hall(narrow, 0.5));
    expect(wide.trace.interval).toEqual(hall(wide, 0.99));
    const [low, high] = wide.trace.interval as [number, number];
    expect(low).toBeLessThan((narrow.trace.interval as [number, number])[0]);
    expect(high).toBeGreaterThan((narrow.trace.interval as [number, number])[1]);
    expect(wide.trace.standardError).toBe(narrow.trace.standardError);
  });
});

describe('targets', () => {
  const x = wave(6, 3);
  const empirical = (file: string, ...words: string[]) => [
    ...['estimate', linear('soft.onnx'), file, '--likelihood', 'categorical', '--estimator', 'empirical'],
    ...['--dtype', 'float64', ...words],
  ];

  it('takes classes, one-hot rows, and soft rows only where asked', async () => {
    const classes = [0, 1, 1, 0, 1, 0];
    const hot = classes.flatMap((c) => (c === 0 ? [1, 0] : [0, 1]));
    const soft = hot.map((v) => 0.8 * v + 0.1);
    const file = writeNpz(path('targets.npz'), {
      x,
      y: tensor('int64', [6], classes),
      hot: tensor('float32', [6, 2], hot),
      soft: tensor('float64', [6, 2], soft),
    });
    const integer = await fimJson(empirical(file));
    const rows = await fimJson(empirical(file, '--targets', 'hot'));
    expect(rows.trace.value).toBe(integer.trace.value);
    expectComplaint(await fim(empirical(file, '--targets', 'soft')), { code: 3, says: ['--soft-targets'] });
    const expected = await fimJson(empirical(file, '--targets', 'soft', '--soft-targets', 'expectation'));
    expect(expected.trace.value).not.toBe(integer.trace.value);
    // δ = t − p with the rows as t: (0.8)² of nothing in general, so compare with the definition.
    const p = (row: number, W: number[]) => {
      const h = [0, 1].map((c) => [0, 1, 2].reduce((s, d) => s + x.data[3 * row + d] * W[2 * d + c], 0));
      const e = h.map(Math.exp);
      return e.map((v) => v / (e[0] + e[1]));
    };
    const W = [0.3, -0.2, 0.5, 0.1, -0.7, 0.4].map(Math.fround);
    let want = 0;
    for (let i = 0; i < 6; i++) {
      const norm = [0, 1, 2].reduce((s, d) => s + x.data[3 * i + d] ** 2, 0);
      const q = p(i, W);
      want += (norm * ((soft[2 * i] - q[0]) ** 2 + (soft[2 * i + 1] - q[1]) ** 2)) / 6;
    }
    expect(expected.trace.value / want - 1).toBeLessThan(1e-12);
  });
});

describe('data', () => {
  const words = ['--likelihood', 'categorical', '--estimator', 'exact', '--dtype', 'float64'];
  const x = tensor(
    'float32',
    [5, 3],
    Float32Array.from({ length: 15 }, (_, i) => ((i * 7) % 16) / 16),
  );
  const npz = () => writeNpz(path('five.npz'), { x });

  it('reads CSV with a target column', async () => {
    const rows = [0, 1, 2, 3, 4].map((i) => [...x.data.slice(3 * i, 3 * i + 3), i % 2].join(','));
    const csv = path('five.csv');
    writeFileSync(csv, `a,b,c,class\n${rows.join('\n')}\n`);
    const graph = linear('csv.onnx');
    const want = await fimJson(['estimate', graph, npz(), ...words]);
    const got = await fimJson(['estimate', graph, csv, '--target-column', 'class', ...words]);
    expect(got.trace).toEqual(want.trace);
    const empirical = await fimJson([
      ...['estimate', graph, csv, '--target-column', 'class', '--likelihood', 'categorical'],
      ...['--estimator', 'empirical'],
    ]);
    expect(empirical.examples).toBe(5);
    expectComplaint(await fim(['estimate', graph, csv, ...words]), {
      code: 3,
      says: ['4 input columns', '--target-column class'],
    });
  });

  it('reads IDX bytes with a scale, and not without one', async () => {
    const idx = path('five-idx2-ubyte');
    const pixels = Array.from(x.data, (v) => v * 16);
    writeFileSync(idx, Uint8Array.from([0, 0, 8, 2, 0, 0, 0, 5, 0, 0, 0, 3, ...pixels]));
    const graph = linear('idx.onnx');
    const want = await fimJson(['estimate', graph, npz(), ...words]);
    const got = await fimJson(['estimate', graph, idx, '--scale', '1/16', ...words]);
    expect(got.trace).toEqual(want.trace);
    expectComplaint(await fim(['estimate', graph, idx, ...words]), { code: 3, says: ['--scale 1/255'] });
  });

  it('feeds inputs by name, by --input, and lists the arrays where it is not clear', async () => {
    const graph = linear('two.onnx', ['left', 'right']);
    const arrays = { left: x, right: wave(5, 3) };
    const want = await fimJson(['estimate', graph, writeNpz(path('two.npz'), arrays), ...words]);
    const renamed = writeNpz(path('ab.npz'), { a: arrays.left, b: arrays.right });
    const got = await fimJson(['estimate', graph, renamed, '--input', 'left=a,right=b', ...words]);
    expect(got.trace).toEqual(want.trace);
    expectComplaint(await fim(['estimate', graph, renamed, ...words]), {
      code: 3,
      says: ['a float32 [5, 3]', '--input left=a'],
    });
    expectComplaint(await fim(['estimate', graph, renamed, '--input', 'middle=a', ...words]), {
      code: 2,
      says: ['left, right'],
    });
  });

  it('--output names one of several', async () => {
    const file = writeModel(path('outputs.onnx'), {
      inputs: [info('x', 'float32', ['n', 3])],
      outputs: ['logits', 'half'],
      nodes: [node('MatMul', ['x', 'W'], 'logits'), node('Mul', ['logits', 'scalar'], 'half')],
      weights: { W: f32([3, 2], [1, -1, 0.5, 0.25, -0.5, 2]), scalar: f32([], [0.5]) },
    });
    expectComplaint(await fim(['estimate', file, npz(), ...words]), {
      code: 2,
      says: ['logits', 'half', '--output'],
    });
    const logits = await fimJson(['estimate', file, npz(), '--output', 'logits', ...words]);
    const half = await fimJson(['estimate', file, npz(), '--output', 'half', ...words]);
    expect([logits.output.name, half.output.name]).toEqual(['logits', 'half']);
    expect(half.trace.value).not.toBe(logits.trace.value);
  });

  it('--output-is as-it-stands takes what would be refused or removed, natural does not', async () => {
    const make = (op: string) =>
      writeModel(path(`${op}.onnx`), {
        inputs: [info('x', 'float32', ['n', 3])],
        outputs: ['out'],
        nodes: [node('MatMul', ['x', 'W'], 'logits'), node(op, ['logits'], 'out')],
        weights: { W: f32([3, 2], [1, -1, 0.5, 0.25, -0.5, 2]) },
      });
    expectComplaint(await fim(['estimate', make('Sigmoid'), npz(), ...words]), {
      code: 3,
      says: ['Sigmoid', '--output-is as-it-stands'],
    });
    const stand = ['--output-is', 'as-it-stands', ...words];
    const kept = await fimJson(['estimate', make('Sigmoid'), npz(), ...stand]);
    expect(kept.output.removed).toEqual([]);
    const removed = await fimJson(['estimate', make('Softmax'), npz(), ...words]);
    expect(removed.output.removed).toEqual([expect.stringContaining('Softmax')]);
    for (const op of ['Sigmoid', 'Softmax']) {
      expectComplaint(await fim(['estimate', make(op), npz(), '--output-is', 'natural', ...words]), {
        code: 3,
        says: [op, 'removed', '--output-is as-it-stands'],
      });
    }
    const stands = await fimJson(['estimate', make('Softmax'), npz(), ...stand]);
    expect(stands.trace.value).toBeLessThan(removed.trace.value);
    const tanh = await fimJson(['estimate', make('Tanh'), npz(), '--output-is', 'natural', ...words]);
    expect(tanh.output.removed).toEqual([]);
  });
});
