import { describe, expect, it } from 'vitest';
import {
  bytesOf,
  f32,
  f64,
  float,
  floats,
  held,
  i64,
  info,
  int,
  modelOf,
  node,
  text,
} from '../../../../test/onnx/builder.js';
import { complaintOf } from '../../../../test/fixtures/data/index.js';
import { tensor } from '../../../core/tensor.js';
import { nodesOf } from '../../derive.js';
import type { OnnxModel, OnnxNode } from '../proto/index.js';
import { encodeModel } from '../proto/index.js';
import { type ImportOptions, importDecoded, importModel } from '../index.js';

const X = [info('x', 'float32', ['n', 2])];
const W = f32([2, 2], [0.1, 0.2, 0.3, 0.4]);

describe('tensors of a file', () => {
  const bytes = bytesOf({
    producer: 'pytorch',
    metadata: { likelihood: 'categorical' },
    inputs: X,
    outputs: ['h'],
    nodes: [
      node('Constant', [], 'k', { value: held(f32([2], [5, 6])) }),
      node('Constant', [], 'half', { value: held(f32([], [0.5])) }),
      node('Cast', ['w'], 'w64', { to: int(11) }),
      node('Gemm', ['x', 'w64', 'b'], 'z', { transB: int(1) }, '/fc/Gemm'),
      node('Mul', ['z', 'half'], 'y'),
      node('Add', ['y', 'k'], 'u'),
      node('PRelu', ['u', 'slope'], 'p'),
      node('BatchNormalization', ['p', 'gamma', 'beta', 'mean', 'var'], 'q'),
      node('Mul', ['q', 'scalar'], 'r'),
      node('Clip', ['r', 'low'], 'c'),
      node('Reshape', ['c', 'shape'], 'h'),
    ],
    weights: {
      b: f32([2], [1, 2]),
      w: W,
      slope: f32([1], [0.25]),
      gamma: f32([2], [1, 2]),
      beta: f32([2], [3, 4]),
      mean: f32([2], [0, 1]),
      var: f32([2], [1, 1]),
      scalar: f32([], [1.5]),
      low: f32([1], [-9]),
      shape: i64(-1, 2),
      unused: f32([3], [1, 2, 3]),
    },
  });

  it('become named inputs with what they are used as', () => {
    const model = importModel(bytes, { dtype: 'float64' });
    const h = model.value('h');
    const got = model.candidates([h]).map((c) => [c.name, c.source, c.roles.join(' ')]);
    expect(got).toEqual([
      ['b', 'initializer', ''],
      ['w', 'initializer', ''],
      ['slope', 'initializer', 'prelu-slope'],
      ['gamma', 'initializer', 'norm-scale'],
      ['beta', 'initializer', 'norm-shift'],
      ['mean', 'initializer', 'running-statistic'],
      ['var', 'initializer', 'running-statistic'],
      ['scalar', 'initializer', ''],
      ['low', 'initializer', ''],
      ['k', 'constant-node', ''],
    ]);
    expect(model.leftovers([h]).map((l) => [l.name, l.reason])).toEqual([
      ['shape', 'elements are int64'],
      ['unused', 'does not reach the output'],
    ]);
    expect([model.producer, model.opset, model.metadata.likelihood]).toEqual(['pytorch', 17, 'categorical']);
  });

  it('are converted exactly, and float64 weights rounded once for float32', () => {
    for (const c of importModelWith('float64')) expect(c.tensor.dtype).toBe('float64');
    const w = importModelWith('float64').find((c) => c.name === 'w')!;
    expect([...w.tensor.data]).toEqual([0.1, 0.2, 0.3, 0.4].map(Math.fround));
    expect(w.storedType).toBe('float32');
    const double = bytesOf({
      inputs: [info('x', 'float64', ['n', 2])],
      outputs: ['h'],
      nodes: [node('MatMul', ['x', 'w'], 'h')],
      weights: { w: f64([2, 2], [0.1, 0.2, 0.3, 0.4]) },
    });
    const model = importModel(double, { dtype: 'float32' });
    const [c] = model.candidates([model.value('h')]);
    expect([c.tensor.dtype, c.storedType, model.inputs[0].value.dtype]).toEqual([
      'float32',
      'float64',
      'float32',
    ]);
    expect(c.tensor.data[0]).toBe(Math.fround(0.1));
  });

  function importModelWith(dtype: 'float32' | 'float64') {
    const model = importModel(bytes, { dtype });
    return model.candidates([model.value('h')]);
  }

  it('a weight meets its product directly, and nodes say where they come from', () => {
    const model = importModel(bytes, { dtype: 'float64' });
    const nodes = nodesOf([model.value('h')]);
    const matmul = nodes.find((n) => n.op === 'MatMul')!;
    expect(matmul.origin).toBe('Gemm "/fc/Gemm"');
    const transposed = matmul.inputs[1].node!;
    expect([transposed.op, transposed.inputs[0].name]).toEqual(['Transpose', 'w']);
    expect(nodes.some((n) => n.op === 'Reshape')).toBe(false);
  });

  it('one shared by two layers is one input', () => {
    const model = importModel(
      bytesOf({
        inputs: X,
        outputs: ['h'],
        nodes: [
          node('Identity', ['w'], 'w2'),
          node('MatMul', ['x', 'w'], 'z'),
          node('MatMul', ['z', 'w2'], 'h'),
        ],
        weights: { w: W },
      }),
    );
    expect(model.candidates([model.value('h')]).map((c) => c.name)).toEqual(['w']);
  });
});

