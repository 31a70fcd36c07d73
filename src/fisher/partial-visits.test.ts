/**
 * Weighted visits that end before all the examples that are taken once were visited: those that were stand for all of them, with the error
 * of a sample without replacement.
 */
import { describe, expect, it } from 'vitest';
import { tensor } from '../core/tensor.js';
import { batches } from '../data/batches.js';
import { makeDataset } from '../data/index.js';
import { createSmallEngine } from '../engine/small/index.js';
import { getLikelihood } from '../likelihood/registry.js';
import { denseNetwork } from '../model/dense.js';
import { type DiagonalEstimate, estimateDiagonal } from './index.js';

const N = 30;
const T = 5;
const network = denseNetwork({ widths: [3, 4, 3], initialScale: 2, seed: 2, dtype: 'float64' });
const likelihood = getLikelihood('categorical');
const x = tensor(
  'float64',
  [N, 3],
  Float64Array.from({ length: 3 * N }, (_, i) => Math.sin(i * i)),
);
const dataset = makeDataset({ source: 'sines', inputs: new Map([['x', x]]) });
// Examples 0 … 4 are taken; the others are drawn with u between a half and two.
const weights = Float64Array.from({ length: N }, (_, i) => (i < T ? 1 : 0.5 + (1.5 * (i % 7)) / 6));
const design = { population: N, weights, taken: Uint8Array.from(weights, (_, i) => (i < T ? 1 : 0)) };

function run(indices: readonly number[], more: object = {}): Promise<DiagonalEstimate> {
  const visits = { indices: Uint32Array.from(indices), occurrence: new Uint32Array(indices.length) };
  return estimateDiagonal(
    createSmallEngine(),
    network,
    likelihood,
    (batch, dtype) => batches(dataset, { batch, dtype, visits }),
    { estimator: 'exact', population: 'data', populationSize: N, batch: 4, ...more },
  );
}

/** Of each example by itself: its trace, and its entries. */
const each = await Promise.all(
  Array.from({ length: N }, async (_, i) => {
    const one = await run([i]);
    return [one.trace.value, ...one.tensors.flatMap((t) => [...t.fisher])];
  }),
);
const sum = (list: readonly number[]): number => list.reduce((s, v) => s + v, 0);
const mean = (list: readonly number[]): number => sum(list) / list.length;
const variance = (list: readonly number[]): number =>
  sum(list.map((v) => (v - mean(list)) ** 2)) / (list.length - 1);

const DRAWN = [7, 12, 19, 25, 8, 29, 14];

describe.each([
  ['all of the taken', [0, 1, 2, 3, 4]],
  ['three of five', [3, 0, 4]],
  ['two of five', [1, 4]],
])('%s', (_, taken) => {
  const order = [...DRAWN.slice(0, 3), ...taken, ...DRAWN.slice(3)];
  /** Value and squared error of one number of an example. */
  const right = (k: number): { value: number; error2: number } => {
    const f = taken.map((i) => each[i][k]);
    const y = DRAWN.map((i) => weights[i] * each[i][k]);
    const t = taken.length;
    const missing = t === T ? 0 : ((T / N) ** 2 * (1 - t / T) * variance(f)) / t;
    return { value: (T / N) * mean(f) + mean(y), error2: variance(y) / DRAWN.length + missing };
  };

  it('value and error of the trace, and of every entry', async () => {
    const { trace, tensors } = await run(order, { design });
    const whole = right(0);
    expect(trace.value).toBeCloseTo(whole.value, 10);
    expect(trace.standardError).toBeCloseTo(Math.sqrt(whole.error2), 10);
    let k = 1;
    for (const { fisher, dataError } of tensors)
      for (let i = 0; i < fisher.length; i++, k++) {
        const one = right(k);
        expect(fisher[i]).toBeCloseTo(one.value, 10);
        expect((dataError as Float64Array)[i]).toBeCloseTo(Math.sqrt(one.error2), 10);
      }
  });
});

it('one of five cannot tell the error, and says none', async () => {
  const { trace } = await run([2, ...DRAWN], { design });
  expect(trace.value).toBeCloseTo((T / N) * each[2][0] + mean(DRAWN.map((i) => weights[i] * each[i][0])), 10);
  expect([trace.standardError, trace.interval]).toEqual([null, null]);
});
