import { describe, expect, it } from 'vitest';
import { FimError } from '../core/errors.js';
import { tensor, type DType, type Tensor } from '../core/tensor.js';
import {
  families,
  getLikelihood,
  outputs,
  takeLabels,
  type Likelihood,
  type TargetOptions,
} from './index.js';

const categorical = getLikelihood('categorical');
const bernoulli = getLikelihood('bernoulli');
const gaussian = getLikelihood('gaussian', { variance: 2 });

function make(dtype: DType, shape: number[], values: number[]): Tensor {
  return tensor(dtype, shape, values);
}

function refusal(f: () => unknown): FimError {
  try {
    f();
  } catch (e) {
    if (e instanceof FimError) return e;
    throw e;
  }
  throw new Error('nothing was refused');
}

function read(l: Likelihood, y: Tensor, n: number, T: number, options?: TargetOptions): number[] {
  return [...l.readTargets(y, n, T, options).data];
}

describe('categorical targets', () => {
  it('classes in every integer type, as [N] or [N, 1]', () => {
    for (const dtype of ['int64', 'int32', 'uint8', 'int8'] as const) {
      expect(read(categorical, make(dtype, [3], [2, 0, 1]), 3, 3)).toEqual([2, 0, 1]);
      expect(read(categorical, make(dtype, [3, 1], [2, 0, 1]), 3, 3)).toEqual([2, 0, 1]);
    }
    expect(read(categorical, make('bool', [2], [1, 0]), 2, 2)).toEqual([1, 0]);
  });

  it('one-hot rows, float or integer, are classes', () => {
    for (const dtype of ['float32', 'float64', 'uint8'] as const) {
      const labels = categorical.readTargets(make(dtype, [2, 3], [0, 0, 1, 1, 0, 0]), 2, 3);
      expect(labels).toMatchObject({ count: 1, width: 1 });
      expect([...labels.data]).toEqual([2, 0]);
    }
  });

  it('soft rows are refused, or taken as expectations when asked', () => {
    const y = make('float64', [2, 3], [0, 1, 0, 0.25, 0.5, 0.25]);
    const e = refusal(() => categorical.readTargets(y, 2, 3, { where: 'data.npz: y' }));
    expect(e.code).toBe('targets/soft');
    expect(e.exitCode).toBe(3);
    expect(e.message).toContain('data.npz: y, example 1');
    expect(e.message).toContain("`softTargets: 'expectation'`");

    const labels = categorical.readTargets(y, 2, 3, { soft: 'expectation' });
    expect(labels.width).toBe(3);
    const h = outputs(Float64Array.of(0, 0, 0, 0, Math.log(2), 0), 2, 3);
    const delta = new Float64Array(6);
    categorical.residual(h, labels, delta);
    [-1 / 3, 2 / 3, -1 / 3, 0, 0, 0].forEach((d, i) => expect(delta[i]).toBeCloseTo(d, 15));
    const logp = new Float64Array(2);
    categorical.logProbability(h, labels, logp);
    expect(logp[0]).toBeCloseTo(-Math.log(3), 14);
    expect(logp[1]).toBeCloseTo(0.5 * Math.log(0.25) + 0.5 * Math.log(0.5), 14);
  });

  it.each([
    [
      'a class too large',
      make('int64', [3], [0, 5, 1]),
      3,
      'targets/range',
      ['example 1', 'from 0 to 2', '5'],
    ],
    ['classes from 1', make('int64', [3], [1, 3, 2]), 3, 'targets/range', ['numbered from 1 to 3', 'y - 1']],
    ['a missing label', make('int64', [3], [0, -1, 2]), 3, 'targets/range', ['example 1', 'no label']],
    ['too few', make('int64', [2], [0, 1]), 3, 'targets/count', ['3 examples', '2 targets']],
    ['classes as floats', make('float32', [3], [0, 1, 2]), 3, 'targets/kind', ["astype('int64')"]],
    ['real targets', make('float32', [3], [0.3, 1, 2]), 3, 'targets/kind', ["`likelihood: 'gaussian'"]],
    [
      'several labels a row',
      make('float32', [1, 3], [1, 1, 0]),
      1,
      'targets/value',
      ['example 0', 'bernoulli'],
    ],
    ['a NaN row', make('float32', [1, 3], [NaN, 1, 0]), 1, 'targets/value', ['example 0']],
    [
      'rows of another width',
      make('float32', [1, 4], [0, 1, 0, 0]),
      1,
      'targets/shape',
      ['[N, 3]', '3 outputs'],
    ],
    ['images', make('uint8', [1, 2, 2], [0, 1, 0, 0]), 1, 'targets/shape', ['[1, 2, 2]']],
    ['a scalar', make('int64', [], [0]), 1, 'targets/shape', ['[]']],
  ] as [string, Tensor, number, string, string[]][])('refuses %s', (_, y, n, code, parts) => {
    const e = refusal(() => categorical.readTargets(y, n, 3));
    expect(e.code).toBe(code);
    expect(e.exitCode).toBe(3);
    for (const part of parts) expect(e.message).toContain(part);
  });

  it('needs two outputs', () => {
    expect(refusal(() => categorical.checkOutputs(1)).message).toContain("`likelihood: 'bernoulli'");
    categorical.checkOutputs(2);
    bernoulli.checkOutputs(1);
  });
});

