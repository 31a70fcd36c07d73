import { describe, expect, it } from 'vitest';
import { denseNetwork } from '../model/dense.js';
import { tensor } from '../core/tensor.js';
import { makeDataset } from '../data/dataset.js';
import { createSmallEngine } from '../engine/small/index.js';
import { getLikelihood } from '../likelihood/index.js';
import { entriesEstimator } from './entries.js';
import { runEstimate } from './estimate.js';
import { exactPairsOf } from './signs.js';
import { batches } from '../data/batches.js';

const categorical = getLikelihood('categorical');
const inputs = (n: number, d: number) =>
  makeDataset({
    source: 'sines',
    inputs: new Map([
      [
        'x',
        tensor(
          'float32',
          [n, d],
          Array.from({ length: n * d }, (_, i) => Math.sin(i * i + 1)),
        ),
      ],
    ]),
  });

describe('the estimator of entries that is left open', () => {
  it('exact where its passes are affordable, else signs, and says what they cost', () => {
    expect(
      entriesEstimator(denseNetwork({ widths: [8, 16, 10] }), categorical, { examples: 1000 }).estimator,
    ).toBe('exact');
    const many = entriesEstimator(denseNetwork({ widths: [64, 64, 3000] }), categorical, { examples: 1e6 });
    expect(many.estimator).toBe('rademacher');
    expect(many.reason).toMatch(/3000 outputs are not affordable for 1000000 examples, at \d+ times/);
  });

  it('exact by its share of the work too, whatever the examples', () => {
    const two = entriesEstimator(denseNetwork({ widths: [64, 64, 2] }), categorical, { examples: 1e12 });
    expect(two.estimator).toBe('exact');
  });

  it('an estimate of entries takes it, one of the trace is free to differ, and a named estimator stands', async () => {
    const dataset = inputs(40, 3);
    const subject = {
      engine: createSmallEngine(),
      network: denseNetwork({ widths: [3, 5, 4] }),
      likelihood: categorical,
      dataset,
    };
    const said: string[] = [];
    const entries = await runEstimate(subject, { question: 'entries' }, { say: (line) => said.push(line) });
    expect([entries.estimator, entries.labels]).toEqual(['exact', 0]);
    expect(said).toContain('estimator exact: entries are asked for, and it has no label error');
    const named = await runEstimate(subject, { question: 'entries', estimator: 'rademacher' });
    expect([named.estimator, named.exactPairs]).toEqual(['rademacher', 0]);
  });
});

it('at least one exact pair where some are wanted and the number is left open', async () => {
  const dataset = inputs(30, 3);
  // Flat probabilities, where no pair pays for itself.
  const flat = denseNetwork({ widths: [3, 400], initialiser: 'torch', seed: 1 });
  const subject = { engine: createSmallEngine(), network: flat, likelihood: categorical };
  const said: string[] = [];
  const pairs = (request: Parameters<typeof exactPairsOf>[1]) =>
    exactPairsOf(subject, request, (batch, dtype) => batches(dataset, { batch, dtype }), {
      say: (line) => void said.push(line),
    });
  expect(await pairs({ exactPairs: 'auto' })).toBe(0);
  expect(await pairs({ atLeast: 1 })).toBe(1);
  expect(await pairs({ atLeast: 1, exactPairs: 0 })).toBe(0);
  expect(await pairs({})).toBe(0);
  expect(said[0]).toMatch(/^exact pairs: 0, which leave 100 %/);
  expect(await pairs({ exactPairs: 'auto', labels: 399 })).toBe(0);
  expect(said.at(-1)).toMatch(/^exact pairs: 0, as 399 draws/);
});
