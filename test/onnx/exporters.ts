/**
 * @module test/onnx/exporters
 *
 * Small networks as scikit-learn's and Keras' converters write them, node by node (skl2onnx's multilayer perceptron; tf2onnx's Dense).
 */
import { Sequence } from '../../src/core/random.js';
import { type Tensor, tensor } from '../../src/core/tensor.js';
import type { OnnxNode } from '../../src/graph/onnx/proto/index.js';
import { f32, floats, i64, info, int, ints, type ModelParts, node, text } from './builder.js';

/** Weights in (−1, 1) that are float32 numbers. */
export function drawn(name: string, shape: readonly number[]): Tensor {
  const s = new Sequence(5, name);
  const n = shape.reduce((p, d) => p * d, 1);
  return f32(
    shape,
    Array.from({ length: n }, () => Math.fround(2 * s.next() - 1)),
  );
}

/** `MLPClassifier` or `MLPRegressor` of layer sizes `sizes`, with a StandardScaler before it where `scaler`. */
export interface Perceptron {
  readonly sizes: readonly number[];
  readonly activation: 'Tanh' | 'Relu' | 'Sigmoid' | 'Identity';
  /** The last activation: Softmax for classes, Sigmoid for two classes or labels, Identity for regression. */
  readonly last: 'Softmax' | 'Sigmoid' | 'Identity';
  readonly tail: 'labels and maps' | 'labels and columns' | 'labels alone' | 'multilabel' | 'regression';
  readonly scaler?: boolean;
}

export function sklearn(p: Perceptron): ModelParts {
  const { sizes } = p;
  const nodes: OnnxNode[] = [];
  const weights: Record<string, Tensor> = {};
  let at = 'X';
  if (p.scaler) {
    const column = (f: (i: number) => number): number[] => Array.from({ length: sizes[0] }, (_, i) => f(i));
    nodes.push(
      node('ml.Scaler', ['X'], 'variable', {
        offset: floats(...column((i) => 0.25 * i)),
        scale: floats(...column((i) => 1 + 0.5 * i)),
      }),
    );
    at = 'variable';
  }
  nodes.push(node('Cast', [at], 'cast_input', { to: int(1) }));
  at = 'cast_input';
  for (let l = 0; l + 1 < sizes.length; l++) {
    const n = l === 0 ? '' : String(l);
    weights[`coefficient${n}`] = drawn(`coefficient${n}`, [sizes[l], sizes[l + 1]]);
    weights[`intercepts${n}`] = drawn(`intercepts${n}`, [1, sizes[l + 1]]);
    nodes.push(node('MatMul', [at, `coefficient${n}`], `mul_result${n}`, {}, `MatMul${n}`));
    nodes.push(node('Add', [`mul_result${n}`, `intercepts${n}`], `add_result${n}`, {}, `Add${n}`));
    const last = l + 2 === sizes.length;
    at = last ? 'out_activations_result' : `next_activations${n}`;
    nodes.push(node(last ? p.last : p.activation, [`add_result${n}`], at, {}, last ? 'last' : `act${n}`));
  }
  const label = info('output_label', 'int64', [null]);
  const labels = (from: string): void => {
    weights.classes = tensor('int32', [3], [0, 1, 2]);
    nodes.push(
      node('ArgMax', [from], 'argmax_output', { axis: int(1) }),
      node('ml.ArrayFeatureExtractor', ['classes', 'argmax_output'], 'array_feature_extractor_result'),
      node('Reshape', ['array_feature_extractor_result', 'shape_tensor'], 'reshaped_result'),
      node('Cast', ['reshaped_result'], 'output_label', { to: int(7) }),
    );
    weights.shape_tensor = i64(-1);
  };
  const common = {
    opset: 17,
    inputs: [info('X', 'float32', [null, sizes[0]])],
    nodes,
    weights,
    producer: 'skl2onnx',
  };
  if (p.tail === 'regression') {
    weights.shape_tensor = i64(-1, 1);
    nodes.push(node('Reshape', [at, 'shape_tensor'], 'variable1'));
    return { ...common, outputs: ['variable1'] };
  }
  if (p.last === 'Sigmoid' && p.tail !== 'multilabel') {
    weights.unity = f32([], [1]);
    nodes.push(
      node('Sub', ['unity', at], 'negative_class_proba', {}, 'Sub'),
      node('Concat', ['negative_class_proba', at], 'probabilities', { axis: int(1) }, 'Concat'),
    );
  } else nodes.push(node('Identity', [at], 'probabilities'));
  if (p.tail === 'multilabel') {
    nodes.push(
      node('ml.Binarizer', [at], 'binariser_output', { threshold: { type: 'float', value: 0.5 } }),
      node('Cast', ['binariser_output'], 'output_label', { to: int(7) }),
    );
    return { ...common, outputs: [label, 'probabilities'] };
  }
  labels('probabilities');
  if (p.tail === 'labels alone') return { ...common, outputs: [label] };
  if (p.tail === 'labels and columns') return { ...common, outputs: [label, 'probabilities'] };
  nodes.push(
    node(
      'ml.ZipMap',
      ['probabilities'],
      'output_probability',
      { classlabels_int64s: ints(0, 1, 2) },
      'ZipMap',
    ),
  );
  return { ...common, outputs: [label, info('output_probability', 'sequence', null)] };
}

