/**
 * Roots, powers, logarithms and norms that are 0 for some examples behind a rectifier: every estimator, forward and second derivatives
 * are those of a twin without a pole, whose operand is held above 1e-60 by a maximum that is flat there.
 */
import { describe, expect, test } from 'vitest';
import { UniformStream } from '../core/random.js';
import { type Tensor, tensor } from '../core/tensor.js';
import { batches } from '../data/batches.js';
import { makeDataset } from '../data/dataset.js';
import { createOrtEngine, createSmallEngine, type Engine } from '../engine/index.js';
import { input, N, ops as b, type Value, vjp } from '../graph/index.js';
import { reachesPole } from '../graph/slope.js';
import { getLikelihood } from '../likelihood/index.js';
import { denseNetwork } from '../model/index.js';
import type { Network } from '../model/network.js';
import { Linearisation } from '../matrix/linearisation.js';
import { estimateDiagonal } from './diagonal.js';
import type { ExampleSource } from './source.js';
import { estimateDense } from './forms/dense/dense.js';
import { varianceProfile } from './closed-forms/profile.js';

type Bend = (r: Value, above: (v: Value) => Value) => Value;

const unit = (r: Value): Value => b.indicator(b.greater(r, b.scalar(0, r.dtype)), 'float64');

const CASES: Record<string, Bend> = {
  'a root': (r, above) => b.mul(unit(r), b.sqrt(above(r))),
  'a power': (r, above) => b.mul(unit(r), b.pow(above(r), b.scalar(0.7, 'float64'))),
  'a power that is computed': (r, above) =>
    b.mul(unit(r), b.pow(above(r), b.shift(b.scale(b.sigmoid(b.neg(r)), 0.5), 0.3))),
  'a norm': (r, above) => b.add(r, b.sqrt(above(b.reduceSum(b.square(r), [1], true)))),
  'a direction': (r, above) =>
    b.div(r, b.maximum(b.sqrt(above(b.reduceSum(b.square(r), [1], true))), b.scalar(1e-12, 'float64'))),
  'a logarithm': (r, above) =>
    b.where(b.greater(r, b.scalar(0, 'float64')), b.log(above(r)), b.scalar(0, 'float64')),
  'a quotient': (r, above) =>
    b.where(b.greater(r, b.scalar(0, 'float64')), b.div(b.square(r), above(r)), b.scalar(0, 'float64')),
};

/** x·w1 + b1, rectified, bent, ·w2 + b2. */
function network(bend: Bend, above: (v: Value) => Value): Network {
  const parameters = new Map<string, Value>();
  const weights = new Map<string, Tensor>();
  const hold = (name: string, shape: number[], phase: number): Value => {
    const v = input(name, 'float64', shape);
    const size = shape.reduce((p, d) => p * d, 1);
    parameters.set(name, v);
    weights.set(
      name,
      tensor(
        'float64',
        shape,
        Float64Array.from({ length: size }, (_, i) => Math.sin(1.9 * i + phase) - (name === 'b1' ? 1 : 0)),
      ),
    );
    return v;
  };
  const x = input('x', 'float64', [N, 3]);
  const z = b.add(b.matmul(x, hold('w1', [3, 4], 0.3)), hold('b1', [4], 2));
  const h = b.add(b.matmul(bend(b.relu(z), above), hold('w2', [4, 3], 1)), hold('b2', [3], 0));
  return { inputs: new Map([['x', x]]), h, parameters, fixed: new Map(), weights };
}

const n = 10;
const rows = Float64Array.from({ length: 3 * n }, (_, i) => Math.cos(2.3 * i));
const dataset = makeDataset({ source: 'made', inputs: new Map([['x', tensor('float64', [n, 3], rows)]]) });
const source: ExampleSource = (batch, dtype) => batches(dataset, { batch, dtype, order: 'file' });
const likelihood = getLikelihood('categorical');

const near = (got: ArrayLike<number>, want: ArrayLike<number>, what: string) => {
  const scale = Math.max(1e-300, ...Array.from(want, Math.abs));
  const worst = Math.max(...Array.from(want, (w, i) => Math.abs(got[i] - w) / scale));
  expect(worst, what).toBeLessThan(1e-10);
};

describe.each(Object.keys(CASES))('%s at 0', (name) => {
  const bent = network(CASES[name], (v) => v);
  const twin = network(CASES[name], (v) => b.maximum(v, b.scalar(1e-60, 'float64')));

  test.each(['exact', 'type1', 'type2', 'mix', 'rademacher'] as const)('%s', async (estimator) => {
    const options = { estimator, labels: estimator === 'exact' ? 0 : 2, populationSize: n };
    const want = await estimateDiagonal(createSmallEngine(), twin, likelihood, source, options);
    const engines: Engine[] = [createSmallEngine(), await createOrtEngine()];
    for (const engine of engines) {
      const got = await estimateDiagonal(engine, bent, likelihood, source, options);
      got.tensors.forEach((t, i) => near(t.fisher, want.tensors[i].fisher, `${engine.name} ${t.name}`));
      engine.dispose();
    }
  });

  test('profile, dense matrix, forward products', async () => {
    const engine = createSmallEngine();
    const of = async (net: Network) => {
      const { all } = await varianceProfile(engine, net, likelihood, source);
      const stream = new UniformStream(0, 'poles');
      const dense = await estimateDense(engine, net, likelihood, source, {
        estimator: 'type2',
        labels: 2,
        stream,
      });
      const linear = await Linearisation.compile(engine, net, engine.store(), n);
      await linear.forward(new Map([['x', rows]]), n);
      const v = Float64Array.from({ length: linear.P }, (_, i) => Math.cos(i));
      const Jv = Float64Array.from(await linear.times(v, n));
      const Ju = Float64Array.from(
        await linear.transposed(
          Float64Array.from({ length: 3 * n }, (_, i) => Math.sin(i)),
          n,
        ),
      );
      return [...all.tensors.flatMap((t) => [t.type1, t.type2, t.cross]), dense.fisher, Jv, Ju];
    };
    const [got, want] = [await of(bent), await of(twin)];
    got.forEach((values, i) => near(values, want[i], String(i)));
  });
});

test('networks without a pole have plain products', () => {
  const net = denseNetwork({ widths: [3, 4, 3], activation: 'relu', seed: 1 });
  const normed = b.div(net.h, b.sqrt(b.shift(b.reduceMean(b.square(net.h), [1], true), 1e-5)));
  const ct = input('ct', 'float32', [N, 3]);
  for (const g of vjp([normed], [ct], [...net.parameters.values()])) expect(g && reachesPole(g)).toBe(false);
});
