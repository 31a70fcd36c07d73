/** Files in the manner of PyTorch's present exporter: read, computed, their parameters found, their Fisher that of differences. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as ort from 'onnxruntime-node';
import { beforeAll, describe, expect, it } from 'vitest';
import { castTensor, isFloat, type Tensor, tensor } from '../../../src/core/tensor.js';
import { makeDataset } from '../../../src/data/dataset.js';
import { estimate, openNetwork, type OpenedNetwork } from '../../../src/index.js';
import { evaluate } from '../../../src/engine/oracle/evaluate.js';
import { decodeModel } from '../../../src/graph/onnx/index.js';
import { expectAllClose, expectClose, largest } from '../../fisher/close.js';
import { wave } from '../../cli/fim.js';
import { type Fixture, FIXTURES } from './index.js';
import { tokensOf } from './graph.js';
import { DATA_FILE } from './writer.js';

const at = (name: string, file: string): string =>
  fileURLToPath(new URL(`../../fixtures/dynamo/${name}/${file}`, import.meta.url));

const EXAMPLES = 3;
const STEP = 1e-5;

function dataOf({ inputs }: Fixture): Map<string, Tensor> {
  return new Map(
    Object.entries(inputs).map(([name, { shape, below }]): [string, Tensor] => [
      name,
      below === undefined ? wave(EXAMPLES, ...shape) : tokensOf(below, EXAMPLES, ...shape),
    ]),
  );
}

/** h in float64 by the oracle, with `weights` in place of the network's. */
function outputsOf({ network }: OpenedNetwork, data: ReadonlyMap<string, Tensor>, weights = network.weights) {
  const bound = new Map(
    [...network.inputs].map(([name, v]) => {
      const t = data.get(name) as Tensor;
      return [v, isFloat(t.dtype) ? castTensor(t, 'float64') : t] as const;
    }),
  );
  for (const [name, v] of [...network.parameters, ...network.fixed])
    bound.set(v, weights.get(name) as Tensor);
  return evaluate([network.h], bound, EXAMPLES)[0].data;
}

/** What one output's derivatives s_t make of I_ii for T numbers z: categorical, Bernoulli, Gaussian of variance 1. */
function information(likelihood: string, z: readonly number[], s: readonly number[]): number {
  if (likelihood === 'gaussian') return s.reduce((sum, d) => sum + d * d, 0);
  if (likelihood === 'bernoulli')
    return s.reduce((sum, d, t) => sum + (d * d) / (2 + 2 * Math.cosh(z[t])), 0);
  const e = z.map((v) => Math.exp(v - Math.max(...z)));
  const total = e.reduce((a, b) => a + b);
  const mean = s.reduce((sum, d, t) => sum + (d * e[t]) / total, 0);
  return s.reduce((sum, d, t) => sum + ((d - mean) ** 2 * e[t]) / total, 0);
}

/** The diagonal by central differences of the outputs. */
function byDifferences(opened: OpenedNetwork, data: ReadonlyMap<string, Tensor>): Map<string, Float64Array> {
  const { network, likelihood } = opened;
  const h = outputsOf(opened, data);
  const width = h.length / EXAMPLES / (network.positions?.count ?? 1);
  const diagonal = new Map<string, Float64Array>();
  for (const name of network.parameters.keys()) {
    const own = network.weights.get(name) as Tensor<'float64'>;
    const moved = (i: number, by: number) => {
      const numbers = Float64Array.from(own.data);
      numbers[i] += by;
      return outputsOf(
        opened,
        data,
        new Map([...network.weights, [name, tensor('float64', own.shape, numbers)]]),
      );
    };
    diagonal.set(
      name,
      Float64Array.from(own.data, (_, i) => {
        const [up, down] = [moved(i, STEP), moved(i, -STEP)];
        let sum = 0;
        for (let row = 0; row < h.length; row += width) {
          const of = (a: Float64Array) => [...a.subarray(row, row + width)];
          const before = of(down);
          const s = of(up).map((u, t) => (u - before[t]) / (2 * STEP));
          sum += information(likelihood.name, of(h), s);
        }
        return sum / EXAMPLES;
      }),
    );
  }
  return diagonal;
}

/** What no output moves with (a bias of all keys) is 0, not the square of a rounding. */
function withoutNoise(diagonal: Map<string, Float64Array>): Map<string, Float64Array> {
  const top = Math.max(...[...diagonal.values()].map(largest));
  return new Map([...diagonal].map(([name, a]) => [name, largest(a) < 1e-15 * top ? a.fill(0) : a]));
}

beforeAll(() => {
  if (process.env['DYNAMO'] !== 'write') return;
  for (const { name, make } of FIXTURES) {
    const { model, data } = make();
    mkdirSync(dirname(at(name, 'model.onnx')), { recursive: true });
    writeFileSync(at(name, 'model.onnx'), model);
    writeFileSync(join(dirname(at(name, 'model.onnx')), DATA_FILE), data);
  }
});

describe.each(FIXTURES)('$name', (fixture) => {
  const { name, likelihood, parameters, output } = fixture;
  const file = at(name, 'model.onnx');
  const data = dataOf(fixture);
  const open = () =>
    openNetwork(file, {
      likelihood,
      dtype: 'float64',
      output,
      ...(likelihood === 'gaussian' ? { likelihoodOptions: { variance: 1 } } : {}),
    });

  it('is what the maker makes, with its weights beside it', () => {
    const made = fixture.make();
    expect(Buffer.compare(readFileSync(file), made.model)).toBe(0);
    expect(Buffer.compare(readFileSync(at(name, DATA_FILE)), made.data)).toBe(0);
    expect(() => decodeModel(made.model)).toThrow('model.onnx.data');
  });

  it('is computed as ONNX Runtime computes it', async () => {
    const opened = await open();
    const session = await ort.InferenceSession.create(file, { intraOpNumThreads: 1, logSeverityLevel: 4 });
    const feeds = [...data].map(([key, t]) => [
      key,
      new ort.Tensor(t.dtype as 'float32', t.data as Float32Array, t.shape),
    ]);
    const results = await session.run(Object.fromEntries(feeds) as Record<string, ort.Tensor>);
    const h = [...outputsOf(opened, data)];
    const squashed = results[opened.output.name].data as Float32Array;
    expectClose(Float64Array.from(headOf(name, h)), Float64Array.from(squashed), 2e-6, 'output');
    await session.release();
  });

  it('has the parameters of the module, and no doubt but the right ones', async () => {
    const { network, doubts } = await open();
    expect([...network.parameters.keys()].sort()).toEqual([...parameters].sort());
    expect(doubts.map((d) => d.name)).toEqual(fixture.doubts ?? []);
  });

  it('has the Fisher that differences of its outputs give', async () => {
    const opened = await open();
    const dataset = makeDataset({ source: name, inputs: data });
    const { tensors } = await estimate(opened.network, opened.likelihood, dataset, {
      estimator: 'exact',
      engine: 'small',
    });
    const got = new Map(tensors.map((t) => [t.name, t.fisher]));
    expectAllClose(got, withoutNoise(byDifferences(opened, data)), 1e-6, 'fisher');
  });
});

/** h as the file's head gives it. */
function headOf(name: string, h: readonly number[]): number[] {
  if (name === 'sigmoid-head') return h.map((v) => 1 / (1 + Math.exp(-v)));
  if (name !== 'softmax-head') return [...h];
  return h.map((v, i) => {
    const row = h.slice(i - (i % 3), i - (i % 3) + 3);
    return Math.exp(v) / row.reduce((sum, u) => sum + Math.exp(u), 0);
  });
}
