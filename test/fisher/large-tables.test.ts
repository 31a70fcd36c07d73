/**
 * Tables of more rows than a matrix of inputs is kept of, the limit at four: what is kept is the diagonal of what is kept below the limit, and
 * all that is computed with it is that of the dense matrix.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { tensor } from '../../src/core/tensor.js';
import { formatArrays, openArrays } from '../../src/data/arrays.js';
import { createSmallEngine } from '../../src/engine/small/index.js';
import { formErrors } from '../../src/fisher/form-error/form-errors.js';
import type { LayersEstimate } from '../../src/fisher/forms/layers/estimate.js';
import { basesFrom, basesOf } from '../../src/fisher/forms/layers/basis.js';
import { basisArrays } from '../../src/fisher/forms/layers/arrays.js';
import type { Bases, LayerForm } from '../../src/fisher/forms/layers/items.js';
import { estimateLayers, type LayersOptions } from '../../src/fisher/forms/layers/layers.js';
import { sumsFromArrays, sumsToArrays } from '../../src/fisher/sums/arrays.js';
import { estimateFromSums } from '../../src/fisher/sums/estimate.js';
import type { FisherSums } from '../../src/fisher/forms/sums.js';
import { layersSums } from '../../src/fisher/sums/make.js';
import { mergeSums } from '../../src/fisher/sums/merge.js';
import { N, ops as b } from '../../src/graph/index.js';
import { estimate, makeDataset, readArrays } from '../../src/index.js';
import { getLikelihood } from '../../src/likelihood/index.js';
import { cholesky, choleskySolve, logDeterminant, symmetricEigenvalues } from '../../src/linalg/index.js';
import { innerProduct, isFailure, matrixOf, recordOf } from '../../src/matrix/index.js';
import { squaredDistance } from '../../src/matrix/distance.js';
import { expectClose } from './close.js';
import { sourceOf } from './examples.js';
import { model } from './networks.js';

const rows = vi.hoisted(() => ({ limit: 4 }));
vi.mock('../../src/scores/factor-rows.js', async (original) => ({
  ...(await original<object>()),
  get MOST_UNIT_ROWS() {
    return rows.limit;
  },
}));
beforeEach(() => void (rows.limit = 4));

const engine = createSmallEngine();
const [SMALL, LARGE] = [1024, 4];

/** A table [7, 3] of which an example picks a row at each of R positions, some again, none the last. */
const table = (R: number) =>
  model('table', getLikelihood('categorical'), [N, R], { E: [7, 3], V: [3, 4] }, (x, p) => {
    const bound = (v: number) => b.scalar(v, 'float64');
    const ids = b.cast(b.maximum(b.minimum(b.scale(x, 2), bound(5)), bound(-5)), 'int64');
    return b.matmul(b.reduceSum(b.tanh(b.gather(p.E, ids, 0)), [1]), p.V);
  });

type Given = Partial<Omit<LayersOptions, 'formOf'>> & { readonly form?: LayerForm };

function run(limit: number, R: number, { form = 'kfac', ...more }: Given): Promise<LayersEstimate> {
  rows.limit = limit;
  const { network, likelihood, x } = table(R);
  return estimateLayers(engine, network, likelihood, sourceOf(x), {
    ...{ estimator: 'exact', populationSize: 40, batch: 5, seed: 3 },
    ...more,
    formOf: () => form,
  });
}

const arrayOf = ({ arrays }: LayersEstimate, name: string) => {
  const found = arrays.find((a) => a.name === name);
  if (!found) throw new Error(`no ${name} among ${arrays.map((a) => a.name).join(', ')}`);
  return found;
};

const diagonalOf = (a: Float64Array | null, n: number) => a && a.filter((_, i) => i % (n + 1) === 0);
const unit = (n: number) => Float64Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0));
const weights = Float64Array.from({ length: 16 }, (_, i) => 0.5 + (i % 3) / 2);
const WHICH = ['value', 'labelError', 'dataError', 'standardError'] as const;

