/** `fim estimate --form dense`: where the matrix goes, that it agrees with the diagonal, and how it is ended. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openNpz } from '../../src/data/npz.js';
import { estimateOf, expectComplaint, fim, fimJson, scratch } from './fim.js';

const { path } = scratch();
const SMALL = ['--likelihood', 'categorical', '--form', 'dense'];

describe('--form dense', () => {
  it('without a file says its rank, condition and eigenvalues, in 80 columns', async () => {
    const ran = await fim(estimateOf('digits-mlp-sigmoid-small', ...SMALL, '--dtype', 'float64'));
    expect(ran.code, ran.err).toBe(0);
    const lines = ran.out.trimEnd().split('\n').slice(-3);
    expect(lines[0]).toMatch(/^matrix 113 × 113 over \d+ examples: rank \d+, condition \S+ on its range$/);
    expect(lines[1]).toMatch(/^largest eigenvalues( \S+,?){5}$/);
    expect(lines[2]).toBe('rank: eigenvalues above 2.5e−14 of the largest, P·2⁻⁵²');
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
  });

  it('by layer is refused before anything is computed', async () => {
    const ran = await fim(estimateOf('digits-mlp-sigmoid-small', ...SMALL, '--estimator', 'auto'));
    expectComplaint(ran, { code: 2, says: ['--form dense', 'rademacher', 'empirical'] });
  });

  it.each([
    ['signs with exact pairs', ['--estimator', 'rademacher', '--exact-pairs', '2', '--labels', '2']],
    ['signs on classes', ['--estimator', 'rademacher', '--root', 'class']],
    ['the labels of the data', ['--estimator', 'empirical']],
    ['type 1', ['--estimator', 'type1', '--labels', '2', '--error', 'sampled']],
  ])('%s: draws what the diagonal draws', async (_, flags) => {
    const out = path('drawn.npz');
    const words = estimateOf('digits-mlp-sigmoid-small', ...SMALL, '--dtype', 'float64', '--out', out);
    const ran = await fim([...words, '--examples', '60', ...flags]);
    expect(ran.code, ran.err).toBe(0);
    const file = openNpz(new Uint8Array(readFileSync(out)), out);
    const names = file.names.filter((name) => name.startsWith('fisher/')).map((name) => name.slice(7));
    for (const quantity of ['fisher', 'data_se', 'label_se']) {
      const dense = file.get(`${quantity}_dense`).data as Float64Array;
      const diagonal = names.flatMap((name) => [...(file.get(`${quantity}/${name}`).data as Float64Array)]);
      const P = diagonal.length;
      const largest = Math.max(...diagonal);
      diagonal.forEach((v, i) =>
        expect(Math.abs(dense[i * P + i] - v), `${quantity} ${i}`).toBeLessThanOrEqual(1e-9 * largest),
      );
    }
  });

  it('has the diagonal on its diagonal, and says its rank and largest eigenvalues', async () => {
    const out = path('dense.npz');
    const words = estimateOf('digits-mlp-sigmoid-small', ...SMALL, '--dtype', 'float64', '--out', out);
    const ran = await fim(words);
    expect(ran.code, ran.err).toBe(0);
    expect(ran.out).toMatch(/^matrix 113 × 113 over \d+ examples: rank \d+, condition \S+ on its range$/m);
    const file = openNpz(new Uint8Array(readFileSync(out)), out);
    const P = 113;
    const names = file.names.filter((name) => name.startsWith('fisher/')).map((name) => name.slice(7));
    for (const quantity of ['fisher', 'data_se', 'label_se']) {
      const dense = file.get(`${quantity}_dense`).data as Float64Array;
      const diagonal = names.flatMap((name) => [...(file.get(`${quantity}/${name}`).data as Float64Array)]);
      expect(diagonal).toHaveLength(P);
      diagonal.forEach((v, i) => {
        expect(Math.abs(dense[i * P + i] - v)).toBeLessThanOrEqual(1e-9 * Math.abs(v));
      });
    }
    const json = await fimJson<{ dense: { rank: number; eigenvalues: number[] }; trace: { value: number } }>(
      words,
    );
    expect(json.dense.rank).toBeLessThanOrEqual(P);
    expect(json.dense.eigenvalues[0]).toBeLessThan(json.trace.value);
  });

  it('stops with what is known, and exit code 130', async () => {
    const stop = new AbortController();
    const words = estimateOf('diabetes-regression', '--likelihood', 'gaussian', '--variance', '1');
    const out = path('cut.npz');
    setTimeout(() => stop.abort(), 0);
    const ran = await fim([...words, '--form', 'dense', '--batch', '8', '--out', out, '--json'], {
      signal: stop.signal,
    });
    expect(ran.code, ran.err).toBe(130);
  });
});
