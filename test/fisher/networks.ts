/** Small networks in float64, one of each kind that the diagonal treats in its own way, with inputs that leave no label certain. */
import { Sequence } from '../../src/core/random.js';
import { sizeOf, tensor, type Tensor } from '../../src/core/tensor.js';
import { constant, input, N, ops as b, type Shape, type Value } from '../../src/graph/index.js';
import { getLikelihood, type Likelihood } from '../../src/likelihood/index.js';
import type { Network } from '../../src/model/network.js';

export interface Model {
  readonly network: Network;
  readonly likelihood: Likelihood;
  readonly x: Tensor;
}

type Parameters = Record<string, Value>;

const EXAMPLES = 16;

/** A network from its inputs' shape and its parameters' shapes, at a random point. */
export function model(
  name: string,
  likelihood: Likelihood,
  xShape: Shape,
  shapes: Record<string, number[]>,
  build: (x: Value, p: Parameters) => Value,
  spread = 0.9,
): Model {
  const rng = new Sequence(11, name);
  const normal = (shape: readonly number[], sd: number) =>
    tensor(
      'float64',
      shape,
      Array.from({ length: sizeOf(shape) }, () => sd * rng.normal()),
    );
  const x = input('x', 'float64', xShape);
  const values = Object.fromEntries(Object.entries(shapes).map(([p, s]) => [p, input(p, 'float64', s)]));
  return {
    network: {
      inputs: new Map([['x', x]]),
      h: build(x, values),
      parameters: new Map(Object.entries(values)),
      fixed: new Map(),
      weights: new Map(Object.entries(shapes).map(([p, s]) => [p, normal(s, spread)])),
    },
    likelihood,
    x: normal([EXAMPLES, ...(xShape.slice(1) as number[])], 1),
  };
}

const dense = (x: Value, p: Parameters): Value =>
  b.add(b.matmul(b.tanh(b.add(b.matmul(x, p.W1), p.b1)), b.transpose(p.W2, [1, 0])), p.b2);

const DENSE = { W1: [3, 4], b1: [4], W2: [3, 4], b2: [3] };

/** Ids −4 … 2 of six rows: of the data rounded towards 0, some rows again, and 2 from the end as well. */
const idsOf = (x: Value): Value =>
  b.cast(b.maximum(b.minimum(b.scale(x, 2), b.scalar(2, 'float64')), b.scalar(-4, 'float64')), 'int64');

const MASK = constant(
  tensor('float64', [4, 5], [1, 0, 1, 1, 0, 0, 1, 1, 0, 1, 1, 1, 0, 0, 1, 0, 1, 0, 1, 1]),
);

/** By name, made afresh on each call. */
export const MODELS = {
  'dense categorical': (n: string) => model(n, getLikelihood('categorical'), [N, 3], DENSE, dense),
  'dense bernoulli': (n: string) => model(n, getLikelihood('bernoulli'), [N, 3], DENSE, dense),
  'dense gaussian': (n: string) => model(n, getLikelihood('gaussian', { variance: 4 }), [N, 3], DENSE, dense),
  'tied autoencoder': (n: string) =>
    model(n, getLikelihood('gaussian', { variance: 0.5 }), [N, 3], { W: [3, 4], b: [4], c: [3] }, (x, p) =>
      b.add(b.matmul(b.tanh(b.add(b.matmul(x, p.W), p.b)), b.transpose(p.W, [1, 0])), p.c),
    ),
  'rank-3 Linear': (n: string) =>
    model(
      n,
      getLikelihood('categorical'),
      [N, 3, 4],
      { W: [4, 5], b: [5], s: [5], V: [5, 5] },
      (x, p) => b.matmul(b.mul(b.reduceSum(b.tanh(b.add(b.matmul(x, p.W), p.b)), [1]), p.s), p.V),
      0.6,
    ),
  'positions in rows': (n: string) =>
    model(
      n,
      getLikelihood('categorical'),
      [N, 3, 4],
      { W: [4, 5], b: [5], s: [5], V: [15, 3] },
      (x, p) => {
        const rows = b.reshape(x, [{ batch: 3 }, 4]);
        const z = b.mul(b.tanh(b.add(b.matmul(rows, p.W), p.b)), p.s);
        return b.matmul(b.reshape(z, [N, 15]), p.V);
      },
      0.6,
    ),
  'masked weight': (n: string) =>
    model(n, getLikelihood('bernoulli'), [N, 4], { W: [4, 5], b: [5], V: [5, 3] }, (x, p) =>
      b.matmul(b.tanh(b.add(b.matmul(x, b.mul(p.W, MASK)), p.b)), p.V),
    ),
  embedding: (n: string) =>
    model(n, getLikelihood('categorical'), [N, 4], { E: [6, 2], V: [2, 3] }, (x, p) =>
      b.matmul(b.tanh(b.reduceSum(b.gather(p.E, idsOf(x), 0), [1])), p.V),
    ),
} as const satisfies Record<string, (name: string) => Model>;

export type ModelName = keyof typeof MODELS;

export const MODEL_NAMES = Object.keys(MODELS) as ModelName[];

export const modelOf = (name: ModelName): Model => MODELS[name](name);

/** The model with only the first rows of its data. */
export function firstRows(of: Model, n: number): Model {
  const [, ...rest] = of.x.shape;
  const data = (of.x.data as Float64Array).slice(0, n * sizeOf(rest));
  return { ...of, x: tensor('float64', [n, ...rest], data) };
}
