/** Factors and scales of convolutions whose windows are laid out a few rows at a time are those of all windows at once. */
import { describe, expect, it, vi } from 'vitest';
import { expectClose } from '../../../../test/fisher/close.js';
import { sourceOf } from '../../../../test/fisher/examples.js';
import { model } from '../../../../test/fisher/networks.js';
import { createSmallEngine } from '../../../engine/small/index.js';
import { N, ops as b, type Value } from '../../../graph/index.js';
import { apply } from '../../../graph/registry.js';
import { getLikelihood } from '../../../likelihood/index.js';
import type { Positions } from '../../../scores/positions.js';
import { basesOf } from './basis.js';
import type { LayersEstimate } from './estimate.js';
import { estimateLayers, type LayersOptions } from './layers.js';

const windows = vi.hoisted(() => ({ most: Infinity, parts: [] as number[] }));
vi.mock('../../../scores/position-parts.js', async (original) => {
  const own = await original<typeof import('../../../scores/position-parts.js')>();
  return {
    ...own,
    partsOf: (positions: Positions) => {
      const parts = own.partsOf(positions, windows.most);
      windows.parts.push(parts.length);
      return parts;
    },
  };
});

const engine = createSmallEngine();

/** Windows of 3 by 2 of an image of two channels, 5 by 4 of them. */
const unfolded = (x: Value, groups: number): Value =>
  b.reshape(
    apply('Unfold', [x], {
      ...{ kernel: [3, 2], stride: [1, 1], dilation: [1, 1], before: [1, 0], count: [5, 4], length: [5, 5] },
    }),
    groups === 1 ? [N, 12, 20] : [N, groups, 12 / groups, 20],
  );

const plain = () =>
  model('windows', getLikelihood('categorical'), [N, 2, 5, 5], { W: [4, 12], b: [4, 1], V: [4, 3] }, (x, p) =>
    b.matmul(b.reduceSum(b.tanh(b.add(b.matmul(p.W, unfolded(x, 1)), p.b)), [2]), b.scale(p.V, 0.2)),
  );

const grouped = () =>
  model(
    'groups of windows',
    getLikelihood('categorical'),
    [N, 2, 5, 5],
    { W: [2, 3, 6], V: [6, 3] },
    (x, p) => {
      const z = b.tanh(b.matmul(p.W, unfolded(x, 2)));
      return b.matmul(b.reshape(b.reduceSum(z, [3]), [N, 6]), b.scale(p.V, 0.2));
    },
  );

const weights = Float64Array.from({ length: 16 }, (_, i) => 0.5 + (i % 3) / 2);

async function run(
  make: typeof plain,
  most: number,
  { form = 'kfac', ...more }: Partial<LayersOptions> & { readonly form?: 'kfac' | 'ekfac' },
): Promise<LayersEstimate> {
  windows.most = most;
  windows.parts = [];
  const { network, likelihood, x } = make();
  const made = await estimateLayers(engine, network, likelihood, sourceOf(x), {
    ...{ estimator: 'type1', labels: 2, populationSize: 40, batch: 5, seed: 3 },
    ...more,
    formOf: () => form,
  });
  expect(Math.max(...windows.parts)).toBe(most === Infinity ? 1 : 5);
  return made;
}

describe.each([
  ['one group', plain],
  ['two groups', grouped],
] as const)('%s', (_, make) => {
  const same = (got: LayersEstimate, want: LayersEstimate) => {
    expect(got.arrays.map((a) => a.name)).toEqual(want.arrays.map((a) => a.name));
    got.arrays.forEach((a, i) => {
      for (const which of ['value', 'labelError', 'dataError', 'standardError'] as const)
        expectClose(a[which] ?? [], want.arrays[i][which] ?? [], 1e-12, `${which} ${a.name}`);
    });
  };

  it.each([
    {},
    { errors: false },
    { weights },
    { weights, errors: false },
    { sharing: 'reduce' },
    { sharing: 'reduce', weights },
  ] as const)('factors, %o', async (asked) => {
    same(await run(make, 1, asked), await run(make, Infinity, asked));
  });

  it('scales', async () => {
    const bases = basesOf(await run(make, Infinity, { form: 'ekfac' }));
    const asked = { form: 'ekfac', bases } as const;
    same(await run(make, 1, asked), await run(make, Infinity, asked));
  });
});
