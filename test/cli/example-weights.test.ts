/** `--example-weights` as a user gives it: arrays and columns, what is printed and stored, what is refused. */
import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readArrays } from '../../src/disk/index.js';
import { f32, f64, info, node } from '../onnx/builder.js';
import {
  type EstimateJson,
  expectComplaint,
  fim,
  fimJson,
  scratch,
  wave,
  writeModel,
  writeNpz,
} from './fim.js';

const { path } = scratch();
const N = 6;
const X = wave(N, 2);
const W = [0, 1, 4, 0.5, 2, 1];
const model = writeModel(path('net.onnx'), {
  inputs: [info('x', 'float32', ['n', 2])],
  outputs: ['h'],
  nodes: [node('MatMul', ['x', 'K'], 'h')],
  weights: { K: f32([2, 1], [0.4, -0.7]) },
});
const npz = (name: string, w: readonly number[]) => writeNpz(path(name), { x: X, w: f64([w.length], w) });
const words = ['--likelihood', 'gaussian', '--variance', '2', '--estimator', 'exact', '--dtype', 'float64'];
const weighted = (data: string, ...more: string[]) => [
  'estimate',
  model,
  data,
  ...words,
  '--example-weights',
  'w',
  ...more,
];

/** f of an example is ‖x‖²/σ². */
const f = Array.from({ length: N }, (_, i) => (X.data[2 * i] ** 2 + X.data[2 * i + 1] ** 2) / 2);
const sum = W.reduce((s, w) => s + w, 0);
const mean = f.reduce((s, y, i) => s + W[i] * y, 0) / sum;
const error = Math.sqrt((5 / 4) * f.reduce((s, y, i) => s + (W[i] * (y - mean)) ** 2, 0)) / sum;

type Weighted = EstimateJson & { effectiveExamples: number };

describe('--example-weights', () => {
  it('an array of the file: Σwf/Σw, its error, effective n in JSON, text and manifest', async () => {
    const data = npz('data.npz', W);
    const e = await fimJson<Weighted>(weighted(data, '--out', path('f.npz')));
    expect(e.trace.value).toBeCloseTo(mean, 12);
    expect(e.trace.standardError).toBeCloseTo(error, 12);
    expect(e.examples).toBe(5);
    expect(e.effectiveExamples).toBeCloseTo(sum ** 2 / W.reduce((s, w) => s + w * w, 0), 12);
    const { out, err } = await fim(weighted(data));
    expect(out).toContain('worth 3.247');
    expect(err).toContain('1 of 6 examples have weight 0');
    const manifest = readArrays(path('f.npz')).manifest() as Record<string, unknown>;
    expect(manifest.effectiveExamples).toBe(e.effectiveExamples);
    const dense = await fimJson<Weighted>(weighted(data, '--form', 'dense', '--out', path('d.npz')));
    expect(dense.trace.value).toBe(e.trace.value);
    const matrix = readArrays(path('d.npz')).get('fisher_dense').data as Float64Array;
    expect(matrix[0] + matrix[3]).toBeCloseTo(mean, 12);
  });

  it('a column of a table, and equal ones change nothing', async () => {
    const rows = Array.from({ length: N }, (_, i) => [X.data[2 * i], W[i], X.data[2 * i + 1]].join(','));
    writeFileSync(path('data.csv'), ['a,w,b', ...rows].join('\n'));
    const e = await fimJson<Weighted>(weighted(path('data.csv')));
    expect(e.trace.value).toBeCloseTo(mean, 12);
    const plain = await fimJson(['estimate', model, npz('plain.npz', W), ...words]);
    const equal = await fimJson<Weighted>(
      weighted(
        npz(
          'equal.npz',
          W.map(() => 0.3),
        ),
      ),
    );
    expect([equal.trace, equal.effectiveExamples]).toEqual([plain.trace, N]);
  });

  it('a target error is planned with them', async () => {
    const many = writeNpz(path('many.npz'), {
      x: wave(400, 2),
      w: f64([400], [...wave(400).data].map(Math.abs)),
    });
    const e = await fimJson<Weighted>(weighted(many, '--target-error', '5%'));
    expect((e.trace.standardError as number) / e.trace.value).toBeLessThan(0.053);
    expect(e.examples).toBeLessThan(400);
  });

  it.each([
    ['negative', [1, 1, 1, -1, 1, 1], ['-1 for example 3']],
    ['NaN', [1, 1, NaN, 1, 1, 1], ['NaN for example 2']],
    ['zeros', [0, 0, 0, 0, 0, 0], ['only zeros']],
    ['short', [1, 2], ['same number of examples', 'example weights']],
  ])('%s: refused', async (name, w, says) => {
    expectComplaint(await fim(weighted(npz(`${name}.npz`, w))), { code: 3, says });
  });

  it('an array that is not there is answered with those that are', async () => {
    const data = writeNpz(path('none.npz'), { x: X });
    expectComplaint(await fim(weighted(data)), { code: 3, says: ['named w', 'x float32 [6, 2]'] });
  });
});
