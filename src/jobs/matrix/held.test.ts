/** Rows of the examples, and products over them, against the dense matrix of the same examples. */
import { describe, expect, it } from 'vitest';
import { estimate } from '../../doors/estimate.js';
import { makeDataset } from '../../data/dataset.js';
import { tensor } from '../../core/tensor.js';
import { cholesky, logDeterminant, symmetricEigen } from '../../linalg/index.js';
import { frobenius, normals } from '../../linalg/testing.js';
import { getLikelihood } from '../../likelihood/index.js';
import { isFailure } from '../../matrix/index.js';
import { denseNetwork } from '../../model/index.js';

const N = 60;
const network = denseNetwork({ widths: [3, 5, 4], dtype: 'float64', seed: 2 });
const dataset = makeDataset({
  source: 'normal inputs',
  inputs: new Map([['x', tensor('float64', [N, 3], normals(N, 3, 'x'))]]),
});
const likelihood = getLikelihood('categorical');
const ask = <F extends 'dense' | 'gram' | 'implicit'>(form: F, more: object = {}) =>
  estimate(network, likelihood, dataset, { form, engine: 'small', estimator: 'exact', ...more });
const apart = (a: Float64Array, b: Float64Array): number =>
  frobenius(a.map((x, i) => x - b[i])) / frobenius(b);
const plus = (F: Float64Array, P: number, lambda: number): Float64Array =>
  F.map((x, i) => x + (i % (P + 1) === 0 ? lambda : 0));

describe('gram', () => {
  it.each(['exact', 'type1', 'rademacher'] as const)(
    '%s: is the dense matrix of the same draws',
    async (estimator) => {
      const more = { estimator, labels: 2, seed: 3 };
      const [dense, rows] = [await ask('dense', more), await ask('gram', more)];
      const F = (await dense.toDense()) as Float64Array;
      expect(apart((await rows.toDense()) as Float64Array, F)).toBeLessThanOrEqual(1e-12);
      if (estimator !== 'exact') return;
      const v = normals(rows.size, 1, 'v');
      expect(apart(await rows.multiply(v), await dense.multiply(v))).toBeLessThanOrEqual(1e-12);
      const [u, w] = [await rows.solve(v, 0.01), await dense.solve(v, 0.01)];
      if (isFailure(u) || isFailure(w)) throw new Error('no solution');
      expect(apart(u.solution, w.solution)).toBeLessThanOrEqual(1e-10);
    },
  );

  it('figures: plug-in values and errors of the groups are those of rows of these examples', async () => {
    const rows = await ask('gram');
    const F = (await rows.toDense()) as Float64Array;
    const P = rows.size;
    const { values } = symmetricEigen(F, P);
    const [logdet, dimension] = [await rows.logdet(0.01), await rows.effectiveDimension(0.01)];
    expect(logdet.plugIn).toBeCloseTo(
      logDeterminant(cholesky(plus(F, P, 0.01), P, new Float64Array(P * P)), P),
      8,
    );
    expect(dimension.plugIn).toBeCloseTo(
      values.reduce((s, x) => s + x / (x + 0.01), 0),
      8,
    );
    const trace = await rows.trace();
    expect(trace.plugIn).toBeCloseTo(rows.diagonal.trace.value, 10);
    // The jackknife over 20 groups of three, against the spread of 60 examples.
    const known = rows.diagonal.trace.standardError as number;
    expect(Math.abs(Math.log((trace.standardError as number) / known))).toBeLessThan(0.5);
    expect((await rows.top(2)).values[1]).toBeCloseTo(values[P - 2], 10);
  });
});

describe('implicit', () => {
  it('products, solves, draws, eigenvalues and figures of the matrix', async () => {
    const [dense, products] = [await ask('dense'), await ask('implicit')];
    const F = (await dense.toDense()) as Float64Array;
    const P = products.size;
    const v = normals(P, 1, 'v');
    expect(apart(await products.multiply(v), await dense.multiply(v))).toBeLessThanOrEqual(1e-12);
    const u = await products.solve(v, 0.05);
    const w = await dense.solve(v, 0.05);
    if (isFailure(u) || isFailure(w)) throw new Error('no solution');
    expect(apart(u.solution, w.solution)).toBeLessThanOrEqual(1e-5);
    // L = (F + λI)^{-1/2} of the same normals.
    const { values, vectors } = symmetricEigen(F, P);
    const [first, second] = [await products.sample(0.05, 7, 0), await products.sample(0.05, 7, 0)];
    if (isFailure(first) || isFailure(second)) throw new Error('no draw');
    expect([...first]).toEqual([...second]);
    const back = new Float64Array(P);
    for (let j = 0; j < P; j++) {
      let along = 0;
      for (let i = 0; i < P; i++) along += vectors[i * P + j] * first[i];
      for (let i = 0; i < P; i++) back[i] += vectors[i * P + j] * along * Math.sqrt(values[j] + 0.05);
    }
    const z = await drawn(P);
    expect(apart(back, z)).toBeLessThanOrEqual(1e-5);
    const top = await products.top(2);
    expect(top.values[0]).toBeCloseTo(values[P - 1], 8);
    const trace = await products.trace();
    expect(trace.plugIn).toBeCloseTo(dense.diagonal.trace.value, 10);
    const logdet = await products.logdet(0.05);
    const exact = values.reduce((s, x) => s + Math.log(x + 0.05), 0);
    expect(Math.abs(logdet.plugIn - exact)).toBeLessThanOrEqual(4.5 * (logdet.probeError as number));
    expect(() => products.save('x.npz')).toThrow(/nothing/);
    products.dispose();
    await expect(ask('implicit', { estimator: 'type1' })).rejects.toThrow(/exact columns alone/);
  });
});

/** The normals that a sample is made of: those of a matrix of zeros with λ = 1. */
async function drawn(P: number): Promise<Float64Array> {
  const { BlockMatrix, DiagonalBlock, wholeRegion } = await import('../../matrix/index.js');
  const layout = [{ name: 'w', shape: [P], offset: 0, size: P }];
  const zero = new BlockMatrix('diagonal', layout, [
    { region: wholeRegion(layout), block: new DiagonalBlock(new Float64Array(P)) },
  ]);
  return (await zero.sample(1, 7, 0)) as Float64Array;
}
