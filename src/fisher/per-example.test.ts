import { describe, expect, it } from 'vitest';
import { sourceOf } from '../../test/fisher/examples.js';
import { expectedFigure, figuresOf, overallSkewness, worstDeviation } from '../../test/fisher/figures.js';
import { type DrawMoments, figureLaw } from '../../test/fisher/laws.js';
import { firstRows, MODEL_NAMES, modelOf } from '../../test/fisher/networks.js';
import { createSmallEngine } from '../engine/small/index.js';
import { sitesOf } from '../model/sites.js';
import { type DiagonalEstimate, estimateDiagonal } from './index.js';
import { widestSite } from './memory.js';

const TOLERANCE = 1e-10;
/** Draws per example. */
const K = 2;

const WANTED = {
  value: (m: DrawMoments[]) => expectedFigure(m, K).value,
  labelError: (m: DrawMoments[]) => Math.sqrt(expectedFigure(m, K).label),
  dataError: (m: DrawMoments[]) => Math.sqrt(expectedFigure(m, K).data),
  standardError: (m: DrawMoments[]) => Math.sqrt(expectedFigure(m, K).label + expectedFigure(m, K).data),
};

describe.each(MODEL_NAMES)('%s against per-example gradients', (name) => {
  const { network, likelihood, x } = firstRows(modelOf(name), 6);
  const n = x.shape[0];
  const width = widestSite(network);
  const laws = {
    type1: figureLaw(network, likelihood, x, 'labels'),
    rademacher: figureLaw(network, likelihood, x, 'signs'),
  };
  /** Numbers that `columns` of `batch` examples take at the widest place. */
  const budget = (columns: number, batch: number) => ({ budget: width * columns * batch });
  const memory: [string, { budget?: number }][] = [
    ['whole', {}],
    ['chunks of 3 columns', budget(3, 4)],
    ['chunks of 2 columns', budget(2, 4)],
    ['one column at a time', budget(1, 4)],
    ['one column or pair of one example', { budget: 1 }],
  ];

  describe.each(memory)('%s', (_, limit) => {
    const run = (estimator: 'exact' | 'type1' | 'rademacher') => {
      const options = { estimator, labels: K, populationSize: n, batch: 4, ...limit };
      return estimateDiagonal(createSmallEngine(), network, likelihood, sourceOf(x), options);
    };

    it('exact: values and data errors', async () => {
      const figures = figuresOf(await run('exact'));
      for (const part of ['value', 'dataError'] as const) {
        const worst = worstDeviation(laws.type1, (q) => figures.get(q)![part], WANTED[part]);
        expect(worst, part).toBeLessThan(TOLERANCE);
      }
    });

    it.each(['type1', 'rademacher'] as const)('%s: label and data errors, skewness', async (estimator) => {
      const drawn = await run(estimator);
      const figures = figuresOf(drawn);
      for (const part of ['labelError', 'dataError', 'standardError'] as const) {
        const worst = worstDeviation(laws[estimator], (q) => figures.get(q)![part], WANTED[part]);
        expect(worst, part).toBeLessThan(TOLERANCE);
      }
      for (const [q, figure] of totalsOf(drawn)) {
        const quantity = laws[estimator].quantities.find((c) => c.name === q)!;
        const want = overallSkewness(laws[estimator].moments(quantity), K, n);
        expect(figure.skewness! - want, `skewness of ${q}`).toBeCloseTo(0, 9);
      }
    });
  });
});

const totalsOf = (e: DiagonalEstimate) => [
  ['total/total', e.trace] as const,
  ...e.layers.map((l) => [`layer/${l.name}`, l.trace] as const),
  ...e.tensors.map((t) => [`tensor/${t.name}`, t.trace] as const),
];

it('the models have the sites that they are meant to have', () => {
  const forms = MODEL_NAMES.map((name) => {
    const { network } = modelOf(name);
    return sitesOf([network.h], [...network.parameters.values()]).map((s) => s.form);
  });
  expect(forms).toEqual([
    ...Array.from({ length: 3 }, () => ['dense', 'shift', 'dense', 'shift']),
    ['fallback', 'shift', 'shift'],
    ['shared', 'shift', 'scale', 'dense'],
    ['shared', 'shift', 'scale', 'dense'],
    ['fallback', 'shift', 'dense'],
    ['embedding', 'dense'],
  ]);
});
