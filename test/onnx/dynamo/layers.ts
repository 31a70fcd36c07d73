/** @module test/onnx/dynamo/layers — networks of rows: dense layers, normalisations, activations, heads. */
import { f32, float, info, int } from '../builder.js';
import { Growing } from './graph.js';
import type { Fixture } from './index.js';
import type { FileFunction } from './writer.js';
import { node } from '../builder.js';

type Body = (g: Growing, x: string) => string;

const ROWS = { x: { shape: [4] } };

/** A file of rows [N, 4] with `outputs` numbers each; its last value is the output. */
function rows(
  name: string,
  parameters: readonly string[],
  body: Body,
  more: Partial<Fixture> & {
    readonly opset?: 18 | 20;
    readonly outputs?: number;
    readonly symbol?: string;
  } = {},
): Fixture {
  const { opset = 18, outputs = 3, symbol = 'batch', ...rest } = more;
  return {
    name,
    likelihood: 'categorical',
    inputs: ROWS,
    parameters,
    ...rest,
    make: () => {
      const g = new Growing();
      const out = body(g, 'x');
      return g.file(opset, [info('x', 'float32', [symbol, 4])], [info(out, 'float32', [symbol, outputs])]);
    },
  };
}

const TWO = ['fc1.weight', 'fc1.bias', 'fc2.weight', 'fc2.bias'];

/** fc1, an activation, fc2. */
const between =
  (activation: Body, outputs = 3): Body =>
  (g, x) =>
    g.linear(activation(g, g.linear(x, 'fc1', 4, 5)), 'fc2', 5, outputs);

const relu: Body = (g, x) => g.op('Relu', [x], {}, 'relu');

/** x Φ(x) by erf, as a function of the file. */
const GELU: FileFunction = {
  name: '_aten_gelu_approximate_none',
  inputs: ['self'],
  outputs: ['return_val'],
  nodes: [
    node('Constant', [], 'root', { value_float: float(Math.SQRT2) }),
    node('CastLike', ['root', 'self'], 'root_cast'),
    node('Div', ['self', 'root_cast'], 'scaled'),
    node('Erf', ['scaled'], 'erf'),
    node('Constant', [], 'one', { value_float: float(1) }),
    node('CastLike', ['one', 'self'], 'one_cast'),
    node('Add', ['erf', 'one_cast'], 'shifted'),
    node('Constant', [], 'half', { value_float: float(0.5) }),
    node('CastLike', ['half', 'self'], 'half_cast'),
    node('Mul', ['half_cast', 'shifted'], 'phi'),
    node('Mul', ['self', 'phi'], 'return_val'),
  ],
};

const SILU: FileFunction = {
  name: 'aten_silu',
  inputs: ['self'],
  outputs: ['return_val'],
  nodes: [node('Sigmoid', ['self'], 'gate'), node('Mul', ['self', 'gate'], 'return_val')],
};

export const LAYERS: readonly Fixture[] = [
  rows('mlp', TWO, between(relu)),
  // Dropout leaves nothing behind but the numbering.
  rows(
    'dropout',
    TWO,
    between((g, x) => g.op('Identity', [relu(g, x)], {}, 'clone')),
    { opset: 20, symbol: 's77' },
  ),
  rows(
    'batch-norm',
    ['fc1.weight', 'fc1.bias', 'bn.weight', 'bn.bias', 'fc2.weight', 'fc2.bias'],
    between((g, x) => {
      const own = [g.parameter('bn.weight', 5), g.parameter('bn.bias', 5)];
      const mean = g.buffer('bn.running_mean', f32([5], [0.1, -0.2, 0.3, 0, 0.2]));
      const variance = g.buffer('bn.running_var', f32([5], [1.5, 0.7, 1, 2, 0.4]));
      const normal = g.op(
        'BatchNormalization',
        [x, ...own, mean, variance],
        { epsilon: float(1e-5), momentum: float(0.9), training_mode: int(0) },
        'batch_norm',
      );
      return relu(g, normal);
    }),
  ),
  rows(
    'layer-norm',
    ['fc1.weight', 'fc1.bias', 'norm.weight', 'norm.bias', 'fc2.weight', 'fc2.bias'],
    between((g, x) => {
      const own = [g.parameter('norm.weight', 5), g.parameter('norm.bias', 5)];
      return relu(
        g,
        g.op(
          'LayerNormalization',
          [x, ...own],
          { axis: int(-1), epsilon: float(1e-5), stash_type: int(1) },
          'layer_norm',
        ),
      );
    }),
    { opset: 20 },
  ),
  rows(
    'rms-norm',
    ['fc1.weight', 'fc1.bias', 'norm.weight', 'fc2.weight', 'fc2.bias'],
    between((g, x) => {
      const square = g.op('Pow', [x, g.number(2)], {}, 'pow_1');
      const mean = g.op(
        'ReduceMean',
        [square, g.ints(-1)],
        { keepdims: int(1), noop_with_empty_axes: int(0) },
        'mean',
      );
      const root = g.op('Sqrt', [g.op('Add', [mean, g.number(1e-6)], {}, 'add')]);
      const scaled = g.op('Mul', [x, g.op('Reciprocal', [root], {}, 'rsqrt')], {}, 'mul');
      return g.op('Mul', [scaled, g.parameter('norm.weight', 5)], {}, 'mul');
    }),
    { symbol: 's77' },
  ),
  rows(
    'gelu-function',
    TWO,
    between((g, x) => g.call(GELU, [x], 'gelu')),
  ),
  rows(
    'silu-function',
    TWO,
    between((g, x) => g.call(SILU, [x], 'silu')),
    { opset: 20, likelihood: 'gaussian' },
  ),
  rows('residual', [...TWO, 'head.weight', 'head.bias'], (g, x) => {
    const branch = g.linear(relu(g, g.linear(x, 'fc1', 4, 5)), 'fc2', 5, 4);
    return g.linear(relu(g, g.op('Add', [x, branch], {}, 'add')), 'head', 4, 3);
  }),
  rows('softmax-head', TWO, (g, x) => g.op('Softmax', [between(relu)(g, x)], { axis: int(-1) }, 'softmax'), {
    opset: 20,
  }),
  rows('sigmoid-head', TWO, (g, x) => g.op('Sigmoid', [between(relu)(g, x)], {}, 'sigmoid'), {
    likelihood: 'bernoulli',
  }),
  {
    name: 'two-outputs',
    likelihood: 'categorical',
    inputs: ROWS,
    output: 'linear_1',
    parameters: ['trunk.weight', 'trunk.bias', 'policy.weight', 'policy.bias'],
    make: () => {
      const g = new Growing();
      const trunk = g.op('Tanh', [g.linear('x', 'trunk', 4, 5)], {}, 'tanh');
      const [policy, value] = [g.linear(trunk, 'policy', 5, 3), g.linear(trunk, 'value', 5, 1)];
      return g.file(
        20,
        [info('x', 'float32', ['s77', 4])],
        [info(policy, 'float32', ['s77', 3]), info(value, 'float32', ['s77', 1])],
      );
    },
  },
];
