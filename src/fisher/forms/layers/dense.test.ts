/** Blocks and units are the blocks of the dense matrix, with its errors, by every estimator of scores; groups add up to the whole. */
import { describe, expect, it } from 'vitest';
import { deviation, expectClose, largest } from '../../../../test/fisher/close.js';
import { sourceOf } from '../../../../test/fisher/examples.js';
import { modelOf, type ModelName } from '../../../../test/fisher/networks.js';
import { UniformStream } from '../../../core/random.js';
import { sizeOf, tensor } from '../../../core/tensor.js';
import { createSmallEngine } from '../../../engine/small/index.js';
import { placesOfLayer } from '../../../scores/layer-places.js';
import { layersOf } from '../../../scores/layers.js';
import type { Estimator } from '../../estimate.js';
import { ESTIMATORS } from '../../estimators/table.js';
import { estimateDense } from '../dense/dense.js';
import { LARGEST_BLOCK } from './items.js';
import { estimateLayers } from './layers.js';

const engine = createSmallEngine();
const NAMES = ['exact', 'empirical', 'type1', 'rademacher'] as const satisfies Estimator[];

describe.each([
  'dense categorical',
  'dense bernoulli',
  'dense gaussian',
  'rank-3 Linear',
  'positions in rows',
  'embedding',
  'tied autoencoder',
] as const satisfies ModelName[])('%s', (name) => {
  const { network, likelihood, x } = modelOf(name);
  const n = x.shape[0];
  const T = network.h.shape[1] as number;
  const kinds = { categorical: T, bernoulli: 2 } as Record<string, number>;
  const y = Array.from({ length: n * T }, (_, i) => i % (kinds[likelihood.name] ?? 5));
  const targets = likelihood.readTargets(
    likelihood.name === 'categorical' ? tensor('int32', [n], y.slice(0, n)) : tensor('float64', [n, T], y),
    n,
    T,
  );
  const weights = Float64Array.from({ length: n }, (_, i) => 0.5 + (i % 3) / 2);
  let offset = 0;
  const offsets = new Map(
    [...network.parameters].map(([p, v]) => {
      const size = sizeOf(v.shape as number[]);
      offset += size;
      return [p, offset - size];
    }),
  );
  const P = offset;

  it.each(
    NAMES.flatMap((e) => [
      [e, 'closed-form'] as const,
      ...(ESTIMATORS[e].drawn ? [[e, 'sampled'] as const] : []),
    ]),
  )('%s, %s', async (estimator, error) => {
    // Of three classes a root has two columns, and signs on one alone do not vary.
    const exactPairs = likelihood.name === 'categorical' ? 0 : 1;
    for (const w of [undefined, weights]) {
      const settings = { estimator, error, labels: 3, targets, weights: w, exactPairs };
      const dense = await estimateDense(engine, network, likelihood, sourceOf(x), {
        ...settings,
        stream: new UniformStream(7, `${ESTIMATORS[estimator].stream}/estimate`),
        batch: 5,
      });
      for (const form of ['block', 'unit'] as const) {
        const { arrays } = await estimateLayers(engine, network, likelihood, sourceOf(x), {
          ...settings,
          formOf: () => form,
          seed: 7,
          populationSize: n,
          batch: 5,
        });
        for (const layer of layersOf(network)) {
          const places = placesOfLayer(layer, (p) => offsets.get(p) as number);
          const made = arrays.find((a) => a.name.endsWith(`/${layer.weight}`));
          if (!made) throw new Error(`${layer.weight} has no ${form}`);
          expect(sizeOf(made.shape)).toBeLessThanOrEqual(LARGEST_BLOCK ** 2);
          const [groups, width] = made.shape.length === 3 ? made.shape : [1, made.shape[0]];
          const of = (matrix: Float64Array) =>
            Float64Array.from({ length: groups * width ** 2 }, (_, at) => {
              const [g, i, j] = [Math.floor(at / width ** 2), Math.floor(at / width) % width, at % width];
              return matrix[places[g * width + i] * P + places[g * width + j]];
            });
          expectClose(made.value, of(dense.fisher), 1e-9, `${form} ${made.name}`);
          for (const which of ['labelError', 'dataError', 'standardError'] as const)
            // Signs leave no variance in the square of one output: rounding is held against the whole error.
            expect(
              deviation(
                made[which] as Float64Array,
                of(dense[which] as Float64Array),
                largest(of(dense.standardError as Float64Array)),
              ),
              `${which} ${form} ${made.name}`,
            ).toBeLessThan(1e-7);
        }
      }
    }
  });
});