describe.each([1, 5])('at %i positions', (R) => {
  it.each([
    ['exact', undefined],
    ['exact', weights],
    ['type1', undefined],
    ['type1', weights],
    ['rademacher', undefined],
  ] as const)('A is kept as its diagonal, %s %#', async (estimator, w) => {
    const asked = { estimator, weights: w, labels: 2 };
    const [small, large] = [await run(SMALL, R, asked), await run(LARGE, R, asked)];
    const A = arrayOf(small, 'kfac/E/A');
    const own = arrayOf(large, 'kfac/E/A_diagonal');
    expect(own.shape).toEqual([7]);
    expect(large.arrays.map((a) => a.name)).not.toContain('kfac/E/A');
    for (const which of WHICH) {
      expectClose(own[which] ?? [], diagonalOf(A[which], 7) ?? [], 1e-12, which);
      const [g, want] = [large, small].map((e) => arrayOf(e, 'kfac/E/G')[which]);
      expectClose(g ?? [], want ?? [], 1e-12, which);
    }
    // Off the diagonal there is nothing to leave out.
    expect(A.value.every((v, i) => v === 0 || i % 8 === 0)).toBe(true);
  });

  it.each(['exact', 'type1', 'rademacher'] as const)('scales in the basis of G, %s', async (estimator) => {
    const asked = { estimator, labels: 2, form: 'ekfac' } as const;
    const bases = basesOf(await run(LARGE, R, { form: 'ekfac' }));
    expect(bases.get('E')?.A).toBeNull();
    const full: Bases = new Map([...bases].map(([k, v]) => [k, { ...v, A: v.A ?? unit(7) }]));
    const [small, large] = [
      await run(SMALL, R, { ...asked, bases: full }),
      await run(LARGE, R, { ...asked, bases }),
    ];
    for (const which of WHICH) {
      const [s, want] = [large, small].map((e) => arrayOf(e, 'ekfac/E/scale'));
      expect(s.shape).toEqual([3, 7]);
      expectClose(s[which] ?? [], want[which] ?? [], 1e-9, which);
    }
  });
});

it('a basis is read again from its file, or from factors', async () => {
  const factors = await run(LARGE, 5, { form: 'ekfac' });
  const bases = basesOf(factors);
  const names = [...basisArrays(bases).keys()];
  expect(names).not.toContain('ekfac/E/basis_A');
  for (const arrays of [
    basisArrays(bases),
    new Map(factors.arrays.map(({ name, shape, value }) => [name, tensor('float64', [...shape], value)])),
  ]) {
    const file = {
      where: 'a file',
      names: [...arrays.keys()],
      get: (name: string) => arrays.get(name) as ReturnType<typeof tensor>,
    };
    expect(basesFrom(file, factors.layers)).toEqual(bases);
  }
});

it('what takes a matrix of the inputs has the diagonal', async () => {
  for (const given of [{ form: 'unit' }, { sharing: 'reduce' }] as const) {
    const { layers } = await run(LARGE, 5, given);
    expect(layers.find(({ weight }) => weight === 'E')?.form).toBe('block');
  }
  // At one position the mean of the inputs is the input.
  expect((await run(LARGE, 1, { sharing: 'reduce' })).layers[0].form).toBe('kfac');
});

