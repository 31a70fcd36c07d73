/** The dense form runs on the loop of every other: any estimator, the same columns as the diagonal, stopped inside an example. */
import { describe, expect, it } from 'vitest';
import { expectClose } from '../../../../test/fisher/close.js';
import { sourceOf } from '../../../../test/fisher/examples.js';
import { modelOf } from '../../../../test/fisher/networks.js';
import { UniformStream } from '../../../core/random.js';
import { sizeOf, tensor } from '../../../core/tensor.js';
import { createSmallEngine } from '../../../engine/small/index.js';
import { getLikelihood } from '../../../likelihood/index.js';
import { denseNetwork } from '../../../model/dense.js';
import { estimateDiagonal } from '../../diagonal.js';
import type { Estimator } from '../../estimate.js';
import { ESTIMATORS } from '../../estimators/table.js';
import { type DenseEstimate, type DenseOptions, estimateDense } from './dense.js';

const engine = createSmallEngine();
const NAMES = Object.keys(ESTIMATORS) as Estimator[];

const diagonalOf = (matrix: Float64Array, P: number) =>
  Float64Array.from({ length: P }, (_, i) => matrix[i * (P + 1)]);

describe.each(['dense categorical', 'dense bernoulli', 'dense gaussian'] as const)('%s', (name) => {
  const { network, likelihood, x } = modelOf(name);
  const n = x.shape[0];
  const T = network.h.shape[1] as number;
  const y = Array.from({ length: n * T }, (_, i) => (likelihood.name === 'categorical' ? i % T : i % 2));
  const targets = likelihood.readTargets(
    likelihood.name === 'categorical' ? tensor('int32', [n], y.slice(0, n)) : tensor('float64', [n, T], y),
    n,
    T,
  );
  const weights = Float64Array.from({ length: n }, (_, i) => 0.5 + (i % 3) / 2);
  const mix = new Map([...network.parameters.keys()].map((p) => [p, 0.3]));
  const order = [...network.parameters].map(([, v]) => sizeOf(v.shape as number[]));

  it.each(
    NAMES.flatMap((e) => [
      [e, 'closed-form'] as const,
      ...(ESTIMATORS[e].drawn ? [[e, 'sampled'] as const] : []),
    ]),
  )('%s, %s: its diagonal is the estimate of the diagonal', async (estimator, error) => {
    for (const w of [undefined, weights]) {
      const settings = { estimator, error, labels: 3, targets, weights: w };
      const diagonal = await estimateDiagonal(engine, network, likelihood, sourceOf(x), {
        ...settings,
        mix,
        seed: 7,
        populationSize: n,
      });
      const dense = await estimateDense(engine, network, likelihood, sourceOf(x), {
        ...settings,
        alpha: 0.3,
        stream: new UniformStream(7, `${ESTIMATORS[estimator].stream}/estimate`),
        batch: 5,
      });
      const P = order.reduce((a, b) => a + b);
      expect(dense).toMatchObject({
        parameters: P,
        labels: diagonal.labels,
        error: diagonal.error,
        estimator,
      });
      for (const which of ['fisher', 'labelError', 'dataError'] as const) {
        const expected = diagonal.tensors.flatMap((t) => [...(t[which] as Float64Array)]);
        expectClose(diagonalOf(dense[which] as Float64Array, P), expected, 1e-9, which);
      }
    }
  });
});

describe('a signal', () => {
  const network = denseNetwork({ widths: [20, 30, 10], dtype: 'float64', seed: 1 });
  const likelihood = getLikelihood('categorical');
  const x = tensor(
    'float64',
    [64, 20],
    Array.from({ length: 64 * 20 }, (_, i) => Math.sin(3 * i)),
  );
  const run = (options: Partial<DenseOptions>): Promise<DenseEstimate> =>
    estimateDense(engine, network, likelihood, sourceOf(x), {
      estimator: 'type1',
      stream: new UniformStream(1, 'type1/estimate'),
      batch: 8,
      ...options,
    });

  it('is heard inside an example, without a pause of the caller', async () => {
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 5);
    const e = await run({ signal: abort.signal });
    expect(e.interrupted).toBe(true);
    // An example takes 440,000 elements; the timer was due long before all 64 were done.
    expect(e.examples).toBeLessThan(8);
    expect(e.fisher.every(Number.isFinite)).toBe(true);
  });

  it('is heard between batches, and each batch tells how far it is', async () => {
    const abort = new AbortController();
    const seen: number[] = [];
    const e = await run({
      estimator: 'exact',
      signal: abort.signal,
      pause: async () => undefined,
      onBatch: ({ examples, estimate }) => {
        seen.push(examples);
        expect(estimate().examples).toBe(examples);
        if (examples === 24) abort.abort();
      },
    });
    expect(seen).toEqual([8, 16, 24]);
    expect(e).toMatchObject({ examples: 24, interrupted: true });
    const short = await estimateDense(engine, network, likelihood, sourceOf(x, [...Array(24).keys()]), {
      estimator: 'exact',
      stream: new UniformStream(1, 'none'),
      batch: 8,
    });
    expect(e.fisher).toEqual(short.fisher);
    expect(e.standardError).toEqual(short.standardError);
  });
});