describe('constants of activations that are written out with one-element tensors', () => {
  const roles = (nodes: readonly OnnxNode[], weights: Record<string, ReturnType<typeof f32>>) => {
    const model = importModel(bytesOf({ inputs: X, outputs: ['h'], nodes, weights }), { dtype: 'float64' });
    return Object.fromEntries(model.candidates([model.value('h')]).map((c) => [c.name, c.roles.join(' ')]));
  };
  const k = (x: number) => f32([1], [x]);
  const constant = 'activation-constant';

  it('GELU by the error function, the half before or behind', () => {
    const weights = { s: k(Math.SQRT2), one: k(1), half: k(0.5) };
    const inner = [node('Div', ['x', 's'], 'u'), node('Erf', ['u'], 'e'), node('Add', ['e', 'one'], 'p')];
    const all = { s: constant, one: constant, half: constant };
    expect(roles([...inner, node('Mul', ['x', 'half'], 'g'), node('Mul', ['g', 'p'], 'h')], weights)).toEqual(
      all,
    );
    expect(roles([...inner, node('Mul', ['x', 'p'], 'g'), node('Mul', ['g', 'half'], 'h')], weights)).toEqual(
      all,
    );
    expect(roles([...inner, node('Mul', ['p', 'half'], 'g'), node('Mul', ['x', 'g'], 'h')], weights)).toEqual(
      all,
    );
  });

  it('GELU by tanh', () => {
    const weights = { a: k(0.044715), c: k(Math.sqrt(2 / Math.PI)), one: k(1), half: k(0.5), three: k(3) };
    const nodes = [
      node('Pow', ['x', 'three'], 'x3'),
      node('Mul', ['a', 'x3'], 'ax3'),
      node('Add', ['x', 'ax3'], 's'),
      node('Mul', ['c', 's'], 't'),
      node('Tanh', ['t'], 'y'),
      node('Add', ['one', 'y'], 'p'),
      node('Mul', ['half', 'p'], 'q'),
      node('Mul', ['x', 'q'], 'h'),
    ];
    expect(roles(nodes, weights)).toEqual({ a: constant, c: constant, one: constant, half: constant });
    const factored = [
      node('Mul', ['x', 'x'], 'x2'),
      node('Mul', ['a', 'x2'], 'ax2'),
      node('Add', ['ax2', 'one'], 's'),
      node('Mul', ['x', 'c'], 'cx'),
      node('Mul', ['cx', 's'], 't'),
      node('Tanh', ['t'], 'y'),
      node('Add', ['one', 'y'], 'p'),
      node('Mul', ['half', 'p'], 'q'),
      node('Mul', ['x', 'q'], 'h'),
    ];
    expect(roles(factored, weights).a).toBe(constant);
  });

  it('hard-swish, and the ε of a normalisation', () => {
    const hard = [
      node('Add', ['x', 'three'], 's'),
      node('Clip', ['s', 'lo', 'hi'], 'c'),
      node('Mul', ['x', 'c'], 'm'),
      node('Div', ['m', 'six'], 'h'),
    ];
    expect(roles(hard, { three: k(3), lo: f32([], [0]), hi: f32([], [6]), six: k(6) })).toEqual({
      three: constant,
      six: constant,
    });
    const norm = [
      node('ReduceMean', ['x'], 'm', { axes: { type: 'ints', value: [1] } }),
      node('Sub', ['x', 'm'], 'd'),
      node('Mul', ['d', 'd'], 'd2'),
      node('ReduceMean', ['d2'], 'v', { axes: { type: 'ints', value: [1] } }),
      node('Add', ['v', 'eps'], 'e'),
      node('Sqrt', ['e'], 'r'),
      node('Div', ['d', 'r'], 'h'),
    ];
    expect(roles(norm, { eps: k(1e-5) })).toEqual({ eps: constant });
  });

  it('but not a learned scale that happens to be 0.5 or 1', () => {
    const nodes = [
      node('Mul', ['x', 's'], 'u'),
      node('Tanh', ['u'], 't'),
      node('Mul', ['t', 'half'], 'g'),
      node('Add', ['g', 'one'], 'h'),
    ];
    expect(roles(nodes, { s: k(1), half: k(0.5), one: k(1) })).toEqual({ s: '', half: '', one: '' });
  });
});

