/** Scales of EKFAC are the diagonal of the Fisher in the rotated basis, and in the basis of the entries the diagonal itself, errors and all. */
import { describe, expect, it } from 'vitest';
import { expectClose } from '../../../../test/fisher/close.js';
import { sourceOf } from '../../../../test/fisher/examples.js';
import { modelOf, type ModelName } from '../../../../test/fisher/networks.js';
import { fixture } from '../../../../test/fisher/fixtures.js';
import { createSmallEngine } from '../../../engine/small/index.js';
import { placesOfLayer } from '../../../scores/layer-places.js';
import { estimateDiagonal } from '../../diagonal.js';
import { basesOf } from './basis.js';
import type { LayersEstimate } from './estimate.js';
import type { Bases } from './items.js';
import { estimateLayers } from './layers.js';

const engine = createSmallEngine();

/** diag(Uᵀ B U) of one layer without groups, U = U_G ⊗ U_A. */
function rotatedDiagonal(block: Float64Array, A: Float64Array, G: Float64Array): Float64Array {
  const [inputs, outputs] = [Math.sqrt(A.length), Math.sqrt(G.length)];
  const d = inputs * outputs;
  return Float64Array.from({ length: d }, (_, at) => {
    const [o, i] = [Math.floor(at / inputs), at % inputs];
    const v = Float64Array.from(
      { length: d },
      (_u, j) => G[Math.floor(j / inputs) * outputs + o] * A[(j % inputs) * inputs + i],
    );
    let sum = 0;
    for (let j = 0; j < d; j++) for (let k = 0; k < d; k++) sum += v[j] * block[j * d + k] * v[k];
    return sum;
  });
}

const arrayOf = ({ arrays }: LayersEstimate, name: string) => {
  const found = arrays.find((a) => a.name === name);
  if (!found) throw new Error(`no ${name}`);
  return found;
};

describe.each([
  'dense categorical',
  'dense bernoulli',
  'rank-3 Linear',
  'embedding',
] as const satisfies ModelName[])('%s', (name) => {
  const { network, likelihood, x } = modelOf(name);
  const settings = { estimator: 'exact', populationSize: x.shape[0] } as const;
  const run = (form: 'ekfac' | 'block', bases?: Bases) =>
    estimateLayers(engine, network, likelihood, sourceOf(x), {
      ...settings,
      formOf: () => form,
      ...(bases && { bases }),
    });

  it('has the diagonal of the rotated block', async () => {
    const bases = basesOf(await run('ekfac'));
    const [scales, blocks] = [await run('ekfac', bases), await run('block')];
    expect(bases.size).toBeGreaterThan(0);
    for (const [weight, { A, G }] of bases) {
      const want = rotatedDiagonal(arrayOf(blocks, `block/${weight}`).value, A as Float64Array, G);
      expectClose(arrayOf(scales, `ekfac/${weight}/scale`).value, want, 1e-12, weight);
    }
  });
});

it.each(['exact', 'type1', 'rademacher'] as const)(
  'the basis of the entries gives the diagonal, %s',
  async (estimator) => {
    for (const of of [modelOf('dense bernoulli'), modelOf('rank-3 Linear'), fixture('digits-lenet')]) {
      const { network, likelihood, x } = of;
      for (const error of ['closed-form', 'sampled'] as const) {
        const settings = { estimator, error, labels: 2, populationSize: x.shape[0], seed: 3 };
        const first = await estimateLayers(engine, network, likelihood, sourceOf(x), {
          ...settings,
          formOf: () => 'ekfac',
        });
        const unit = (length: number) => {
          const d = Math.sqrt(length);
          return Float64Array.from({ length }, (_, i) => (i % (d + 1) === 0 ? 1 : 0));
        };
        const bases: Bases = new Map(
          [...basesOf(first)].map(([w, { A, G }]) => [
            w,
            { groups: 1, A: unit((A as Float64Array).length), G: unit(G.length) },
          ]),
        );
        const scales = await estimateLayers(engine, network, likelihood, sourceOf(x), {
          ...settings,
          formOf: () => 'ekfac',
          bases,
        });
        const diagonal = await estimateDiagonal(engine, network, likelihood, sourceOf(x), settings);
        const starts = new Map<string, number>();
        let P = 0;
        for (const { name, fisher } of diagonal.tensors) {
          starts.set(name, P);
          P += fisher.length;
        }
        for (const which of ['value', 'labelError', 'dataError'] as const) {
          const all = diagonal.tensors.flatMap((t) => [...(t[which === 'value' ? 'fisher' : which] ?? [])]);
          for (const layer of scales.layers) {
            if (layer.form !== 'ekfac') continue;
            const want = Float64Array.from(
              placesOfLayer(layer, (p) => starts.get(p) as number),
              (at) => all[at],
            );
            expectClose(
              arrayOf(scales, `ekfac/${layer.weight}/scale`)[which],
              want,
              1e-8,
              `${which} ${layer.weight}`,
            );
          }
        }
      }
    }
  },
);