describe.each(['kfac', 'ekfac'] as const)('%s', (form) => {
  const folder = mkdtempSync(join(tmpdir(), 'fim-table-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const { network, likelihood, x } = table(5);
  const dataset = makeDataset({ source: 'fixture', inputs: new Map([['x', x]]) });

  it.each(['exact', 'split'] as const)('computes with its matrix, damping %s', async (kroneckerDamping) => {
    const of = { form, kroneckerDamping, population: 'distribution' } as const;
    const fisher = await estimate(network, likelihood, dataset, of);
    const P = fisher.size;
    const dense = (await fisher.toDense()) as Float64Array;
    if (form === 'kfac') {
      const [a, G] = [fisher.arrays.get('kfac/E/A_diagonal')!, fisher.arrays.get('kfac/E/G')!];
      for (let at = 0; at < 21 * 21; at++) {
        const [i, j] = [Math.floor(at / 21), at % 21];
        const [v, o, w, q] = [Math.floor(i / 3), i % 3, Math.floor(j / 3), j % 3];
        const want = v === w ? Number(a.data[v]) * Number(G.data[o * 3 + q]) : 0;
        expect(Math.abs(dense[i * P + j] - want)).toBeLessThan(1e-14);
      }
    }
    const v = Float64Array.from({ length: P }, (_, i) => Math.sin(i));
    const product = (M: Float64Array) =>
      Float64Array.from({ length: P }, (_, i) => v.reduce((sum, w, j) => sum + M[i * P + j] * w, 0));
    expectClose(await fisher.multiply(v), product(dense), 1e-10);
    const trace = dense.reduce((s, value, i) => s + (i % (P + 1) === 0 ? value : 0), 0);
    expect((await fisher.trace()).plugIn).toBeCloseTo(trace, 10);
    expect((await fisher.frobenius()).plugIn).toBeCloseTo(Math.hypot(...dense), 10);
    const eigen = symmetricEigenvalues(dense, P).reverse();
    const top = await fisher.top(5);
    expectClose(top.values, eigen.subarray(0, 5), 1e-10);
    for (const [k, u] of top.vectors.entries())
      expectClose(
        await fisher.multiply(u),
        u.map((w) => w * top.values[k]),
        1e-10,
      );
    const lambda = 0.05;
    const L = rootOf(matrixOf(fisher.arrays, recordFor(fisher), kroneckerDamping), lambda);
    // LLᵀ = (F + λ)⁻¹, of which all else follows.
    const inverse = new Float64Array(P * P);
    for (let i = 0; i < P; i++)
      for (let j = 0; j < P; j++) for (let k = 0; k < P; k++) inverse[i * P + j] += L[k][i] * L[k][j];
    const solved = await fisher.solve(v, lambda);
    if (isFailure(solved)) throw new Error('no solution');
    expectClose(solved.solution, product(inverse), 1e-10);
    const logdet = await fisher.logdet(lambda);
    expect(logdet.plugIn).toBeCloseTo(-logDeterminant(cholesky(inverse, P), P), 8);
    if (kroneckerDamping === 'split' && form === 'kfac') return;
    const damped = dense.map((value, i) => value + (i % (P + 1) === 0 ? lambda : 0));
    expectClose(solved.solution, choleskySolve(cholesky(damped, P), P, v), 1e-10);
    const dimension = eigen.reduce((sum, s) => sum + s / (s + lambda), 0);
    expect((await fisher.effectiveDimension(lambda)).plugIn).toBeCloseTo(dimension, 9);
  });

  it('is saved, read and compared', async () => {
    const fisher = await estimate(network, likelihood, dataset, { form, population: 'distribution' });
    const dense = (await fisher.toDense()) as Float64Array;
    for (const ending of ['npz', 'safetensors']) {
      const path = join(folder, `${form}.${ending}`);
      fisher.save(path);
      const file = readArrays(path);
      const arrays = new Map(file.names.map((name) => [name, file.get(name)]));
      const record = recordOf(file.names, (name) => file.get(name).shape, file.manifest(), path);
      const read = matrixOf(arrays, record);
      expect(await read.toDense()).toEqual(dense);
      rows.limit = SMALL;
      const other = await estimate(table(5).network, likelihood, dataset, {
        form,
        population: 'distribution',
      });
      rows.limit = LARGE;
      const whole = matrixOf(other.arrays, recordFor(other));
      const want = dense.reduce((sum, w) => sum + w * w, 0);
      for (const [p, q] of [
        [read, read],
        [read, whole],
        [whole, read],
      ])
        expect(Number(await innerProduct(p, q)) / want).toBeCloseTo(1, 10);
      expect(squaredDistance(read, read)).toBe(0);
      if (form !== 'kfac') continue;
      for (const one of [squaredDistance(read, whole), squaredDistance(whole, read)])
        expect(Number(one) / want).toBeLessThan(1e-20);
    }
  });
});

it.each(['kfac', 'ekfac'] as const)('parts of %s merge, through files', async (form) => {
  const { network, likelihood, x } = table(5);
  const bases = form === 'ekfac' ? basesOf(await run(LARGE, 5, { form })) : undefined;
  const part = (from: number, to: number) =>
    layersSums(
      engine,
      network,
      likelihood,
      sourceOf(
        x,
        [...Array(to - from).keys()].map((i) => i + from),
      ),
      {
        ...{ estimator: 'type1', labels: 2, seed: 5, populationSize: 40, batch: 3, formOf: () => form },
        ...(bases ? { bases } : {}),
      },
    );
  const through = (s: Awaited<ReturnType<typeof part>>) => {
    const { arrays, manifest } = sumsToArrays(s);
    return sumsFromArrays(
      openArrays(formatArrays('npz', arrays, manifest, 'a part'), 'a part.npz'),
    ) as FisherSums<'layers'>;
  };
  const whole = estimateFromSums(await part(0, 16));
  const merged = estimateFromSums(mergeSums(through(await part(0, 7)), through(await part(7, 16))));
  for (const { name, value, standardError } of merged.arrays) {
    expectClose(value, arrayOf(whole, name).value, 1e-12, name);
    expectClose(standardError ?? [], arrayOf(whole, name).standardError ?? [], 1e-10, name);
  }
});

describe.each([1, 5])('ε at %i positions', (R) => {
  it.each(['data', 'distribution'] as const)('is that of the factors in full, %s', async (population) => {
    const errors = async (limit: number) => {
      rows.limit = limit;
      const { network, likelihood, x } = table(R);
      const asked = { population, populationSize: 16, examples: 16 };
      return (await formErrors(engine, network, likelihood, sourceOf(x), asked)).layers[0].forms;
    };
    const [small, large] = [await errors(SMALL), await errors(LARGE)];
    const square = (e: number | null | undefined) => (e ?? NaN) ** 2;
    for (const form of ['diagonal', 'kfac', 'block'] as const)
      expect(square(large[form]?.error)).toBeCloseTo(square(small[form]?.error), 10);
    // Where frequencies are alike, the vectors of a matrix of them are of no basis in particular.
    expect(square(large.ekfac?.error)).toBeLessThanOrEqual(square(large.kfac?.error) + 1e-12);
    expect(large.unit?.error).toBe(large.diagonal?.error);
    expect(large.kfac?.numbers).toBe(7 + 9);
    if (R > 1) expect(large['kfac-reduce']?.error).toBe(large.diagonal?.error);
  });
});

/** Record of an estimate by its arrays. */
function recordFor({
  arrays,
  manifest,
}: Pick<Awaited<ReturnType<typeof estimate>>, never> & {
  readonly arrays: ReadonlyMap<string, ReturnType<typeof tensor>>;
  readonly manifest: Readonly<Record<string, unknown>>;
}) {
  return recordOf([...arrays.keys()], (a) => arrays.get(a)!.shape, manifest, 'estimate');
}

/** Columns of L. */
function rootOf(matrix: ReturnType<typeof matrixOf>, lambda: number): Float64Array[] {
  return Array.from({ length: matrix.size }, (_, i) => {
    const e = new Float64Array(matrix.size);
    e[i] = 1;
    const column = matrix.root(e, lambda);
    if (isFailure(column)) throw new Error(column.failed);
    return column;
  });
}
