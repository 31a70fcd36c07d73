/**
 * @module test/onnx/mutations/seeds
 *
 * Networks that are mutated: one small file for every case of every operator that is read, at its newest opset, and files as exporters
 * write them.
 */
import type { OnnxModel, OnnxNode } from '../../../src/graph/onnx/proto/index.js';
import { info, modelOf } from '../builder.js';
import { OPERATORS } from '../cases/index.js';
import { keras, sklearn, torch } from '../exporters.js';

const PERCEPTRON = {
  sizes: [4, 5, 1],
  activation: 'Tanh',
  last: 'Sigmoid',
  tail: 'labels and columns',
  scaler: true,
} as const;

/** A network to mutate, and what it shows. */
export interface Seed {
  readonly name: string;
  readonly model: OnnxModel;
}

/** What else the nodes give that none of them reads. */
function besides(nodes: readonly OnnxNode[]): string[] {
  const read = new Set(nodes.flatMap((n) => n.inputs));
  return nodes.flatMap((n) => n.outputs).filter((name) => name !== '' && name !== 'h' && !read.has(name));
}

export const SEEDS: readonly Seed[] = [
  ...OPERATORS.map(({ name, opsets, nodes, shape = [4], weights = {} }) => ({
    name,
    model: modelOf({
      opset: opsets[opsets.length - 1],
      inputs: [info('x', 'float32', ['n', ...shape])],
      outputs: ['h', ...besides(nodes).map((other) => info(other, null, null))],
      nodes,
      weights,
    }),
  })),
  { name: 'as Keras writes it', model: modelOf(keras(2, 2, 2, 2)) },
  { name: 'as PyTorch writes it', model: modelOf(torch([['Softmax', {}]])) },
  { name: 'as scikit-learn writes it', model: modelOf(sklearn(PERCEPTRON)) },
];