/** Two Dense layers, the first on [positions, features] between reshapes, as tf2onnx writes them. */
export function keras(positions: number, features: number, units: number, classes: number): ModelParts {
  return {
    opset: 15,
    producer: 'tf2onnx',
    inputs: [info('input_1', 'float32', ['unk__6', positions, features])],
    outputs: ['dense_1'],
    nodes: [
      node('Shape', ['input_1'], 'shape'),
      node('Cast', ['shape'], 'shape_cast', { to: int(6) }),
      node('Slice', ['shape_cast', 'zero', 'one', 'zero'], 'batch'),
      node('Reshape', ['input_1', 'rows'], 'flat'),
      node('MatMul', ['flat', 'model/dense/kernel'], 'product'),
      node('Concat', ['batch', 'positions', 'units'], 'back32', { axis: int(0) }),
      node('Cast', ['back32'], 'back', { to: int(7) }),
      node('Reshape', ['product', 'back'], 'tensordot'),
      node('Add', ['tensordot', 'model/dense/bias'], 'biased'),
      node('Sigmoid', ['biased'], 'gate'),
      node('Mul', ['biased', 'gate'], 'swish'),
      node('Reshape', ['swish', 'flatten'], 'flattened'),
      node('MatMul', ['flattened', 'model/dense_1/kernel'], 'logits0'),
      node('Add', ['logits0', 'model/dense_1/bias'], 'logits'),
      node('Softmax', ['logits'], 'dense_1', {}, 'StatefulPartitionedCall/model/dense_1/Softmax'),
    ],
    weights: {
      rows: i64(-1, features),
      zero: i64(0),
      one: i64(1),
      positions: tensor('int32', [1], [positions]),
      units: tensor('int32', [1], [units]),
      flatten: i64(-1, positions * units),
      'model/dense/kernel': drawn('k0', [features, units]),
      'model/dense/bias': drawn('b0', [units]),
      'model/dense_1/kernel': drawn('k1', [positions * units, classes]),
      'model/dense_1/bias': drawn('b1', [classes]),
    },
  };
}

/** A PyTorch classifier that ends in these operators, each `[operator, attributes]`. */
export function torch(
  end: readonly (readonly [string, Parameters<typeof node>[3]])[],
  classes = 3,
): ModelParts {
  const nodes = [
    node('Gemm', ['x', 'fc1.weight', 'fc1.bias'], 'z1', { transB: int(1) }, '/fc1/Gemm'),
    node('Tanh', ['z1'], 'a1', {}, '/act/Tanh'),
    node(
      'Gemm',
      ['a1', 'fc2.weight', 'fc2.bias'],
      end.length === 0 ? 'h' : 'z2',
      { transB: int(1) },
      '/fc2/Gemm',
    ),
  ];
  end.forEach(([op, attributes], i) => {
    const last = i === end.length - 1;
    nodes.push(node(op, [i === 0 ? 'z2' : `e${i - 1}`], last ? 'h' : `e${i}`, attributes, `/${op}`));
  });
  return {
    inputs: [info('x', 'float32', ['n', 4])],
    outputs: ['h'],
    nodes,
    weights: {
      'fc1.weight': drawn('fc1.weight', [5, 4]),
      'fc1.bias': drawn('fc1.bias', [5]),
      'fc2.weight': drawn('fc2.weight', [classes, 5]),
      'fc2.bias': drawn('fc2.bias', [classes]),
    },
  };
}

export const axis = (a: number) => ({ axis: int(a) });
export const none = {};
export const mode = (s: string) => ({ approximate: text(s) });
