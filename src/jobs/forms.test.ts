import { describe, expect, it } from 'vitest';
import { tensor } from '../core/tensor.js';
import { makeDataset } from '../data/dataset.js';
import { estimate } from '../doors/estimate.js';
import { createSmallEngine } from '../engine/index.js';
import { getLikelihood } from '../likelihood/index.js';
import { normals } from '../linalg/testing.js';
import { denseNetwork } from '../model/index.js';
import { adviseForm, compareForms } from './forms.js';

const GIB = 2 ** 30;

/** Forms with ε, its error and numbers. */
const formsOf = (of: Readonly<Record<string, readonly [number | null, number, number]>>) => ({
  forms: Object.fromEntries(
    Object.entries(of).map(([form, [error, standardError, numbers]]) => [
      form,
      { error, standardError, interval: null, numbers, seconds: null },
    ]),
  ),
});

describe('which form is advised', () => {
  it('more numbers where they bring ε down by more than .1 for each factor of ten', () => {
    const advice = adviseForm(
      formsOf({ diagonal: [0.74, 0.02, 100], kfac: [0.37, 0.02, 300], ekfac: [0.36, 0.02, 400] }),
      GIB,
    );
    expect(advice?.form).toBe('kfac');
    expect(advice?.reason).toBe(
      'ε 0.37 with 300 numbers; diagonal has 0.74 with 100; ekfac would have 0.36, with 1.3 times the numbers',
    );
  });

  it('no more numbers where the errors do not tell two forms apart', () => {
    const of = (error: number) => formsOf({ diagonal: [0.74, error, 100], kfac: [0.37, error, 300] });
    expect(adviseForm(of(0.1), GIB)?.form).toBe('kfac');
    expect(adviseForm(of(0.2), GIB)?.form).toBe('diagonal');
  });

  it('a block where it fits into the memory, and is worth it', () => {
    const of = (numbers: number) => formsOf({ kfac: [0.37, 0.02, 1000], block: [0, 0, numbers] });
    expect(adviseForm(of(1e6), GIB)?.form).toBe('block');
    expect(adviseForm(of(1e6), 1e6)?.form).toBe('kfac');
    expect(adviseForm(of(1e7), GIB)?.form).toBe('kfac');
  });

  it('none where nothing is known', () => {
    expect(adviseForm(formsOf({ kfac: [null, 0, 10] }), GIB)).toBeNull();
    expect(adviseForm(formsOf({ kfac: [null, 0, 10], diagonal: [0.9, 0.1, 20] }), GIB)?.form).toBe(
      'diagonal',
    );
  });
});

describe('weights of the classes', () => {
  const n = 40;
  const network = denseNetwork({ widths: [3, 4], dtype: 'float64', seed: 3 });
  const likelihood = getLikelihood('categorical');
  const dataset = makeDataset({
    source: 'normal inputs',
    inputs: new Map([['x', tensor('float64', [n, 3], normals(n, 3, 'x'))]]),
    targets: tensor(
      'int32',
      [n],
      Array.from({ length: n }, (_, i) => (i * i) % 4),
    ),
  });
  const subject = { engine: createSmallEngine(), network, likelihood, dataset };
  const asked = { forms: ['diagonal'], order: 'seed', population: 'data' } as const;

  it('are in the scores: ε of the diagonal is that of the dense matrix with them', async () => {
    const found: number[] = [];
    for (const classWeights of [undefined, [2, 0.5, 1, 3]]) {
      const report = await compareForms(subject, { ...asked, estimator: 'empirical', classWeights });
      const dense = await estimate(network, likelihood, dataset, {
        ...({ form: 'dense', engine: 'small', estimator: 'empirical' } as const),
        ...(classWeights ? { classWeights } : {}),
      });
      const F = (await dense.toDense()) as Float64Array;
      const rows = await estimate(network, likelihood, dataset, {
        ...({ form: 'gram', engine: 'small', estimator: 'empirical' } as const),
        ...(classWeights ? { classWeights } : {}),
      });
      ((await rows.toDense()) as Float64Array).forEach((x, i) => expect(x).toBeCloseTo(F[i], 12));
      const P = dense.size;
      const all = F.reduce((sum, x) => sum + x * x, 0);
      const own = F.reduce((sum, x, at) => sum + (at % (P + 1) === 0 ? x * x : 0), 0);
      const error = report.errors.layers[0].forms.diagonal?.error as number;
      expect(error).toBeCloseTo(Math.sqrt(1 - own / all), 10);
      expect(report.notes.some((line) => line.includes('class weights'))).toBe(classWeights !== undefined);
      found.push(error);
    }
    expect(Math.abs(found[0] - found[1])).toBeGreaterThan(1e-3);
  });

  it('are refused beside another estimator, and where they do not fit', async () => {
    await expect(compareForms(subject, { ...asked, classWeights: [1, 1, 1, 1] })).rejects.toThrow(
      /no likelihood/,
    );
    await expect(
      compareForms(subject, { ...asked, estimator: 'empirical', classWeights: [1, 2] }),
    ).rejects.toThrow();
  });
});
