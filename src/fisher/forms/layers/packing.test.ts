/** Wide factors are summed in panels, and are the matrices of a dense computation, with its errors and groups. */
import { describe, expect, it } from 'vitest';
import { expectClose } from '../../../../test/fisher/close.js';
import { sourceOf } from '../../../../test/fisher/examples.js';
import { Sequence } from '../../../core/random.js';
import { tensor } from '../../../core/tensor.js';
import { createSmallEngine } from '../../../engine/small/index.js';
import { getLikelihood } from '../../../likelihood/index.js';
import { denseNetwork } from '../../../model/dense.js';
import { layersSums } from '../../sums/make.js';
import { estimateFromSums } from '../../sums/estimate.js';
import { estimateLayers } from './layers.js';
import { itemsOf } from './items.js';
import { panelsOf } from './packing.js';

const engine = createSmallEngine();
const [n, width] = [24, 230];
const network = denseNetwork({ widths: [width, 210, 3], activation: 'tanh', dtype: 'float64', seed: 4 });
const draw = new Sequence(3, 'packing');
const x = tensor(
  'float64',
  [n, width],
  Float64Array.from({ length: n * width }, () => draw.normal()),
);
const likelihood = getLikelihood('categorical');

/** Mean over the examples of āāᵀ, and the standard error of each element. */
function inputsByHand(): { A: Float64Array; se: Float64Array } {
  const d = width + 1;
  const at = (e: number, i: number) => (i < width ? x.data[e * width + i] : 1);
  const [A, se] = [new Float64Array(d * d), new Float64Array(d * d)];
  for (let i = 0; i < d; i++)
    for (let j = 0; j < d; j++) {
      const terms = Array.from({ length: n }, (_, e) => at(e, i) * at(e, j));
      const mean = terms.reduce((a, b) => a + b) / n;
      A[i * d + j] = mean;
      se[i * d + j] = Math.sqrt(terms.reduce((s, t) => s + (t - mean) ** 2, 0) / (n - 1) / n);
    }
  return { A, se };
}

describe('wide factors', () => {
  const settings = { estimator: 'exact', populationSize: n, batch: 10 } as const;

  it('of inputs are those by hand', async () => {
    const { layers, arrays } = await estimateLayers(engine, network, likelihood, sourceOf(x), settings);
    const [A] = itemsOf(layers[0], 'expand', null, 1);
    expect(panelsOf(A)?.length).toBeGreaterThan(1);
    const want = inputsByHand();
    expectClose(arrays[0].value, want.A, 1e-12);
    expectClose(arrays[0].dataError, want.se, 1e-9);
  });

  it.each(['exact', 'type1', 'rademacher', 'empirical'] as const)(
    'of gradients, %s, are those of fewer columns at once',
    async (estimator) => {
      const targets = likelihood.readTargets(
        tensor(
          'int32',
          [n],
          Array.from({ length: n }, (_, i) => i % 3),
        ),
        n,
        3,
      );
      for (const error of ['closed-form', 'sampled'] as const) {
        const own = { ...settings, estimator, error, labels: 2, targets };
        const { arrays } = await estimateLayers(engine, network, likelihood, sourceOf(x), own);
        // Units of one output: the same squares held by example, in a form that is not packed.
        const weights = Float64Array.from({ length: n }, () => 1);
        const held = await estimateLayers(engine, network, likelihood, sourceOf(x), { ...own, weights });
        for (const [i, { name, value, labelError, dataError }] of arrays.entries()) {
          expectClose(value, held.arrays[i].value, 1e-11, name);
          expectClose(dataError, held.arrays[i].dataError as Float64Array, 1e-7, name);
          if (labelError) expectClose(labelError, held.arrays[i].labelError as Float64Array, 1e-7, name);
        }
      }
    },
  );

  it('have sums of groups that add up', async () => {
    const whole = await estimateLayers(engine, network, likelihood, sourceOf(x), {
      ...settings,
      groupSums: 1,
    });
    const sums = await layersSums(engine, network, likelihood, sourceOf(x), { ...settings, groupSums: 1 });
    const again = estimateFromSums(sums);
    for (const made of [whole, again])
      for (const { name, value } of made.arrays)
        expectClose(
          (made.groupSums?.tensors.get(name) as Float64Array).map((v) => v / n),
          value,
          1e-12,
          name,
        );
    expectClose(again.arrays[0].value, whole.arrays[0].value, 1e-13);
  });
});
