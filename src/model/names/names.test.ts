import { describe, expect, it } from 'vitest';
import { bytesOf, f32, info, int, node } from '../../../test/onnx/builder.js';
import type { OnnxNode } from '../../graph/onnx/index.js';
import { FimError } from '../../core/errors.js';
import type { Tensor } from '../../core/tensor.js';
import { loadNetwork } from '../load.js';
import { nodesOf } from '../../graph/index.js';
import { modulesOfNode, sameModule, splitName } from './module-path.js';
import type { NamesFile } from './types.js';

const matrix = (rows: number, columns: number, phase = 1): Tensor =>
  f32(
    [rows, columns],
    Array.from({ length: rows * columns }, (_, i) => Math.sin(1.3 * i + phase)),
  );
const vector = (n: number, phase = 1): Tensor =>
  f32(
    [n],
    Array.from({ length: n }, (_, i) => Math.cos(i + phase)),
  );
const turned = (t: Tensor): Tensor => {
  const [rows, columns] = t.shape;
  const data = Array.from({ length: rows * columns }, (_, i) =>
    Number(t.data[(i % rows) * columns + Math.floor(i / rows)]),
  );
  return f32([columns, rows], data);
};

const text = (...names: string[]): NamesFile => ({
  where: 'names.txt',
  entries: names.map((name) => ({ name, shape: null, values: null })),
  aside: [],
});
const arrays = (given: Readonly<Record<string, Tensor>>): NamesFile => ({
  where: 'names.npz',
  entries: Object.entries(given).map(([name, t]) => ({ name, shape: t.shape, values: t })),
  aside: [],
});

interface Parts {
  readonly weights: Readonly<Record<string, Tensor>>;
  readonly nodes: readonly OnnxNode[];
  readonly producer?: string;
}

const open = ({ weights, nodes, producer = 'pytorch' }: Parts, names: NamesFile) =>
  loadNetwork(
    bytesOf({ inputs: [info('x', 'float32', ['n', 4])], outputs: ['h'], weights, nodes, producer }),
    { file: 'm.onnx', likelihood: 'categorical', dtype: 'float64', names },
  );

/** θ by name with its shape. */
const found = (parts: Parts, names: NamesFile): Record<string, readonly number[]> =>
  Object.fromEntries(
    [...open(parts, names).network.parameters].map(([name, v]) => [name, v.shape as number[]]),
  );

function codeOf(parts: Parts, names: NamesFile): string {
  try {
    open(parts, names);
    return 'no error';
  } catch (e) {
    return e instanceof FimError ? `${e.code}: ${e.message}` : String(e);
  }
}

const product = (name: string, from: string, weight: string, to: string): OnnxNode =>
  node('MatMul', [from, weight], to, {}, name);
const tanh = (from: string, to: string): OnnxNode => node('Tanh', [from], to);
const gemm = (name: string, from: string, weight: string, bias: string, to: string): OnnxNode =>
  node('Gemm', [from, weight, bias], to, { transB: int(1) }, name);

describe('module paths', () => {
  it.each([
    ['/k/MatMul', ['k']],
    ['/layer1/layer1.0/conv1/Conv', ['layer1.0.conv1']],
    ['/features/features.1/conv/conv.0/conv.0.0/Conv', ['features.1.conv.0.0']],
    ['/0/0.1/Gemm', ['0.1']],
    ['/a_1/Gemm', ['a_1', 'a']],
    ['/net_1/net.0_1/MatMul', ['net_1.net.0_1', 'net.0']],
    ['model/dense/MatMul', ['model.dense']],
    ['/MatMul', ['']],
    ['MatMul_12', []],
  ])('%s', (name, paths) => {
    expect(modulesOfNode(name)).toEqual(paths);
  });

  it('names', () => {
    expect(splitName('encoder.0.fc.weight')).toEqual({ module: 'encoder.0.fc', leaf: 'weight' });
    expect(splitName('dense/kernel:0')).toEqual({ module: 'dense', leaf: 'kernel' });
    expect(splitName('fc.parametrizations.weight.original0')).toEqual({
      module: 'fc',
      leaf: 'weight.original0',
    });
  });

  it('containers that are never called leave no trace', () => {
    expect(sameModule('blocks.0.fc', 'blocks.0.fc')).toBe('same');
    expect(sameModule('net.blocks.0.fc', '0.fc')).toBe('longer');
    expect(sameModule('fc', 'model.fc')).toBe('shorter');
    expect(sameModule('fc', 'a')).toBeNull();
  });
});

