import { describe, expect, it } from 'vitest';
import { bytesOf, i64, info, int, modelOf, node } from '../../../../test/onnx/builder.js';
import { MATRIX, NORMS, REDUCTIONS } from '../../../../test/onnx/cases/contraction.js';
import { ELEMENTWISE } from '../../../../test/onnx/cases/elementwise.js';
import { MOVERS } from '../../../../test/onnx/cases/movers.js';
import { SHAPED } from '../../../../test/onnx/cases/shapes.js';
import { SINGLE } from '../../../../test/onnx/cases/single.js';
import { keras, sklearn, torch } from '../../../../test/onnx/exporters.js';
import { FimError } from '../../../core/errors.js';
import { Sequence } from '../../../core/random.js';
import type { OnnxAttribute, OnnxModel, OnnxNode } from '../proto/index.js';
import { chooseOutput } from '../../../model/output/choose.js';
import { COVERED, type ImportedModel, importDecoded, importModel } from '../index.js';

const CASES = [...SHAPED, ...SINGLE, ...MOVERS, ...MATRIX, ...NORMS, ...REDUCTIONS, ...ELEMENTWISE].map(
  (c) => ({
    opset: c.opsets[c.opsets.length - 1],
    inputs: [info('x', 'float32', ['n', ...(c.shape ?? [4])])],
    outputs: ['h'],
    nodes: c.nodes,
    weights: c.weights ?? {},
  }),
);
const PERCEPTRON = {
  sizes: [4, 5, 1],
  activation: 'Tanh',
  last: 'Sigmoid',
  tail: 'labels and maps',
  scaler: true,
} as const;

/** 1 where the file is read, 0 where it is refused as it should be; anything else fails the test. */
function read(load: () => ImportedModel): number {
  try {
    chooseOutput(load(), { likelihood: 'gaussian', outputIs: 'natural' });
    return 1;
  } catch (error) {
    if (!(error instanceof FimError) || error.kind === 'internal') throw error;
    return 0;
  }
}

describe('damaged files end in a value or in one complaint', () => {
  it('bytes changed one at a time', () => {
    const models = [
      bytesOf(keras(2, 2, 2, 2)),
      bytesOf(torch([['Softmax', {}]])),
      ...SHAPED.map((_, i) => bytesOf(CASES[i])),
    ];
    let good = 0;
    let tried = 0;
    for (const bytes of models) {
      for (let at = 0; at < bytes.length; at += 3) {
        const copy = bytes.slice();
        copy[at] ^= at % 2 ? 0x80 : 0x01;
        good += read(() => importModel(copy, { dtype: 'float64' }));
        tried++;
      }
    }
    expect(tried).toBeGreaterThan(1000);
    expect(good).toBeGreaterThan(0);
    expect(good).toBeLessThan(tried);
  });

  it('nodes rewired, operators exchanged, attributes replaced', () => {
    const models = [modelOf(keras(2, 2, 2, 2)), modelOf(sklearn(PERCEPTRON)), ...CASES.map(modelOf)];
    const s = new Sequence(1, 'rewired');
    const pick = <T>(list: readonly T[]): T => list[Math.floor(s.next() * list.length)];
    const attribute = (): OnnxAttribute =>
      pick<() => OnnxAttribute>([
        () => ({ type: 'int', value: s.integer(12) - 5 }),
        () => ({ type: 'ints', value: [s.integer(6) - 3] }),
        () => ({ type: 'ints', value: [] }),
        () => ({ type: 'float', value: s.next() }),
        () => ({ type: 'string', value: 'z' }),
      ])();
    const changed = (n: OnnxNode, names: readonly string[]): OnnxNode => {
      switch (s.integer(6)) {
        case 0:
          return { ...n, inputs: n.inputs.slice(0, -1) };
        case 1:
          return { ...n, inputs: [] };
        case 2: {
          const at = s.integer(Math.max(1, n.inputs.length));
          return { ...n, inputs: n.inputs.map((name, i) => (i === at ? pick(names) : name)) };
        }
        case 3:
          return { ...n, opType: pick(COVERED) };
        case 4:
          return { ...n, attributes: {} };
        default:
          return {
            ...n,
            attributes: {
              ...n.attributes,
              [pick(['axis', 'axes', 'keepdims', 'to', 'perm', 'value'])]: attribute(),
            },
          };
      }
    };
    let good = 0;
    const tries = 12_000;
    for (let k = 0; k < tries; k++) {
      const m: OnnxModel = pick(models);
      const { graph } = m;
      const names = [
        'x',
        '',
        ...graph.initializers.map((t) => t.name),
        ...graph.nodes.flatMap((n) => n.outputs),
      ];
      const at = s.integer(graph.nodes.length);
      const nodes = graph.nodes.map((n, i) => (i === at ? changed(n, names) : n));
      good += read(() => importDecoded({ ...m, graph: { ...graph, nodes } }, { dtype: 'float64' }));
    }
    expect(good).toBeGreaterThan(tries / 10);
    expect(good).toBeLessThan(tries);
  });

  it('doublings of constants and of values are refused by the name of the node', () => {
    const doubling = (name: string, first: string): OnnxNode[] =>
      Array.from({ length: 40 }, (_, i) => {
        const from = i === 0 ? first : `${name}${i - 1}`;
        return node('Concat', [from, from], `${name}${i}`, { axis: int(-1) });
      });
    const ends = (nodes: OnnxNode[]): unknown => {
      const inputs = [info('x', 'float32', ['n', 4])];
      const model = modelOf({ inputs, outputs: ['h'], nodes, weights: { s: i64(2, 3) } });
      return importDecoded(model, { dtype: 'float32' }).value('h');
    };
    expect(() => ends([...doubling('v', 'x'), node('Tanh', ['v39'], 'h')])).toThrow(
      /"\/Concat_v26".*makes a value of 536870912 numbers for each example/,
    );
    expect(() => ends([...doubling('k', 's'), node('Reshape', ['x', 'k39'], 'h')])).toThrow(
      /"\/Concat_k21".*makes a constant of 8388608 numbers/,
    );
  });
});
