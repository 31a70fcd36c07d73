/** Krylov spaces that are held by the outputs of the examples, against the dense matrix of the same examples. */
import { describe, expect, it } from 'vitest';
import { tensor } from '../core/tensor.js';
import { batches } from '../data/batches.js';
import { makeDataset } from '../data/dataset.js';
import { createSmallEngine } from '../engine/index.js';
import { getLikelihood } from '../likelihood/index.js';
import { symmetricEigen } from '../linalg/index.js';
import { normals } from '../linalg/testing.js';
import { denseNetwork } from '../model/index.js';
import { isFailure } from './blocks/block.js';
import { ImplicitFisher } from './implicit.js';
import { implicitFigures } from './implicit-figures.js';

const WIDTHS = [6, 14, 12, 3];

/** A Fisher of n examples by products, and in full. */
async function fisherOf(n: number, dtype: 'float32' | 'float64', widths = WIDTHS) {
  const network = denseNetwork({ widths, dtype, seed: 4 });
  const dataset = makeDataset({
    source: 'normal inputs',
    inputs: new Map([['x', tensor('float64', [n, widths[0]], normals(n, widths[0], 'x'))]]),
  });
  const engine = createSmallEngine();
  const fisher = await ImplicitFisher.compile(
    engine,
    network,
    getLikelihood('categorical'),
    (batch, type) => batches(dataset, { batch, dtype: type, order: 'file', seed: 0, examples: n }),
    { examples: n, batch: 7 },
  );
  const P = fisher.size;
  const dense = new Float64Array(P * P);
  for (let i = 0; i < P; i++) {
    const e = new Float64Array(P);
    e[i] = 1;
    dense.set(await fisher.multiply(e), i * P);
  }
  return { fisher, dense, P };
}

const times = (F: Float64Array, v: Float64Array): Float64Array =>
  v.map((_, i) => v.reduce((s, x, j) => s + F[i * v.length + j] * x, 0));
const length = (v: Float64Array): number => Math.hypot(...v);

describe('a Fisher of fewer outputs of examples than parameters', () => {
  it('top: eigenpairs with the residuals that are told, in float64 and float32', async () => {
    for (const dtype of ['float64', 'float32'] as const) {
      const { fisher, dense, P } = await fisherOf(18, dtype);
      expect(3 * 18 * 3).toBeLessThan(2 * P);
      const before = fisher.passes;
      const { values, vectors, residuals } = await fisher.top(12);
      expect(fisher.passes - before).toBeLessThanOrEqual(61);
      const known = symmetricEigen(dense, P).values;
      values.forEach((mu, j) => {
        expect(Math.abs(mu / known[P - 1 - j] - 1)).toBeLessThanOrEqual(1e-6);
        const off = length(times(dense, vectors[j]).map((x, i) => x - mu * vectors[j][i]));
        expect(off).toBeLessThanOrEqual(1e-4 * mu);
        expect(residuals[j]).toBeLessThanOrEqual(1e-4 * mu);
        expect(Math.abs(off - residuals[j])).toBeLessThanOrEqual(1e-5 * known[P - 1]);
      });
    }
  }, 30_000);

  it('top: no more pairs than the rank', async () => {
    const { fisher, dense, P } = await fisherOf(5, 'float64');
    const known = symmetricEigen(dense, P).values;
    // Three classes have two columns that are independent.
    const { values } = await fisher.top(14);
    for (let j = 0; j < 10; j++) expect(Math.abs(values[j] / known[P - 1 - j] - 1)).toBeLessThanOrEqual(1e-8);
    expect(Math.max(0, ...values.slice(10))).toBeLessThanOrEqual(1e-10 * values[0]);
  });

  it('quadrature: nodes and weights give f(F) between the start, exactly where the space is closed', async () => {
    const { fisher, dense, P } = await fisherOf(4, 'float64');
    const start = fisher.probe(3, 0);
    const { whole, projected } = await fisher.krylov({ steps: 60, groups: 4, keep: 0, start });
    const { values, vectors } = symmetricEigen(dense, P);
    const f = (x: number): number => Math.log(Math.max(0, x) + 0.01);
    let exact = 0;
    for (let j = 0; j < P; j++) {
      let along = 0;
      for (let i = 0; i < P; i++) along += vectors[i * P + j] * start[i];
      exact += along * along * f(values[j]);
    }
    const found = P * whole.values.reduce((s, x, j) => s + whole.weights[j] * f(x), 0);
    expect(Math.abs(found / exact - 1)).toBeLessThanOrEqual(1e-9);
    // Of all groups: the space's own matrix.
    projected
      ?.quadratureOf([0, 1, 2, 3])
      .values.forEach((v, j) => expect(v).toBeCloseTo(whole.values[j], 10));
  });

  it('sample: (F + λ)^{-1/2} of normals', async () => {
    const { fisher, dense, P } = await fisherOf(12, 'float64');
    const drawn = await fisher.sample(0.05, 7);
    if (isFailure(drawn)) throw new Error(drawn.failed);
    const { values, vectors } = symmetricEigen(dense, P);
    const back = new Float64Array(P);
    for (let j = 0; j < P; j++) {
      let along = 0;
      for (let i = 0; i < P; i++) along += vectors[i * P + j] * drawn[i];
      for (let i = 0; i < P; i++) back[i] += vectors[i * P + j] * along * Math.sqrt(values[j] + 0.05);
    }
    const zero = await fisherOf(12, 'float64', [6, 14, 12, 3]);
    const again = await zero.fisher.sample(0.05, 7);
    if (isFailure(again)) throw new Error(again.failed);
    expect([...again]).toEqual([...drawn]);
    // Standard normals of the same key: mean of squares 1 to four errors.
    const mean = back.reduce((s, x) => s + x * x, 0) / P;
    expect(Math.abs(mean - 1)).toBeLessThanOrEqual(4 * Math.sqrt(2 / P));
  });

  it('errors of eigenvalues: the jackknife of the dense matrices of the groups', async () => {
    const n = 40;
    const widths = [6, 18, 14, 3];
    const { fisher, dense, P } = await fisherOf(n, 'float64', widths);
    expect(3 * n * 3).toBeLessThan(2 * P);
    const request = { damping: 0.05, top: 3, level: 0.95, left: 1, groups: 8, probes: 2, steps: 4 };
    const { top } = await implicitFigures(fisher, request);
    const { values } = symmetricEigen(dense, P);
    top.forEach(({ plugIn, standardError, residual }, j) => {
      expect(Math.abs(plugIn / values[P - 1 - j] - 1)).toBeLessThanOrEqual(1e-7);
      expect(residual).toBeUndefined();
      expect(standardError as number).toBeGreaterThan(0);
    });
    const plain = await fisher.leading(3, 8);
    const all = plain.projected?.quadratureOf([0, 1, 2, 3, 4, 5, 6, 7]).values as Float64Array;
    for (let j = 0; j < 3; j++)
      expect(Math.abs(all[all.length - 1 - j] / values[P - 1 - j] - 1)).toBeLessThanOrEqual(1e-7);
  });
});