describe('tensors that the exporter renamed', () => {
  const layers = (first: string, second: string): Parts => ({
    weights: {
      'onnx::MatMul_1': matrix(4, 4),
      'onnx::MatMul_2': matrix(4, 4, 2),
      'a.bias': vector(4),
      'b.bias': vector(4, 2),
    },
    nodes: [
      product(first, 'x', 'onnx::MatMul_1', 'p'),
      node('Add', ['a.bias', 'p'], 'q'),
      tanh('q', 'r'),
      product(second, 'r', 'onnx::MatMul_2', 's'),
      node('Add', ['b.bias', 's'], 'h'),
    ],
  });
  const four = ['a.weight', 'a.bias', 'b.weight', 'b.bias'];

  it('by the bias of their layer, where nodes have numbers for names', () => {
    const { network } = open(layers('MatMul_0', 'MatMul_3'), text(...four));
    expect([...network.parameters.keys()]).toEqual(four);
    expect([...(network.weights.get('b.weight') as Tensor).data]).toEqual([...turned(matrix(4, 4, 2)).data]);
  });

  it('in the order of the file of names', () => {
    const order = ['b.bias', 'a.weight', 'b.weight', 'a.bias'];
    expect(Object.keys(found(layers('/a/MatMul', '/b/MatMul'), text(...order)))).toEqual(order);
  });

  it('under a number, where the name is that of the output', () => {
    const parts: Parts = {
      weights: { 'h.1': vector(4), 'fc.weight': matrix(4, 4) },
      nodes: [product('/fc/MatMul', 'x', 'fc.weight', 'p'), node('Add', ['p', 'h.1'], 'h')],
    };
    expect(found(parts, text('fc.weight', 'h'))).toEqual({ 'fc.weight': [4, 4], h: [4] });
    const without: Parts = { ...parts, weights: { ...parts.weights, 'h.x': vector(4) } };
    expect(found(without, text('fc.weight', 'h'))).toEqual({ 'fc.weight': [4, 4], h: [4] });
  });

  it('two at the root: names alone fit in two ways, numbers in one', () => {
    const parts: Parts = {
      weights: { 'onnx::MatMul_1': matrix(4, 4), 'onnx::MatMul_2': matrix(4, 4, 2) },
      nodes: [
        product('/MatMul', 'x', 'onnx::MatMul_1', 'p'),
        tanh('p', 'q'),
        product('/MatMul_1', 'q', 'onnx::MatMul_2', 'h'),
      ],
    };
    const refused = codeOf(parts, text('U', 'V'));
    for (const part of ['names/ambiguous', 'U', 'V', 'onnx::MatMul_1', 'numpy.savez'])
      expect(refused).toContain(part);
    const named = open(parts, arrays({ V: turned(matrix(4, 4, 2)), U: turned(matrix(4, 4)) }));
    expect(named.judged.filter((j) => j.counted).map((j) => [j.name, j.tensors])).toEqual([
      ['V', ['onnx::MatMul_2']],
      ['U', ['onnx::MatMul_1']],
    ]);
  });

  it('a module called twice has one weight, though it was folded twice', () => {
    const parts: Parts = {
      weights: { 'onnx::MatMul_1': matrix(4, 4), 'onnx::MatMul_2': matrix(4, 4) },
      nodes: [
        product('/a/MatMul', 'x', 'onnx::MatMul_1', 'p'),
        tanh('p', 'q'),
        product('/a_1/MatMul', 'q', 'onnx::MatMul_2', 'h'),
      ],
    };
    for (const names of [text('a.weight'), arrays({ 'a.weight': turned(matrix(4, 4)) })]) {
      const { network } = open(parts, names);
      const [own] = network.parameters.values();
      const readers = nodesOf([network.h]).filter((n) => n.inputs.includes(own));
      expect([network.parameters.size, readers.length]).toEqual([1, 2]);
    }
  });

  it('three clones, folded and merged with an Identity each, are three', () => {
    const parts: Parts = {
      weights: { 'onnx::MatMul_1': matrix(4, 4) },
      nodes: [
        node('Identity', ['onnx::MatMul_1'], 'onnx::MatMul_2'),
        node('Identity', ['onnx::MatMul_1'], 'onnx::MatMul_3'),
        product('/l.0/MatMul', 'x', 'onnx::MatMul_1', 'p'),
        tanh('p', 'q'),
        product('/l.1/MatMul', 'q', 'onnx::MatMul_2', 'r'),
        tanh('r', 's'),
        product('/l.2/MatMul', 's', 'onnx::MatMul_3', 'h'),
      ],
    };
    const names = ['l.0.weight', 'l.1.weight', 'l.2.weight'];
    expect(Object.keys(found(parts, text(...names)))).toEqual(names);
    const w = turned(matrix(4, 4));
    const [p, q, r] = names;
    expect(Object.keys(found(parts, arrays({ [p]: w, [q]: w, [r]: w })))).toEqual(names);
  });

  it('a tied decoder is a copy of the weight that it was folded from', () => {
    const parts: Parts = {
      weights: {
        'enc.weight': matrix(3, 4),
        'enc.bias': vector(3),
        'onnx::MatMul_9': turned(matrix(3, 4)),
        out: vector(4),
      },
      nodes: [
        gemm('/enc/Gemm', 'x', 'enc.weight', 'enc.bias', 'p'),
        tanh('p', 'q'),
        node('Transpose', ['onnx::MatMul_9'], 't'),
        product('/MatMul', 'q', 't', 'r'),
        node('Add', ['r', 'out'], 'h'),
      ],
    };
    const { network, notes } = open(parts, text('enc.weight', 'enc.bias', 'out'));
    expect(notes.join()).toContain('onnx::MatMul_9 is a copy of enc.weight');
    const own = network.parameters.get('enc.weight')!;
    expect(network.fixed.size).toBe(0);
    expect(nodesOf([network.h]).filter((n) => n.inputs.includes(own)).length).toBe(2);
  });

  it('in_proj_weight is what the products of its module read', () => {
    const parts: Parts = {
      weights: { 'onnx::MatMul_1': matrix(4, 12), 'm.in_proj_bias': vector(12) },
      nodes: [
        product('/m/MatMul', 'x', 'onnx::MatMul_1', 'p'),
        node('Add', ['p', 'm.in_proj_bias'], 'h', {}, '/m/Add'),
      ],
    };
    expect(found(parts, text('m.in_proj_weight', 'm.in_proj_bias'))).toEqual({
      'm.in_proj_weight': [12, 4],
      'm.in_proj_bias': [12],
    });
  });

  it('a prefix that all names have or lack', () => {
    const parts: Parts = {
      weights: { 'model.a.weight': matrix(3, 4), 'model.a.bias': vector(3) },
      nodes: [gemm('/model/a/Gemm', 'x', 'model.a.weight', 'model.a.bias', 'h')],
    };
    expect(Object.keys(found(parts, text('a.weight', 'a.bias')))).toEqual(['a.weight', 'a.bias']);
    const more = ['module.model.a.weight', 'module.model.a.bias'];
    expect(Object.keys(found(parts, text(...more)))).toEqual(more);
  });

  it('Keras: kernels have the layout of the file', () => {
    const parts: Parts = {
      producer: 'tf2onnx',
      weights: {
        'net/dense/MatMul/ReadVariableOp:0': matrix(4, 3),
        'net/dense/BiasAdd/ReadVariableOp:0': vector(3),
      },
      nodes: [
        product('net/dense/MatMul', 'x', 'net/dense/MatMul/ReadVariableOp:0', 'p'),
        node('Add', ['p', 'net/dense/BiasAdd/ReadVariableOp:0'], 'h', {}, 'net/dense/BiasAdd'),
      ],
    };
    expect(found(parts, text('dense/kernel:0', 'dense/bias:0'))).toEqual({
      'dense/kernel:0': [4, 3],
      'dense/bias:0': [3],
    });
  });

  it('a masked layer: names alone are refused, numbers show the mask', () => {
    const w = matrix(3, 4);
    const m = f32(
      [3, 4],
      Array.from(w.data as Float32Array, (x, i) => (i % 3 === 0 ? 0 : x)),
    );
    const parts: Parts = {
      weights: { 'onnx::Gemm_5': m, 'a.bias': vector(3) },
      nodes: [gemm('/a/Gemm', 'x', 'onnx::Gemm_5', 'a.bias', 'h')],
    };
    const refused = codeOf(parts, text('a.weight', 'a.bias'));
    for (const part of ['names/folded', 'a.weight', 'onnx::Gemm_5', 'do_constant_folding=False'])
      expect(refused).toContain(part);
    expect(found(parts, arrays({ 'a.weight': w, 'a.bias': vector(3) }))).toEqual({
      'a.weight': [3, 4],
      'a.bias': [3],
    });
    expect(codeOf(parts, arrays({ 'a.weight': matrix(3, 4, 7), 'a.bias': vector(3) }))).toContain(
      'names/folded',
    );
  });

  it('a folded tensor without a name is no parameter, and an error where a name is left', () => {
    const parts: Parts = {
      weights: { 'a.weight': matrix(3, 4), 'a.bias': vector(3), 'onnx::Add_7': vector(3, 4) },
      nodes: [
        gemm('/a/Gemm', 'x', 'a.weight', 'a.bias', 'p'),
        node('Add', ['p', 'onnx::Add_7'], 'h', {}, '/Add'),
      ],
    };
    expect(Object.keys(found(parts, text('a.weight', 'a.bias')))).toEqual(['a.weight', 'a.bias']);
    expect(codeOf(parts, text('a.weight', 'a.bias', 'pos'))).toMatch(
      /names\/not-found[\s\S]*pos[\s\S]*onnx::Add_7/,
    );
  });
});
