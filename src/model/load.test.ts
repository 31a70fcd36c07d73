import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bytesOf, f32, info, node } from '../../test/onnx/builder.js';
import { keras } from '../../test/onnx/exporters.js';
import { loadNetwork } from './load.js';
import { sitesOf } from './sites.js';

const bytes = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../../test/fixtures/models/${name}/model.onnx`, import.meta.url)));

describe('loadNetwork', () => {
  it.each([
    ['digits-mlp-tanh', 'categorical', 2130],
    ['digits-mlp-relu', 'categorical', 3466],
    ['digits-mlp-sigmoid-small', 'categorical', 113],
    ['digits-mlp-double', 'categorical', 134],
    ['digits-multilabel', 'bernoulli', 1617],
    ['diabetes-regression', 'gaussian', 245],
    ['wine-multilabel', 'bernoulli', 184],
  ])('%s: every tensor counts', (name, likelihood, count) => {
    const loaded = loadNetwork(bytes(name), {
      file: `${name}.onnx`,
      dtype: 'float64',
      likelihood,
      likelihoodOptions: likelihood === 'gaussian' ? { variance: 1 } : {},
    });
    const sizes = [...loaded.network.parameters.values()].map((v) =>
      v.shape.reduce<number>((p, d) => p * (d as number), 1),
    );
    expect(sizes.reduce((a, b) => a + b, 0)).toBe(count);
    expect(loaded.judged.every((j) => j.counted)).toBe(true);
    expect(loaded.output.removed).toEqual([]);
  });

  it('Dense on positions, whose rows Keras flattens: several positions an example that share a weight', () => {
    const { network } = loadNetwork(bytesOf(keras(3, 2, 4, 3)), {
      file: 'keras.onnx',
      dtype: 'float64',
      likelihood: 'categorical',
    });
    const sites = sitesOf([network.h], [...network.parameters.values()]);
    expect(sites.map((s) => s.form)).toEqual(['shared', 'shift', 'dense', 'shift']);
  });

  it('a mask is not a parameter; a masked weight is, zeros at its start included', () => {
    const { judged } = loadNetwork(
      bytesOf({
        inputs: [info('x', 'float32', ['n', 2])],
        outputs: ['h'],
        nodes: [node('Mul', ['W', 'M'], 'WM'), node('MatMul', ['x', 'WM'], 'h')],
        weights: { W: f32([2, 2], [0, 0, 0, 0]), M: f32([2, 2], [1, 0, 1, 1]) },
      }),
      { file: 'masked.onnx', dtype: 'float32', likelihood: 'categorical' },
    );
    expect(judged.map((j) => [j.name, j.counted, j.reason])).toEqual([
      ['W', true, 'weight'],
      ['M', false, 'a mask: every entry is 0 or 1'],
    ]);
  });
});
