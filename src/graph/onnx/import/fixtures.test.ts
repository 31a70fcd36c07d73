import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { castTensor, type Tensor, tensor, toFloat64 } from '../../../core/tensor.js';
import { openNpz } from '../../../data/npz.js';
import { evaluate } from '../../../engine/oracle/evaluate.js';
import type { Value } from '../../value.js';
import { chooseOutput } from '../../../model/output/choose.js';
import { importModel } from '../index.js';

const FOLDER = new URL('../../../../test/fixtures/models/', import.meta.url);
const read = (name: string): Uint8Array => new Uint8Array(readFileSync(new URL(name, FOLDER)));

const NETWORKS = [
  ['digits-mlp-tanh', 'categorical', 1e-12],
  ['digits-mlp-relu', 'categorical', 1e-12],
  ['digits-mlp-sigmoid-small', 'categorical', 1e-12],
  ['digits-mlp-double', 'categorical', 1e-12],
  ['digits-multilabel', 'bernoulli', 1e-12],
  ['wine-multilabel', 'bernoulli', 1e-12],
  ['diabetes-regression', 'gaussian', 1e-12],
  ['digits-lenet', 'categorical', 1e-12],
  ['digits-resnet', 'categorical', 1e-12],
  ['digits-resnet-folded', 'categorical', 1e-12],
  ['digits-transformer', 'categorical', 1e-12],
  ['digits-transformer-opset13', 'categorical', 1e-12],
] as const;

function load(name: string) {
  const model = importModel(read(`${name}/model.onnx`), { dtype: 'float64', file: `${name}/model.onnx` });
  const x = castTensor(openNpz(read(`${name}/data.npz`), name).get('x'), 'float64');
  return { model, x };
}

describe('networks as PyTorch exports them', () => {
  for (const [name, likelihood, tolerance] of NETWORKS) {
    it(`${name}: h is the reference's`, () => {
      const { model, x } = load(name);
      const { h, removed, candidates } = chooseOutput(model, { likelihood });
      expect(removed).toEqual([]);
      const values = new Map<Value, Tensor>([[model.inputs[0].value, x]]);
      for (const c of candidates) values.set(c.value, c.tensor);
      const n = x.shape[0];
      const [got] = evaluate([h], values, n);
      const want = toFloat64(openNpz(read(`${name}/reference.npz`), name).get('outputs'));
      const scale = Math.max(...want.map(Math.abs));
      let worst = 0;
      want.forEach((w, i) => (worst = Math.max(worst, Math.abs(got.data[i] - w) / scale)));
      expect(worst).toBeLessThanOrEqual(tolerance);
    });
  }

  it('golden-4-5-3: its inputs are closed formulas, its loss is known', () => {
    const model = importModel(read('golden-4-5-3/model.onnx'), { dtype: 'float64' });
    const { h, candidates } = chooseOutput(model, { likelihood: 'categorical' });
    const n = 7;
    const x = tensor(
      'float64',
      [n, 4],
      Array.from({ length: 4 * n }, (_, i) => Math.cos(0.9 * Math.floor(i / 4) + 1.3 * (i % 4) ** 2 + 0.2)),
    );
    const values = new Map<Value, Tensor>([[model.inputs[0].value, x]]);
    let k = 0;
    for (const c of candidates) {
      values.set(c.value, c.tensor);
      for (const w of toFloat64(c.tensor)) expect(w).toBeCloseTo(0.6 * Math.sin(1.7 * k++ + 0.3), 14);
    }
    const [{ data }] = evaluate([h], values, n);
    let loss = 0;
    for (let e = 0; e < n; e++) {
      const row = [...data.subarray(3 * e, 3 * e + 3)];
      loss += Math.log(row.reduce((s, v) => s + Math.exp(v), 0)) - row[e % 3];
    }
    const reference = JSON.parse(new TextDecoder().decode(read('golden-4-5-3/reference.json'))) as {
      softmax: { loss: number };
    };
    expect(Math.abs(loss / n - reference.softmax.loss)).toBeLessThanOrEqual(1e-12);
  });
});
