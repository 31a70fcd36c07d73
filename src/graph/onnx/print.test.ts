import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decodeModel, type OnnxModel } from './proto/index.js';
import { printModel, printNode, printValue } from './print.js';

describe('a model as text', () => {
  it('shows one line for each part', () => {
    const file = new URL('../../../test/fixtures/models/golden-4-5-3/model.onnx', import.meta.url);
    expect(printModel(decodeModel(readFileSync(file))).split('\n')).toEqual([
      'model "golden": IR version 8, operators ai.onnx 17',
      'input   x float64[n, 4]',
      'weight  fc1.weight float64[5, 4]',
      expect.stringMatching(/^weight {2}fc1\.bias float64\[5\] = \[/),
      'weight  fc2.weight float64[3, 5]',
      expect.stringMatching(/^weight {2}fc2\.bias float64\[3\] = \[/),
      'node    z1 = Gemm(x, fc1.weight, fc1.bias) {transB: 1}',
      'node    a1 = Tanh(z1)',
      'node    h = Gemm(a1, fc2.weight, fc2.bias) {transB: 1}',
      'output  h float64[n, 3]',
      '',
    ]);
  });

  it('shows subgraphs, notes, domains, absent inputs and long lists', () => {
    const branch = {
      name: 'then',
      nodes: [{ name: 'i', opType: 'Identity', domain: '', inputs: ['x'], outputs: ['r'], attributes: {} }],
      initializers: [],
      inputs: [],
      outputs: [{ name: 'r', elemType: null, shape: null }],
      valueInfo: [],
    };
    const data = Float32Array.of(0.5);
    const model: OnnxModel = {
      irVersion: 10,
      producerName: 'pytorch',
      producerVersion: '2.5',
      opsets: [
        { domain: '', version: 18 },
        { domain: 'com.microsoft', version: 1 },
      ],
      metadata: {},
      notes: ['training information was left out'],
      graph: {
        ...branch,
        name: 'main',
        initializers: [{ name: 'w', dtype: 'float32', shape: [1], data, storedAs: 'float16' }],
        nodes: [
          {
            name: 'n',
            opType: 'Odd',
            domain: 'com.microsoft',
            inputs: ['x', '', 'y'],
            outputs: ['a', 'b'],
            attributes: {
              mode: { type: 'string', value: 'linear' },
              axes: { type: 'ints', value: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] },
              names: { type: 'strings', value: ['p'] },
              then_branch: { type: 'graph', value: branch },
              value: {
                type: 'tensor',
                value: { name: '', dtype: 'int64', shape: [], data: BigInt64Array.of(3n) },
              },
            },
          },
        ],
      },
    };
    expect(printModel(model).split('\n')).toEqual([
      'model "main": IR version 10, operators ai.onnx 18, com.microsoft 1, by pytorch 2.5',
      'note    training information was left out',
      'weight  w float32[1] (stored as float16) = [0.5]',
      'node    n: a, b = com.microsoft::Odd(x, _, y) {mode: "linear", axes: [0, 1, 2, 3, 4, 5, 6, 7, … 10 in all], ' +
        'names: ["p"], then_branch: graph "then", value: int64[] = [3]}',
      '    graph then_branch',
      '      node    i: r = Identity(x)',
      '      output  r ?',
      'output  r ?',
      '',
    ]);
    expect(printNode(branch.nodes[0])).toBe('i: r = Identity(x)');
    expect(printValue({ name: 'x', elemType: 'float32', shape: ['n', null, 3] })).toBe('x float32[n, ?, 3]');
  });
});
