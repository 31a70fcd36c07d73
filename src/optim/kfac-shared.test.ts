import { describe, expect, it } from 'vitest';
import { fixture } from '../../test/fisher/fixtures.js';
import { input, N, ops as b, type Value } from '../graph/index.js';
import type { Network } from '../model/network.js';
import { kfacBlocks } from './kfac-graph.js';

const told = (network: Network) =>
  kfacBlocks(network).map((block) =>
    block.kind === 'kronecker'
      ? `${block.weight.name}${block.bias ? ` + ${block.bias.name}` : ''}: ${block.inner} × ${block.outer}`
      : `${block.block.name}: ${block.kind}`,
  );

/** A network of two parameters on tokens [N, 3, 4]. */
function tokens(build: (z: Value, c: Value) => Value, shape: number[]): Network {
  const x = input('x', 'float64', [N, 3, 4]);
  const [W, c] = [input('W', 'float64', [4, 3]), input('c', 'float64', shape)];
  return {
    inputs: new Map([['x', x]]),
    h: b.reduceSum(b.tanh(build(b.matmul(x, W), c)), [1]),
    parameters: new Map([
      ['W', W],
      ['c', c],
    ]),
    fixed: new Map(),
    weights: new Map(),
  };
}

describe('blocks of weights that positions share', () => {
  it('convolutions go with the biases of their channels', () => {
    expect(told(fixture('digits-lenet').network).slice(0, 2)).toEqual([
      'conv1.weight + conv1.bias: 10 × 6',
      'conv2.weight + conv2.bias: 55 × 12',
    ]);
  });

  it.each([
    ['a bias of the outputs', (z: Value, c: Value) => b.add(z, c), [3], ['W + c: 5 × 3']],
    ['one of the positions', (z: Value, c: Value) => b.add(z, c), [3, 1], ['W: 4 × 3', 'c: dense']],
    ['one of both', (z: Value, c: Value) => b.add(z, c), [3, 3], ['W: 4 × 3', 'c: dense']],
    ['one behind a curve', (z: Value, c: Value) => b.add(b.tanh(z), c), [3], ['W: 4 × 3', 'c: dense']],
  ] as const)('tokens with %s', (_, build, shape, want) => {
    expect(told(tokens(build, [...shape]))).toEqual(want);
  });
});

it('a row of a table beside a product is no bias of it', () => {
  const x = input('x', 'float64', [N, 4]);
  const [W, E] = [input('W', 'float64', [4, 3]), input('E', 'float64', [7, 3])];
  const ids = b.cast(b.reshape(b.slice(x, 1, 0, 1), [N]), 'int64');
  const network: Network = {
    inputs: new Map([['x', x]]),
    h: b.add(b.matmul(x, W), b.gather(E, ids, 0)),
    parameters: new Map([
      ['W', W],
      ['E', E],
    ]),
    fixed: new Map(),
    weights: new Map(),
  };
  expect(told(network)).toEqual(['W: 4 × 3', 'E: dense']);
});