describe('operators that are not covered', () => {
  const parts = {
    opset: 13,
    inputs: [info('x', 'float32', ['n', 1, 4, 4])],
    outputs: ['h', 'side'],
    nodes: [
      node('DeformConv', ['x', 'k', 'x'], 'a', {}, '/conv1/Conv'),
      node('Relu', ['a'], 'b'),
      node('DeformConv', ['b', 'k', 'x'], 'c', {}, '/conv2/Conv'),
      node('MaxUnpool', ['c'], 'd', {}, ''),
      node('ml.LinearClassifier', ['d'], 'h'),
      node('Flatten', ['x'], 'side'),
    ],
    weights: { k: f32([1, 1, 1, 1], [1]) },
  };

  it('are all in one complaint, with nodes and opset', () => {
    const model = importModel(bytesOf(parts), { file: 'net.onnx' });
    const e = complaintOf(() => model.value('h'));
    expect([e.kind, e.code]).toEqual(['unsupported', 'onnx/operators']);
    expect(e.complaint.got).toBe(
      'DeformConv ×2 (nodes "/conv1/Conv", "/conv2/Conv") at opset 13; MaxUnpool ×1 (node "d") at opset 13; ' +
        'LinearClassifier of ai.onnx.ml ×1 (node "/LinearClassifier_h") at opset 3',
    );
    expect(model.coverage().map((u) => [u.operator, u.nodes.length])).toEqual([
      ['DeformConv', 2],
      ['MaxUnpool', 1],
      ['LinearClassifier', 1],
    ]);
  });

  it('do no harm where the wanted output does not need them', () => {
    const model = importModel(bytesOf(parts));
    expect(model.value('side').shape).toEqual([{ batch: 1 }, 16]);
    expect(model.coverage(['side'])).toEqual([]);
  });

  it('are said again when asked again', () => {
    const model = importModel(
      bytesOf({ inputs: X, outputs: ['h'], nodes: [node('Softmax', ['x'], 'h', { axis: int(7) })] }),
    );
    const first = complaintOf(() => model.value('h')).message;
    expect(complaintOf(() => model.value('h')).message).toBe(first);
  });

  it('a form of a covered operator that is not is refused by its node', () => {
    const refuse = (nodes: OnnxNode[], weights = {}, opset = 17) =>
      complaintOf(() =>
        importModel(bytesOf({ opset, inputs: X, outputs: ['h'], nodes, weights })).value('h'),
      );
    expect(
      refuse([node('Gather', ['t', 'i'], 'h')], { t: f32([3, 2], [1, 2, 3, 4, 5, 6]), i: i64(5) }).message,
    ).toMatch(/index lies outside/);
    expect(refuse([node('Gather', ['t', 'x'], 'h')], { t: f32([3, 2], [1, 2, 3, 4, 5, 6]) }).message).toMatch(
      /indices are integers/,
    );
    expect(refuse([node('Cast', ['x'], 'i', { to: int(7) }), node('Gather', ['x', 'i'], 'h')]).code).toBe(
      'graph/examples-coupled',
    );
    expect(refuse([node('Cast', ['x'], 'h', { to: int(8) })]).code).toBe('onnx/element-type');
    expect(refuse([node('Cast', ['x'], 'i', { to: int(7) }), node('Reshape', ['x', 'i'], 'h')]).code).toBe(
      'onnx/not-constant',
    );
    expect(
      refuse([node('Dropout', ['x', 'r', 't'], 'h')], { r: f32([], [0.5]), t: tensor('bool', [], [1]) }).code,
    ).toBe('onnx/training-mode');
    expect(refuse([node('Dropout', ['x'], ['y', 'm']), node('Where', ['m', 'x', 'y'], 'h')]).message).toMatch(
      /not computed/,
    );
    expect(
      refuse([node('Constant', [], 'k', { value_string: text('a') }), node('Add', ['x', 'k'], 'h')]).message,
    ).toMatch(/string/);
    expect(refuse([node('Squeeze', ['x', 'a'], 'h')], { a: i64(1) }).message).toMatch(/Squeeze_h/);
    expect(refuse([node('Softmax', ['x'], 'h', { axis: int(7) })]).code).toBe('onnx/axis');
    expect(refuse([node('MatMul', ['x', 'w'], 'h')], { w: f32([3, 2], [1, 2, 3, 4, 5, 6]) }).code).toBe(
      'graph/shape',
    );
    expect(refuse([node('ReduceL2', ['x'], 'h', { noop_with_empty_axes: int(1) })], {}, 18).message).toMatch(
      /noop/,
    );
    expect(refuse([node('Reshape', ['x', 's'], 'h')], { s: i64(-1, -1) }).message).toMatch(
      /more than one −1/,
    );
    expect(refuse([node('Reshape', ['x', 's'], 'h')], { s: i64(-1, 5) }).message).toMatch(
      /another number of elements/,
    );
    expect(refuse([node('LeakyRelu', [], 'h', { alpha: float(0.1) })]).code).toBe('onnx/operand');
    expect(
      refuse([node('Split', ['x', 'l'], ['h', 'g'], { axis: int(1) })], { l: i64(1, 2) }).message,
    ).toMatch(/cannot split 2/);
  });
});

