/** Forms that are interrupted: what there is, of the examples so far. */
import { describe, expect, it } from 'vitest';
import { tensor } from '../core/tensor.js';
import { makeDataset } from '../data/dataset.js';
import { createSmallEngine } from '../engine/index.js';
import { normals } from '../linalg/testing.js';
import { getLikelihood } from '../likelihood/index.js';
import { denseNetwork } from '../model/index.js';
import { runEstimate } from './estimate.js';
import { layersBeside } from './layers.js';
import { gramBeside } from './matrix/gram.js';

const N = 90;
const network = denseNetwork({ widths: [4, 6, 3], dtype: 'float64', seed: 1 });
const likelihood = getLikelihood('categorical');
const dataset = makeDataset({
  source: 'normal inputs',
  inputs: new Map([['x', tensor('float64', [N, 4], normals(N, 4, 'x'))]]),
});
const subject = { engine: createSmallEngine(), network, likelihood, dataset };
const asked = { estimator: 'exact', visits: 'uniform', order: 'file', seed: 0 } as const;
const diagonalOf = (examples: number) => runEstimate(subject, { ...asked, examples });

/** Aborts once this share is done. */
function ending(at: number) {
  const controller = new AbortController();
  return {
    signal: controller.signal,
    hear: (share: number) => {
      if (share >= at) controller.abort();
    },
  };
}

describe('a form that is interrupted', () => {
  it.each(['kfac', 'block', 'unit', 'ekfac'] as const)('%s is that of the examples so far', async (form) => {
    const request = {
      ...({ formOf: () => form, sharing: 'expand', biasApart: false, bases: null, errors: true } as const),
      ...({ order: 'file', root: undefined, classWeights: undefined, batch: 10 } as const),
      ...{ memory: undefined, groupSums: 0 },
    };
    const whole = await layersBeside(subject, await diagonalOf(N), request, {});
    const { signal, hear } = ending(0.4);
    const given = { ...request, bases: whole?.bases ?? null };
    const found = await layersBeside(subject, await diagonalOf(N), given, { signal, progress: hear });
    const n = found?.estimate.examples ?? 0;
    expect([n, found?.estimate.interrupted]).toEqual([40, true]);
    const prefix = await layersBeside(subject, await diagonalOf(n), given, {});
    expect(found?.estimate.arrays.map(({ name }) => name)).toEqual(
      prefix?.estimate.arrays.map(({ name }) => name),
    );
    found?.estimate.arrays.forEach(({ value, standardError }, i) => {
      const other = prefix?.estimate.arrays[i];
      expect(value).toEqual(other?.value);
      expect(standardError).toEqual(other?.standardError);
    });
    expect(found?.estimate.groupSums).toBeUndefined();
  });

  it('ekfac without its bases, and nothing at all, are null', async () => {
    const request = {
      ...({ formOf: () => 'ekfac' as const, sharing: 'expand', biasApart: false, bases: null } as const),
      ...({ order: 'file', root: undefined, classWeights: undefined, batch: 10 } as const),
      ...{ errors: true, memory: undefined, groupSums: 0 },
    };
    const { signal, hear } = ending(0.4);
    expect(await layersBeside(subject, await diagonalOf(N), request, { signal, progress: hear })).toBeNull();
  });

  it('gram has the rows of the examples so far', async () => {
    const { signal, hear } = ending(0.3);
    const found = await gramBeside(
      subject,
      await diagonalOf(N),
      { order: 'file', batch: 10 },
      {
        signal,
        step: hear,
      },
    );
    const n = found.examples;
    expect([n, found.interrupted]).toEqual([30, true]);
    const prefix = await gramBeside(subject, await diagonalOf(n), { order: 'file', batch: 10 });
    for (const [name, { data }] of prefix.arrays) expect(found.arrays.get(name)?.data, name).toEqual(data);
  });
});
