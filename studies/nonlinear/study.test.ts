import { expect, it } from 'vitest';
import { symmetricEigenvalues } from 'fim/linalg';
import { madeOf } from '../../test/support/made-in.js';
import { populationOf, sumOf } from './population.js';
import { sampleOf } from './samples.js';
import { DAMPING, figuresOfMatrix, nonlinearPieces } from './study.js';

it('weighted visits are unbiased for the matrix, of all groups and of any', async () => {
  const population = await populationOf('near-certain', 300);
  const P = population.parameters;
  const all = Array.from({ length: 300 }, (_, input) => ({ input, weight: 1 / 300, label: null }));
  const truth = sumOf(population, all).reduce((s, v, i) => s + (i % (P + 1) === 0 ? v : 0), 0);
  for (const design of ['weighted', 'weighted-sample'] as const)
    for (const groups of [[...Array(20).keys()], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]]) {
      const traces = Array.from({ length: 120 }, (_, r) =>
        sampleOf(population, design, 60, r)
          .of(groups)
          .reduce((s, v, i) => s + (i % (P + 1) === 0 ? v : 0), 0),
      );
      const mean = traces.reduce((s, v) => s + v, 0) / traces.length;
      const sd = Math.sqrt(traces.reduce((s, v) => s + (v - mean) ** 2, 0) / (traces.length - 1));
      expect(Math.abs(mean - truth), `${design}, ${groups.length} groups`).toBeLessThan(
        (4 * sd) / Math.sqrt(traces.length),
      );
    }
});

it('figures are those of eigenvalues, and a figure over all data has error 0', async () => {
  const F = Float64Array.of(2, 1, 1, 3);
  const [logdet, dimension] = figuresOfMatrix(F, 2);
  const values = symmetricEigenvalues(F, 2);
  expect(logdet).toBeCloseTo(Math.log((2 + DAMPING) * (3 + DAMPING) - 1), 12);
  expect(dimension).toBeCloseTo(
    values.reduce((s, v) => s + v / (v + DAMPING), 0),
    12,
  );
  const arms = [{ network: 'mild', design: 'all', n: 60, repeats: 3 } as const];
  const cells = (await madeOf(nonlinearPieces({ arms, population: 300 }))).flat();
  for (const { covered, unresolved, bias } of cells) {
    expect([covered, unresolved]).toEqual([1, 0]);
    expect(Math.abs(bias)).toBeLessThan(1e-9);
  }
});