describe('files that are wrong', () => {
  const load = (change: (m: OnnxModel) => OnnxModel, options: ImportOptions = {}) => {
    const base = modelOf({
      inputs: X,
      outputs: ['h'],
      nodes: [node('MatMul', ['x', 'w'], 'h', {}, '/fc')],
      weights: { w: W },
    });
    return importDecoded(change(base), { file: 'net.onnx', ...options });
  };
  const graph = (m: OnnxModel, parts: Partial<OnnxModel['graph']>): OnnxModel => ({
    ...m,
    graph: { ...m.graph, ...parts },
  });

  it('opsets out of range', () => {
    for (const version of [6, 29]) {
      const e = complaintOf(() => load((m) => ({ ...m, opsets: [{ domain: '', version }] })));
      expect(e.code).toBe('onnx/opset-range');
      expect(e.message).toMatch(/opset_version=17/);
    }
    expect(load((m) => ({ ...m, opsets: [{ domain: 'ai.onnx', version: 13 }] })).opset).toBe(13);
  });

  it('one domain imported twice', () => {
    const twice = (a: number, c: number) => () =>
      load((m) => ({
        ...m,
        opsets: [
          { domain: '', version: a },
          { domain: 'ai.onnx', version: c },
        ],
      }));
    expect(complaintOf(twice(11, 13)).code).toBe('onnx/opset-twice');
    expect(twice(13, 13)().opset).toBe(13);
  });

  it('names given twice, never, or in a circle', () => {
    const fc = node('MatMul', ['x', 'w'], 'h', {}, '/fc');
    expect(complaintOf(() => load((m) => graph(m, { nodes: [fc, fc] }))).code).toBe('onnx/name-twice');
    expect(complaintOf(() => load((m) => graph(m, { inputs: [...X, ...X] }))).code).toBe('onnx/name-twice');
    expect(
      complaintOf(() =>
        load((m) => graph(m, { initializers: [...m.graph.initializers, ...m.graph.initializers] })),
      ).code,
    ).toBe('onnx/name-twice');
    expect(
      complaintOf(() =>
        load((m) => graph(m, { nodes: [node('Relu', ['x'], 'w')], outputs: [info('w', 'float32', null)] })),
      ).code,
    ).toBe('onnx/name-twice');
    expect(complaintOf(() => load((m) => graph(m, { nodes: [node('Relu', ['x'], 'x'), fc] }))).code).toBe(
      'onnx/name-twice',
    );
    expect(complaintOf(() => load((m) => graph(m, { nodes: [] }))).code).toBe('onnx/missing-output');
    const missing = complaintOf(() => load((m) => graph(m, { initializers: [] })).value('h'));
    expect(missing.code).toBe('onnx/missing-input');
    expect(missing.message).toMatch(/"w".*\n.*MatMul "\/fc" reads it/);
    const circle = [node('Add', ['x', 'b'], 'a'), node('Relu', ['a'], 'b'), node('MatMul', ['b', 'w'], 'h')];
    expect(complaintOf(() => load((m) => graph(m, { nodes: circle })).value('h')).code).toBe('onnx/cycle');
  });

  it('nodes out of order and initialisers listed as inputs are no fault', () => {
    const nodes = [node('MatMul', ['a', 'w'], 'h'), node('Relu', ['x'], 'a')];
    const model = load((m) => graph(m, { nodes, inputs: [...X, info('w', 'float32', [2, 2])] }));
    expect(model.inputs.map((i) => i.name)).toEqual(['x']);
    expect(model.value('h').shape).toEqual([{ batch: 1 }, 2]);
  });

  it('a chain of 20,000 nodes is read without running out of stack', () => {
    const names = Array.from({ length: 20_000 }, (_, i) => `v${i}`);
    const nodes = names.map((name, i) => node('Tanh', [i === 0 ? 'x' : names[i - 1]], name)).reverse();
    const model = load((m) => graph(m, { nodes, outputs: [info(names[names.length - 1], 'float32', null)] }));
    expect(nodesOf([model.value('v19999')])).toHaveLength(20_000);
  });

  it('weights that are not finite, by name and index', () => {
    const w = f32([2, 2], [1, 2, NaN, 4]);
    const bad = (t: typeof w, dtype: 'float32' | 'float64') =>
      complaintOf(() => load((m) => graph(m, { initializers: [{ ...t, name: 'w' }] }), { dtype }).value('h'));
    const e = bad(w, 'float32');
    expect([e.code, e.kind, e.complaint.got]).toEqual(['onnx/not-finite', 'bad-input', 'NaN at [1, 0]']);
    expect(e.message).toMatch(/initialiser "w"/);
    expect(bad(f32([2, 2], [1, -Infinity, 3, 4]), 'float64').complaint.got).toBe('-Infinity at [0, 1]');
    const large = bad(f64([2, 2], [1, 2, 3, 1e300]), 'float32');
    expect([large.complaint.got, large.complaint.next]).toEqual([
      '1e+300 at [1, 1]',
      "use `dtype: 'float64'`",
    ]);
  });

  it('weights of a type that is not covered', () => {
    const data = new Uint8Array(16);
    const t = { name: 'w', dtype: 'uint16', shape: [2, 4], data } as const;
    expect(complaintOf(() => load((m) => graph(m, { initializers: [t] })).value('h')).code).toBe(
      'onnx/element-type',
    );
  });

  it('half-precision weights are read and noted', () => {
    const model = load((m) =>
      graph(m, {
        initializers: [{ ...W, name: 'w', storedAs: 'float16' }],
        inputs: [info('x', 'float16', ['n', 2])],
      }),
    );
    model.value('h');
    expect(model.notes.join()).toMatch(/float16/);
  });

  it("a constant node's numbers count as weights too", () => {
    const bytes = encodeModel(
      modelOf({
        inputs: X,
        outputs: ['h'],
        nodes: [
          node('Constant', [], 'k', { value_floats: floats(1, Infinity) }),
          node('Add', ['x', 'k'], 'h'),
        ],
      }),
    );
    expect(complaintOf(() => importModel(bytes).value('h')).message).toMatch(/constant "k"/);
  });
});
