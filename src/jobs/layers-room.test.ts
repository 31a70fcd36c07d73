/** A bound of memory that is too small for a form by layer names one that is enough, for the diagonal and the form together. */
import { describe, expect, it } from 'vitest';
import type { FimError } from '../core/errors.js';
import { bytesOfText } from '../core/settings/bytes.js';
import { tensor } from '../core/tensor.js';
import { makeDataset } from '../data/index.js';
import { createSmallEngine } from '../engine/small/index.js';
import { getLikelihood } from '../likelihood/registry.js';
import { denseNetwork } from '../model/dense.js';
import { runFormEstimate } from './form-estimate.js';

const N = 40;
const x = tensor(
  'float64',
  [N, 60],
  Float64Array.from({ length: N * 60 }, (_, i) => Math.sin(i * i)),
);
const subject = {
  engine: createSmallEngine(),
  network: denseNetwork({ widths: [60, 40, 10], seed: 3, dtype: 'float64' }),
  likelihood: getLikelihood('categorical'),
  dataset: makeDataset({ source: 'sines', inputs: new Map([['x', x]]) }),
};

describe('requireLayersRoom', () => {
  it.each(['kfac', 'ekfac', 'unit'] as const)('%s: what is named is enough', async (form) => {
    const run = (memory: number) => runFormEstimate(subject, { estimator: 'exact', memory }, { form });
    const refused = await run(300_000).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'memory/too-small' });
    const { got = '' } = (refused as FimError).complaint;
    const named = bytesOfText(/at least (\S+)$/.exec(got)?.[1] ?? '') ?? 0;
    expect(named).toBeGreaterThan(300_000);
    await expect(run(named)).resolves.toMatchObject({ form });
  });
});
