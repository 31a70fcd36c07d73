import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { expectClose } from '../../../../test/fisher/close.js';
import { sourceOf } from '../../../../test/fisher/examples.js';
import { fixture } from '../../../../test/fisher/fixtures.js';
import { openArrays } from '../../../data/arrays.js';
import { createSmallEngine } from '../../../engine/small/index.js';
import { denseMoments } from './moments.js';

describe('P×P matrices against the references of PyTorch', () => {
  it.each([
    'digits-mlp-double',
    'digits-mlp-sigmoid-small',
    'wine-multilabel',
    'diabetes-regression',
  ] as const)('%s', async (name) => {
    const { network, likelihood, n, x } = fixture(name);
    const file = new URL(`../../../../test/fixtures/models/${name}/reference.npz`, import.meta.url);
    const arrays = openArrays(new Uint8Array(readFileSync(file)), 'reference.npz');
    const second = arrays.names.includes('type2_label_se_dense');
    expect(second).toBe(name === 'digits-mlp-double');
    const m = await denseMoments(createSmallEngine(), network, likelihood, sourceOf(x), { second });
    const reference = (q: string) => arrays.get(q).data as Float64Array;
    expectClose(m.fisher, reference('fisher_dense'), 1e-9, 'fisher_dense');
    const se = (v: Float64Array) => v.map((q) => Math.sqrt(q / n));
    if (second) {
      expectClose(se(m.type1), reference('type1_label_se_dense'), 1e-9, 'type 1');
      expectClose(se(m.type2), reference('type2_label_se_dense'), 1e-9, 'type 2');
    }
  });
});
