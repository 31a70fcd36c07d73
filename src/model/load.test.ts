import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadNetwork } from './load.js';

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
});
