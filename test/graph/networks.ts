/** Small networks of the kinds whose derivatives have traps: shared, masked, repeated and attended-to parameters. */
import type { Sequence } from '../../src/core/random.js';
import type { Tensor } from '../../src/core/tensor.js';
import { constant, input, N, ops as b, type Shape, type Value } from '../../src/graph/index.js';
import { draw, type Fn } from './check.js';
import { tensor } from '../../src/core/tensor.js';

const EXAMPLES = 3;

/** A network from the shapes of its data and parameters, at a random point; differentiated by everything but the data. */
export function network(
  label: string,
  rng: Sequence,
  shapes: Record<string, Shape>,
  build: (v: Record<string, Value>) => Value | Value[],
): Fn {
  const values = Object.fromEntries(
    Object.entries(shapes).map(([name, s]) => [name, input(name, 'float64', s)]),
  );
  const bind = new Map<Value, Tensor>(Object.values(values).map((v) => [v, draw(v, rng, EXAMPLES)]));
  const wrt = Object.entries(values).flatMap(([name, v]) => (name === 'x' ? [] : [v]));
  return { label, outputs: [build(values)].flat(), wrt, bind, n: EXAMPLES };
}

export const gelu = (x: Value): Value => b.mul(b.scale(x, 0.5), b.shift(b.erf(b.scale(x, Math.SQRT1_2)), 1));

const dense = (activation: (x: Value) => Value) => (v: Record<string, Value>) =>
  b.add(b.matmul(activation(b.add(b.matmul(v.x, v.W1), v.b1)), v.W2), v.b2);

const DENSE = { x: [N, 3], W1: [3, 4], b1: [4], W2: [4, 2], b2: [1, 2] };

function normalised(x: Value): Value {
  const axis = x.shape.length - 1;
  const centred = b.sub(x, b.reduceMean(x, [axis], true));
  return b.div(centred, b.sqrt(b.shift(b.reduceMean(b.square(centred), [axis], true), 0.1)));
}

/** Two heads of width 2 over three tokens of width 4. */
function attention({ x, Wq, Wk, Wv, Wo }: Record<string, Value>): Value {
  const heads = (w: Value) => b.transpose(b.reshape(b.matmul(x, w), [N, 3, 2, 2]), [0, 2, 1, 3]);
  const weights = b.softmax(b.scale(b.matmul(heads(Wq), b.swapLast(heads(Wk))), Math.SQRT1_2), 3);
  const mixed = b.reshape(b.transpose(b.matmul(weights, heads(Wv)), [0, 2, 1, 3]), [N, 3, 4]);
  return b.reduceMean(b.add(normalised(x), b.matmul(mixed, Wo)), [1]);
}

const MASK = constant(tensor('float64', [3, 2], [1, 0, 1, 1, 0, 1]));

export const NETWORKS: Readonly<Record<string, (label: string, rng: Sequence) => Fn>> = {
  'dense, tanh': (l, r) => network(l, r, DENSE, dense(b.tanh)),
  'dense, softplus': (l, r) => network(l, r, DENSE, dense(b.softplus)),
  'dense, GELU': (l, r) => network(l, r, DENSE, dense(gelu)),
  'classifier with a scale, log-softmax': (l, r) =>
    network(l, r, { x: [N, 3], W: [3, 4], g: [4] }, ({ x, W, g }) =>
      b.logSoftmax(b.mul(normalised(b.matmul(x, W)), g), 1),
    ),
  'tied autoencoder': (l, r) =>
    network(l, r, { x: [N, 3], W: [3, 2] }, ({ x, W }) => b.matmul(b.tanh(b.matmul(x, W)), b.swapLast(W))),
  'rank-3 Linear': (l, r) =>
    network(l, r, { x: [N, 2, 3], W: [2, 3], c: [2] }, ({ x, W, c }) =>
      b.tanh(b.add(b.matmul(x, b.swapLast(W)), c)),
    ),
  'tokens merged with the examples': (l, r) =>
    network(l, r, { x: [N, 2, 3], W: [3, 2], c: [2] }, ({ x, W, c }) => {
      const rows = b.tanh(b.add(b.matmul(b.reshape(x, [{ batch: 2 }, 3]), W), c));
      return b.reshape(rows, [N, 4]);
    }),
  'masked weight': (l, r) =>
    network(l, r, { x: [N, 3], W: [3, 2] }, ({ x, W }) => b.sigmoid(b.matmul(x, b.mul(W, MASK)))),
  'product of two weights': (l, r) =>
    network(l, r, { x: [N, 3], A: [3, 2], B: [2, 4] }, ({ x, A, B }) => b.matmul(b.tanh(x), b.matmul(A, B))),
  'residual block': (l, r) =>
    network(l, r, { x: [N, 3], W: [3, 3], V: [3, 3] }, ({ x, W, V }) => {
      const h = b.add(x, b.tanh(b.matmul(x, W)));
      return b.add(h, b.tanh(b.matmul(h, V)));
    }),
  'ensemble of stacked weights': (l, r) =>
    network(l, r, { x: [N, 3], W: [2, 3, 4], V: [2, 4, 1] }, ({ x, W, V }) =>
      b.matmul(b.tanh(b.matmul(x, W)), V),
    ),
  'class token in front': (l, r) =>
    network(l, r, { x: [N, 2, 3], t: [1, 1, 3], W: [3, 2] }, ({ x, t, W }) => {
      const token = b.expandLike(t, b.slice(x, 1, 0, 1));
      return b.softmax(b.matmul(b.concat([token, x], 1), W), 1);
    }),
  attention: (l, r) =>
    network(l, r, { x: [N, 3, 4], Wq: [4, 4], Wk: [4, 4], Wv: [4, 4], Wo: [4, 4] }, attention),
  'two outputs': (l, r) =>
    network(l, r, { x: [N, 3], W: [3, 2], V: [3, 1] }, ({ x, W, V }) => {
      const h = b.matmul(x, W);
      return [b.exp(h), b.mul(b.matmul(x, V), b.reduceMean(h, [1], true))];
    }),
};
