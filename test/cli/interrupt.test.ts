/** Ctrl-C: what is known so far is shown and written, with exit code 130; before there is anything, a clean word. */
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { tensor } from '../../src/core/tensor.js';
import { readArrays, writeArrays } from '../../src/disk/index.js';
import { type EstimateJson, estimateOf, fim, oneObject, scratch } from './fim.js';

const { path, files } = scratch();
const exact = (batch: number, ...words: string[]) =>
  estimateOf(
    'digits-mlp-tanh',
    ...['--likelihood', 'categorical', '--estimator', 'exact', '--batch', String(batch), ...words],
  );

describe('fim estimate', () => {
  it('interrupted between two batches: valid JSON, files, 130', async () => {
    const abort = new AbortController();
    const out = path('part.npz');
    const report = path('part.html');
    // Groups of examples would cut the batches of eight.
    const ran = await fim(exact(8, '--json', '--no-groups', '--out', out, '--report', report), {
      signal: abort.signal,
      slow: true,
      onWord: (text) => {
        if (/\b3\d %/.test(text)) abort.abort();
      },
    });
    expect(ran.code).toBe(130);
    const json = oneObject<EstimateJson>(ran);
    expect(json.interrupted).toBe(true);
    expect(json.examples).toBe(40);
    expect(json.warnings.join()).toContain('interrupted after 40 of 128 examples');
    expect(json.trace.standardError).toBeGreaterThan(0);
    const file = readArrays(out);
    expect(file.manifest()).toMatchObject({ interrupted: true, examples: 40 });
    const total = json.tensors.reduce(
      (s, t) => s + (file.get(`fisher/${t.name}`).data as Float64Array).reduce((a, b) => a + b, 0),
      0,
    );
    expect(total / json.trace.value - 1).toBeLessThan(1e-5);
    expect(existsSync(report)).toBe(true);
    // The same as an estimate that was meant to be that short, but for what a forward pass over the others tells of its interval.
    const short = ['--examples', '40', '--visits', 'uniform'];
    const meant = oneObject<EstimateJson>(await fim(exact(8, '--json', '--quiet', ...short)));
    for (const key of ['value', 'standardError', 'labelError', 'dataError', 'skewness'] as const)
      expect(json.trace[key]).toBe(meant.trace[key]);
  });

  it.each(['small', 'ort'])('hears a signal of the event loop on the %s engine', async (engine) => {
    const abort = new AbortController();
    setImmediate(() => setImmediate(() => abort.abort()));
    const ran = await fim(exact(1, '--quiet', '--json', '--engine', engine), {
      signal: abort.signal,
    });
    expect(ran.code).toBe(130);
  });

  it('interrupted before the first batch: a clean word, nothing on standard output, nothing written', async () => {
    const ran = await fim(exact(8, '--out', path('none.npz'), '--json', '--quiet'), {
      signal: AbortSignal.abort(),
    });
    expect(ran).toEqual({
      code: 130,
      out: '',
      err: 'interrupted before the first batch was done: nothing is known, nothing was written\n',
    });
    expect(files().filter((f) => f.startsWith('none') || f.endsWith('.tmp'))).toEqual([]);
  });

  it('interrupted in the pilot: the pilot is what is known', async () => {
    let looks = 0;
    const signal = Object.defineProperty(new AbortController().signal, 'aborted', {
      get: () => looks++ >= 10,
    });
    const ran = await fim(exact(1, '--target-error', '10%', '--order', 'file', '--json', '--quiet'), {
      signal,
    });
    expect(ran.code).toBe(130);
    const json = oneObject<EstimateJson>(ran);
    expect(json).toMatchObject({ interrupted: true, examples: 10 });
    expect(json.trace.standardError).toBeGreaterThan(0);
  });
});

describe('what is computed with a Fisher', () => {
  const signal = AbortSignal.abort();
  const file = path('fisher.npz');
  const unresolved = 'interrupted before its error was known';

  it('spectrum: what takes n² is known, with no errors; what takes n³ says why it is not there', async () => {
    const words = estimateOf('digits-mlp-sigmoid-small', '--likelihood', 'categorical', '--form', 'kfac');
    expect((await fim([...words, '--out', file, '--quiet'])).code).toBe(0);
    const full = oneObject<{ trace: object }>(await fim(['spectrum', file, '--json']));
    const ran = await fim(['spectrum', file, '--json'], { signal });
    expect(ran.code).toBe(130);
    expect(oneObject(ran)).toMatchObject({
      interrupted: true,
      trace: { plugIn: (full.trace as { plugIn: number }).plugIn, standardError: null, unresolved },
      logdet: { value: null, unresolved: 'interrupted before it was computed' },
    });
  });

  it('compare: values with no errors', async () => {
    const ran = await fim(['compare', file, file, '--json'], { signal });
    expect(ran.code).toBe(130);
    expect(oneObject(ran)).toMatchObject({ interrupted: true, cosine: { plugIn: 1, unresolved } });
  });

  it('solve: a clean word, nothing written', async () => {
    const rhs = path('rhs.npz');
    writeArrays(rhs, new Map([['v', tensor('float64', [1, 113], new Float64Array(113).fill(1))]]), {});
    const out = path('solution.npz');
    const ran = await fim(['solve', file, '--rhs', rhs, '--out', out], { signal });
    expect(ran).toEqual({
      code: 130,
      out: '',
      err: 'interrupted after 0 of 1 solutions: nothing was written\n',
    });
    expect(existsSync(out)).toBe(false);
  });
});

it('fim inspect: a clean word, nothing on standard output', async () => {
  const [, model] = estimateOf('digits-mlp-tanh');
  const ran = await fim(['inspect', model], { signal: AbortSignal.abort() });
  expect(ran).toEqual({ code: 130, out: '', err: 'interrupted\n' });
});
