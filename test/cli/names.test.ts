/**
 * Tensors and inputs of any spelling: a network whose names are those that programs give to their own values has the Fisher of the same
 * network under plain names, number by number, under every estimator, in `variance` and `plan`, and after a step of every optimiser.
 */
import { writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { tensor, type Tensor } from '../../src/core/tensor.js';
import { readArrays } from '../../src/disk/index.js';
import { formatNpz, openNpz } from '../../src/data/npz.js';
import { formatSafetensors, openSafetensors } from '../../src/data/safetensors.js';
import { createEngine } from '../../src/engine/index.js';
import { input, N, ops as b, type Value } from '../../src/graph/index.js';
import { getLikelihood } from '../../src/likelihood/index.js';
import { networkToOnnx, type Network } from '../../src/model/index.js';
import { adam, Descent, Linearisation, ScoreGram } from '../../src/optim/index.js';
import { fim, fimJson, scratch, wave } from './fim.js';

const PLAIN = ['w1', 'b1', 'w2', 'b2', 'scale', 'shift'] as const;
const SHAPES = [[5, 4], [4], [4, 3], [3], [3], [3]] as const;

/** tanh((tanh(x·w1 + b1))·w2 + b2) ⊙ scale + shift under the given names. */
function network(x: string, names: readonly string[]): Network {
  const data = input(x, 'float32', [N, 5]);
  const values = names.map((name, i): [string, Value] => [name, input(name, 'float32', SHAPES[i])]);
  const [w1, b1, w2, b2, scale, shift] = values.map(([, v]) => v);
  const hidden = b.tanh(b.add(b.matmul(data, w1), b1));
  const h = b.add(b.mul(b.tanh(b.add(b.matmul(hidden, w2), b2)), scale), shift);
  const weights = names.map((name, i): [string, Tensor] => {
    const size = SHAPES[i].reduce((p: number, d: number) => p * d, 1);
    const numbers = Float32Array.from({ length: size }, (_, j) => Math.sin(1.3 * j + 2 * i + 0.4));
    return [name, tensor('float32', SHAPES[i], numbers)];
  });
  return {
    inputs: new Map([[x, data]]),
    h,
    parameters: new Map(values),
    fixed: new Map(),
    weights: new Map(weights),
  };
}

/** Name of the input, names of the six tensors. */
const SPELLINGS: readonly (readonly [string, readonly string[]])[] = [
  ['x', ['w', 'c', 'ct', 'h', 'late:w', 'cut1']],
  ['w', ['f/w', 'late:ct', 'u', 'used', 'seeds', 'third']],
  ['ct', ['constructor', 'toString', '__proto__', 'hasOwnProperty', 'valueOf', 'prototype']],
  ['__proto__', ['ct/h', 'tangent/w', 'g/w', 'gradient/w', 'adam/m/ct/h', 'clip']],
  ['toString', [':late w', '::shared cut1', ':data toString', 'input0', 'output0', 'sum:f/w']],
  ['constructor', ['größe', '重み', ' ', 'a/b/c', '7', '0']],
  ['h', ['delta', 'information', 'fisher', 'part', 'before/w', 'row0']],
  ['c', ['f0', 'x', 'value', 'constant', 'shape', 'matmul']],
];

const { path } = scratch();
const data = wave(40, 5);
const labels = tensor(
  'int64',
  [40],
  BigInt64Array.from({ length: 40 }, (_, i) => BigInt(i % 3)),
);

function files(tag: string, x: string, names: readonly string[]): string[] {
  const likelihood = getLikelihood('categorical');
  writeFileSync(path(`${tag}.onnx`), networkToOnnx(network(x, names), likelihood));
  writeFileSync(
    path(`${tag}.npz`),
    formatNpz(
      new Map<string, Tensor>([
        [x, data],
        ['targets', labels],
      ]),
    ),
  );
  return [path(`${tag}.onnx`), path(`${tag}.npz`), '--targets', 'targets'];
}

const ESTIMATORS = ['exact', 'type1', 'type2', 'mix', 'rademacher', 'empirical', 'auto'];
const plain = files('plain', 'x', PLAIN);

describe.each(['small', 'ort'])('engine %s', (engine) => {
  test.each(ESTIMATORS)('%s', async (estimator) => {
    const words = ['--estimator', estimator, '--engine', engine, '--dtype', 'float32'];
    const arrays = async (tag: string, base: readonly string[], kind: string) => {
      const out = path(`${tag}-out.${kind}`);
      const json = await fimJson(['estimate', ...base, ...words, '--out', out]);
      return { json, arrays: readArrays(out) };
    };
    const want = await arrays('plain', plain, 'npz');
    for (const [k, [x, names]] of SPELLINGS.entries()) {
      const got = await arrays(`s${k}`, files(`s${k}`, x, names), k % 2 === 0 ? 'npz' : 'safetensors');
      expect(got.json.trace, names.join()).toEqual(want.json.trace);
      expect(got.json.tensors.map((t) => t.name)).toEqual(names);
      names.forEach((name, i) => {
        const mine = got.arrays.get(`fisher/${name}`);
        expect(Array.from(mine.data as Float64Array), name).toEqual(
          Array.from(want.arrays.get(`fisher/${PLAIN[i]}`).data as Float64Array),
        );
      });
    }
  });

  test('variance, plan, dense form and report', async () => {
    const words = ['--engine', engine];
    // Starting ONNX Runtime is what takes time here.
    const some = engine === 'ort' ? [0, 1, 3] : SPELLINGS.keys();
    for (const k of some) {
      const [x, names] = SPELLINGS[k];
      const base = files(`v${k}`, x, names);
      const few = ['--examples', '8', '--json', '--quiet', ...words];
      const profile = await fim(['variance', ...base.slice(0, 2), ...few, '--out', path('v.npz')]);
      expect(profile.code, profile.err).toBe(0);
      const found = JSON.parse(profile.out) as { layers: { parameters: string[]; fisher: number }[] };
      expect(found.layers.flatMap((l) => l.parameters).sort()).toEqual([...names].sort());
      const plan = await fim(['plan', ...base.slice(0, 2), ...few, '--target-error', '90%']);
      expect([0, 1], plan.err).toContain(plan.code);
      const out = ['--out', path('d.npz'), '--report', path('d.html'), '--form', 'dense'];
      const dense = await fim(['estimate', ...base, ...words, ...out]);
      expect(dense.code, dense.err).toBe(0);
    }
  });

  test('optimisers and linear maps', async () => {
    const T = 3;
    const n = 8;
    const run = async (x: string, names: readonly string[]) => {
      const net = network(x, names);
      const e = (await createEngine({ engine: engine as 'small' | 'ort' })).engine;
      const store = e.store();
      const inputs = new Map([[x, data.data.slice(0, n * 5)]]);
      const residuals = Float32Array.from({ length: n * T }, (_, i) => Math.cos(i));
      const linear = await Linearisation.compile(e, net, store, n);
      const h = Array.from(await linear.forward(inputs, n));
      const transposed = Array.from(await linear.transposed(residuals, n));
      const Jv = Array.from(await linear.times(Float64Array.from(transposed), n));
      const gram = await ScoreGram.compile(e, net, store, n);
      const K = Array.from(await gram.of(inputs, residuals, n));
      const heads = { ...net, outputs: { h: net.h } };
      const descent = await Descent.compile(e, heads, adam(), { maxBatch: n, store, clipNorm: 1 });
      await descent.forward(inputs, n);
      await descent.step({ h: residuals }, n, 0.1);
      const after = names.map((name) => Array.from(store.view(name) as Float32Array));
      return { h, transposed, Jv, K, after };
    };
    const want = await run('x', PLAIN);
    for (const [x, names] of SPELLINGS) expect(await run(x, names), names.join()).toEqual(want);
  });
});

test('arrays of any name survive safetensors and npz', () => {
  const names = [...SPELLINGS.flatMap(([x, names]) => [x, ...names]), 'folder/', 'a.npy', '../up', ''];
  const arrays = new Map(names.map((name, i) => [`fisher/${name}`, wave(i + 1)]));
  const files = [openNpz(formatNpz(arrays), 'a.npz'), openSafetensors(formatSafetensors(arrays), 'a')];
  for (const file of files) {
    expect([...file.names].sort()).toEqual([...arrays.keys()].sort());
    for (const [name, t] of arrays) expect(file.get(name).data, name).toEqual(t.data);
  }
});
