/** `estimate` of the library in every form: what is computed with it is that of its own dense matrix, and a saved file is read again. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { estimate, makeDataset, readArrays } from '../../src/index.js';
import { cholesky, choleskySolve, logDeterminant } from '../../src/linalg/index.js';
import { isFailure, recordOf } from '../../src/matrix/index.js';
import { expectClose } from './close.js';
import { fixture } from './fixtures.js';

const folder = mkdtempSync(join(tmpdir(), 'fim-form-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const { network, likelihood, x, n } = fixture('digits-mlp-double');
const dataset = makeDataset({ source: 'fixture', inputs: new Map([['x', x]]) });
const LAMBDA = 0.05;

describe.each(['unit', 'block', 'kfac', 'ekfac', 'dense'] as const)('%s', (form) => {
  it('computes with its matrix, with errors', async () => {
    const fisher = await estimate(network, likelihood, dataset, { form, population: 'distribution' });
    const P = fisher.size;
    const dense = (await fisher.toDense()) as Float64Array;
    const v = Float64Array.from({ length: P }, (_, i) => Math.sin(i));
    const Fv = Float64Array.from({ length: P }, (_, i) =>
      v.reduce((sum, value, j) => sum + dense[i * P + j] * value, 0),
    );
    expectClose(await fisher.multiply(v), Fv, 1e-10);
    const damped = dense.map((value, i) => value + (i % (P + 1) === 0 ? LAMBDA : 0));
    const L = cholesky(damped, P);
    const solved = await fisher.solve(v, LAMBDA);
    if (isFailure(solved)) throw new Error('no solution');
    expectClose(solved.solution, choleskySolve(L, P, v), 1e-10);
    const logdet = await fisher.logdet(LAMBDA);
    expect(logdet.plugIn / logDeterminant(L, P)).toBeCloseTo(1, 10);
    const trace = await fisher.trace();
    expect(trace.plugIn).toBeCloseTo(
      dense.reduce((s, value, i) => s + (i % (P + 1) === 0 ? value : 0), 0),
      10,
    );
    expect(trace.standardError).toBeGreaterThan(0);
    if (form !== 'kfac') expect(trace.plugIn / fisher.diagonal.trace.value).toBeCloseTo(1, 10);
    expect((await fisher.top(2)).values[0]).toBeGreaterThan(0);
    expect(fisher.diagonal.examples).toBe(n);
    const path = join(folder, `${form}.npz`);
    fisher.save(path);
    const file = readArrays(path);
    const record = recordOf(file.names, (name) => file.get(name).shape, file.manifest(), path);
    expect(record.form).toBe(form);
  });
});
