/** One network in several files has one Fisher. */
import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { toFloat64 } from '../../src/core/tensor.js';
import { readArrays } from '../../src/disk/index.js';
import { concrete, exportModel, graph, ops, type Value } from '../../src/graph/index.js';
import { decodeModel, encodeModel } from '../../src/graph/onnx/proto/index.js';
import { denseNetwork, type Network } from '../../src/model/index.js';
import { expectClose } from '../fisher/close.js';
import { fimJson, scratch, wave, writeNpz } from './fim.js';

const { path } = scratch();
const network = denseNetwork({
  widths: [3, 5, 4],
  activation: 'tanh',
  seed: 4,
  dtype: 'float64',
  initialScale: 2,
});
const data = () => writeNpz(path('data.npz'), { x: wave(40, 3) });

function write(name: string, n: Network, output: Value): string {
  const inputs = Object.fromEntries([...n.inputs, ...n.parameters]);
  const file = path(name);
  writeFileSync(file, exportModel(graph(inputs, { out: output }), { parameters: n.weights }));
  return file;
}

/** The same file with its batch dimension fixed, as an exporter without dynamic axes writes it. */
function fixBatch(bytes: Uint8Array, batch: number): Uint8Array {
  const m = decodeModel(bytes);
  const fixed = <T extends { shape: readonly (number | string | null)[] | null }>(v: T): T => ({
    ...v,
    shape: v.shape && v.shape.map((d) => (typeof d === 'number' ? d : batch)),
  });
  return encodeModel({
    ...m,
    graph: { ...m.graph, inputs: m.graph.inputs.map(fixed), outputs: m.graph.outputs.map(fixed) },
  });
}

async function fisher(file: string, ...words: string[]) {
  const out = path('out.npz');
  const json = await fimJson([...['estimate', file, data(), '--dtype', 'float64', '--out', out, ...words]]);
  const arrays = readArrays(out);
  return { json, arrays: new Map(arrays.names.map((n) => [n, toFloat64(arrays.get(n))])) };
}

describe('logits, softmax and log-softmax', () => {
  const files = () => ({
    logits: write('logits.onnx', network, network.h),
    softmax: write('softmax.onnx', network, ops.softmax(network.h, 1)),
    'log-softmax': write('log-softmax.onnx', network, ops.logSoftmax(network.h, 1)),
  });

  it.each(['exact', 'type1', 'rademacher'])('have one Fisher by %s', async (estimator) => {
    const words = ['--likelihood', 'categorical', '--estimator', estimator];
    const error = estimator === 'exact' ? [] : ['--error', 'closed-form'];
    const all = files();
    const want = await fisher(all.logits, ...words, ...error);
    expect(want.json.output.removed).toEqual([]);
    for (const [name, file] of Object.entries(all)) {
      const got = await fisher(file, ...words, ...error);
      expect(got.json.output.removed.length).toBe(name === 'softmax' ? 1 : 0);
      expect([...got.arrays.keys()]).toEqual([...want.arrays.keys()]);
      // A root of I(h) is another one at log-probabilities, so signs give another draw of the same estimator.
      for (const [key, values] of want.arrays) {
        if (estimator !== 'rademacher' || key.startsWith('data_se'))
          expectClose(got.arrays.get(key), values, 1e-10, `${name} ${key}`);
      }
    }
  });
});

describe('probability and logit', () => {
  it('have one Fisher under bernoulli', async () => {
    const words = ['--likelihood', 'bernoulli', '--estimator', 'exact'];
    const want = await fisher(write('z.onnx', network, network.h), ...words);
    const got = await fisher(write('sigmoid.onnx', network, ops.sigmoid(network.h)), ...words);
    expect(got.json.output.removed.length).toBe(1);
    for (const [key, values] of want.arrays) expectClose(got.arrays.get(key), values, 1e-10, key);
  });
});

describe('batch 1, 8 and dynamic', () => {
  it('have one Fisher', async () => {
    const words = ['--likelihood', 'categorical', '--estimator', 'exact'];
    const inputs = Object.fromEntries([...network.inputs, ...network.parameters]);
    const dynamic = exportModel(graph(inputs, { h: network.h }), { parameters: network.weights });
    const of = async (name: string, bytes: Uint8Array) => {
      writeFileSync(path(name), bytes);
      return fisher(path(name), ...words);
    };
    const want = await of('dynamic.onnx', dynamic);
    for (const batch of [1, 8]) {
      const got = await of(`batch-${batch}.onnx`, fixBatch(dynamic, batch));
      for (const [key, values] of want.arrays) expectClose(got.arrays.get(key), values, 1e-10, key);
    }
    expect(concrete(network.h.shape, 8)).toEqual([8, 4]);
  });
});
