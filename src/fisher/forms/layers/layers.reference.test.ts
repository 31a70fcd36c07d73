/** Kronecker factors are those that PyTorch gives; unit and block forms are the blocks of the dense matrix, with its errors. */
import { describe, expect, it } from 'vitest';
import { expectClose } from '../../../../test/fisher/close.js';
import { sourceOf } from '../../../../test/fisher/examples.js';
import { arrayOf, fixture, type FixtureName } from '../../../../test/fisher/fixtures.js';
import { createSmallEngine } from '../../../engine/small/index.js';
import type { Sharing } from '../../../scores/score.js';
import { estimateLayers } from './layers.js';

const engine = createSmallEngine();

const FACTORS: [name: FixtureName, prefix: string, modules: string[], sharing: Sharing][] = [
  ['digits-multilabel', 'kfac', ['fc1', 'fc2'], 'expand'],
  ['digits-mlp-double', 'kfac', ['fc1', 'fc2'], 'expand'],
  ['digits-lenet', 'kfac_expand', ['conv1', 'conv2', 'fc1', 'fc2'], 'expand'],
  ['digits-lenet', 'kfac_reduce', ['conv1', 'conv2', 'fc1', 'fc2'], 'reduce'],
];

describe.each(FACTORS)('%s, %s', (name, prefix, modules, sharing) => {
  it.each([false, true])('has the factors that PyTorch gives, biases apart: %s', async (biasApart) => {
    const { network, likelihood, x, n } = fixture(name);
    const { arrays } = await estimateLayers(engine, network, likelihood, sourceOf(x), {
      estimator: 'exact',
      populationSize: n,
      sharing,
      biasApart,
    });
    for (const module of modules) {
      const own = prefix === 'kfac' || !module.startsWith('fc') ? prefix : 'kfac';
      const of = (factor: string) => arrays.find((a) => a.name === `kfac/${module}.weight/${factor}`)?.value;
      expectClose(
        of('A'),
        arrayOf(name, `${own}/${module}/A${biasApart ? '' : '_homogeneous'}`),
        1e-9,
        module,
      );
      expectClose(of('G'), arrayOf(name, `${own}/${module}/G`), 1e-9, module);
    }
    for (const module of modules) {
      const own = arrays.find((a) => a.name === `kfac/${module}.bias/G`)?.value;
      if (!biasApart) expect(own).toBeUndefined();
      else expect(own).toEqual(arrays.find((a) => a.name === `kfac/${module}.weight/G`)?.value);
    }
  });
});
