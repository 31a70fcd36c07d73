import { describe, expect, it } from 'vitest';
import { tensor, type Tensor, toFloat64 } from '../core/tensor.js';
import { evaluate } from '../engine/oracle/evaluate.js';
import { createSmallEngine } from '../engine/small/index.js';
import { constant, graph, input, N, ops as b } from '../graph/index.js';
import { denseNetwork } from './dense.js';
import { atPrecision, type Network, parameterCount, withWeights } from './network.js';

const X = [0.3, -1.2, 0.8, 2.1, 0.05, -0.6];

/** h of two examples of three numbers, on the oracle. */
function output(network: Network): Float64Array {
  const bind = new Map(
    [...network.parameters, ...network.fixed].map(([name, v]) => [v, network.weights.get(name) as Tensor]),
  );
  bind.set(network.inputs.get('x')!, tensor('float64', [2, 3], X));
  return evaluate([network.h], bind, 2)[0].data;
}

describe('atPrecision', () => {
  const single = denseNetwork({ widths: [3, 5, 2], activation: 'gelu', seed: 2 });

  it('is the same network, float32 numbers taken exactly', () => {
    const double = atPrecision(single, 'float64');
    expect(double.h.dtype).toBe('float64');
    expect([...double.parameters.keys()]).toEqual([...single.parameters.keys()]);
    for (const [name, v] of double.parameters) {
      expect(v.dtype).toBe('float64');
      expect(v.shape).toEqual(single.parameters.get(name)!.shape);
      expect(toFloat64(double.weights.get(name)!)).toEqual(toFloat64(single.weights.get(name)!));
    }
    // The oracle computes both in float64; the small engine each in its own.
    expect(output(double)).toEqual(output(single));
  });

  it('returns what it was given where nothing changes, and goes back', () => {
    expect(atPrecision(single, 'float32')).toBe(single);
    const back = atPrecision(atPrecision(single, 'float64'), 'float32');
    expect(back.weights).toEqual(single.weights);
  });

  it('computes in that precision', async () => {
    const run = async (network: Network) => {
      const engine = createSmallEngine();
      const store = engine.store();
      for (const [name, t] of network.weights) store.set(name, t);
      const inputs = Object.fromEntries([...network.inputs, ...network.parameters]);
      const program = await engine.compile(graph(inputs, { h: network.h }), { maxBatch: 2, store });
      const data = network.h.dtype === 'float64' ? Float64Array.from(X) : Float32Array.from(X);
      program.setInput('x', data);
      program.run(2);
      return program.output('h').slice();
    };
    const [low, high] = [await run(single), await run(atPrecision(single, 'float64'))];
    expect(low).toBeInstanceOf(Float32Array);
    expect(high).toBeInstanceOf(Float64Array);
    for (let i = 0; i < 4; i++) {
      const difference = Math.abs(Number(low[i]) - Number(high[i]));
      expect(difference).toBeLessThan(1e-6);
    }
    expect(Array.from(high as Float64Array)).not.toEqual(Array.from(low as Float32Array));
  });

  it('keeps constants, fixed weights, integers, and inputs that nothing reads', () => {
    const x = input('x', 'float32', [N, 3]);
    const unused = input('unused', 'float32', [N, 4]);
    const W = input('W', 'float32', [3, 2]);
    const mean = input('mean', 'float32', [3]);
    const dead = input('dead', 'float32', [7]);
    const index = input('index', 'int64', [1]);
    const third = constant(tensor('float32', [2], [1 / 3, 0.1]));
    const h = b.add(b.matmul(b.sub(x, mean), W), third);
    const weights = new Map<string, Tensor>([
      ['W', tensor('float32', [3, 2], [0.1, 0.2, 0.3, 0.4, 0.5, 0.6])],
      ['mean', tensor('float32', [3], [0.7, 0.8, 0.9])],
      ['dead', tensor('float32', [7], new Float32Array(7))],
      ['index', tensor('int64', [1], [3])],
    ]);
    const network: Network = {
      inputs: new Map([
        ['x', x],
        ['unused', unused],
      ]),
      h,
      parameters: new Map([
        ['W', W],
        ['dead', dead],
      ]),
      fixed: new Map([
        ['mean', mean],
        ['index', index],
      ]),
      weights,
    };
    const double = atPrecision(network, 'float64');
    expect(double.inputs.get('unused')!.dtype).toBe('float64');
    expect(double.parameters.get('dead')!.shape).toEqual([7]);
    expect(double.weights.get('index')).toBe(weights.get('index'));
    expect(double.fixed.get('index')!.dtype).toBe('int64');
    expect(output(double)).toEqual(output(network));
    expect(parameterCount(double)).toBe(13);
  });
});

it('withWeights replaces some numbers and leaves the graph', () => {
  const network = denseNetwork({ widths: [3, 2], dtype: 'float64', seed: 1 });
  const bias = tensor('float64', [2], [5, 7]);
  const other = withWeights(network, new Map([['fc1.bias', bias]]));
  expect(other.h).toBe(network.h);
  expect(other.weights.get('fc1.weight')).toBe(network.weights.get('fc1.weight'));
  const before = output(network);
  output(other).forEach((v, i) => expect(v).toBeCloseTo(before[i] + (i % 2 ? 7 : 5), 14));
  // The network itself is as it was.
  expect(output(network)).toEqual(before);
});