describe('bernoulli and gaussian targets', () => {
  it('any numeric type, [N] where T = 1', () => {
    expect(read(bernoulli, make('bool', [2], [1, 0]), 2, 1)).toEqual([1, 0]);
    expect(read(bernoulli, make('int64', [1, 3], [1, 0, 1]), 1, 3)).toEqual([1, 0, 1]);
    expect(read(bernoulli, make('float32', [2, 1], [1, 0]), 2, 1)).toEqual([1, 0]);
    expect(read(gaussian, make('float64', [2], [1.5, -3]), 2, 1)).toEqual([1.5, -3]);
    expect(read(gaussian, make('int32', [1, 2], [7, -3]), 1, 2)).toEqual([7, -3]);
  });

  it('does not share memory with the data', () => {
    const y = make('float64', [1], [1]);
    gaussian.readTargets(y, 1, 1).data[0] = 5;
    expect(y.data[0]).toBe(1);
  });

  it.each([
    [
      '-1/1 coding',
      bernoulli,
      make('int64', [2], [1, -1]),
      2,
      1,
      'targets/value',
      ['example 1', '(y + 1) / 2'],
    ],
    [
      'classes',
      bernoulli,
      make('int64', [2], [1, 3]),
      2,
      1,
      'targets/value',
      ['example 1', "`likelihood: 'categorical'"],
    ],
    [
      'classes for T outputs',
      bernoulli,
      make('int64', [2], [1, 3]),
      2,
      4,
      'targets/shape',
      ['[N, 4]', 'categorical'],
    ],
    [
      'a probability',
      bernoulli,
      make('float32', [1, 2], [1, 0.5]),
      1,
      2,
      'targets/value',
      ['0.5 for output 1'],
    ],
    ['NaN', gaussian, make('float32', [2], [1, NaN]), 2, 1, 'targets/value', ['example 1', 'finite']],
    ['infinity', gaussian, make('float32', [1], [Infinity]), 1, 1, 'targets/value', ['finite']],
    ['another width', gaussian, make('float32', [1, 3], [1, 2, 3]), 1, 2, 'targets/shape', ['[N, 2]']],
  ] as [string, Likelihood, Tensor, number, number, string, string[]][])(
    'refuses %s',
    (_, likelihood, y, n, T, code, parts) => {
      const e = refusal(() => likelihood.readTargets(y, n, T));
      expect(e.code).toBe(code);
      for (const part of parts) expect(e.message).toContain(part);
    },
  );
});

describe('takeLabels', () => {
  it('gathers rows in any order', () => {
    const labels = bernoulli.readTargets(make('int64', [3, 2], [0, 1, 1, 0, 1, 1]), 3, 2);
    expect([...takeLabels(labels, [2, 0]).data]).toEqual([1, 1, 0, 1]);
  });
});

describe('getLikelihood', () => {
  it.each([
    ['softmax', "`likelihood: 'categorical'"],
    ['Normal', "`likelihood: 'gaussian'"],
    ['bernouli', "`likelihood: 'bernoulli'"],
    ['CATEGORICAL', "`likelihood: 'categorical'"],
  ])('suggests for %s', (name, next) => {
    const e = refusal(() => getLikelihood(name));
    expect(e.code).toBe('likelihood/unknown');
    expect(e.exitCode).toBe(2);
    expect(e.message).toContain(next);
    for (const f of families) expect(e.message).toContain(f.name);
  });

  it('suggests nothing where nothing is near', () => {
    expect(refusal(() => getLikelihood('xyzzy')).complaint.next).toBeUndefined();
  });

  it('wants its options, all of them and no other', () => {
    expect(refusal(() => getLikelihood('gaussian')).message).toContain('`variance');
    for (const variance of [0, -1, NaN, Infinity, 1e-200]) {
      expect(refusal(() => getLikelihood('gaussian', { variance })).code).toBe('likelihood/option');
    }
    expect(refusal(() => getLikelihood('categorical', { variance: 1 })).message).toContain(
      "no option 'variance'",
    );
    expect(gaussian.options).toEqual({ variance: 2 });
  });
});

describe('outputs', () => {
  it('names the row of a number that is not finite', () => {
    const e = refusal(() => outputs(Float32Array.of(1, 2, 3, NaN, 5, 6), 3, 2));
    expect(e.code).toBe('likelihood/not-finite');
    expect(e.message).toContain('output 1 of row 1');
    expect(refusal(() => outputs(new Float32Array(5), 3, 2)).kind).toBe('internal');
  });

  it('may be longer than the batch; arrays to write into may not be shorter', () => {
    const h = outputs(Float32Array.of(1, 2, NaN), 1, 2);
    const eta = new Float64Array(2);
    bernoulli.mean(h, eta);
    expect(eta[1]).toBeCloseTo(1 / (1 + Math.exp(-2)), 15);
    expect(refusal(() => categorical.columns(h, new Float64Array(3), new Float64Array(2))).kind).toBe(
      'internal',
    );
  });
});
