/** Labels and settings per class or output: names of classes, soft labels, weights of the loss, variances, columns by name. */
import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { formatNpy } from '../../src/data/npy.js';
import { formatZip } from '../../src/data/zip.js';
import { readArrays } from '../../src/disk/index.js';
import { f32, f64, i64, info, node } from '../onnx/builder.js';
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
const N = 5;
const X = wave(N, 2);
const K = [0.4, -0.7, 0.2, 0.9, -0.3, 0.5];
const linear = (T: number) =>
  writeModel(path(`linear${T}.onnx`), {
    inputs: [info('x', 'float32', ['n', 2])],
    outputs: ['h'],
    nodes: [node('MatMul', ['x', 'K'], 'h')],
    weights: { K: f32([2, T], K.slice(0, 2 * T)) },
  });
const row = (e: number) => [Number(X.data[2 * e]), Number(X.data[2 * e + 1])];
const h = (e: number, T: number) =>
  Array.from({ length: T }, (_, a) => row(e).reduce((s, v, i) => s + v * Math.fround(K[i * T + a]), 0));
const norm = (e: number) => row(e).reduce((s, v) => s + v * v, 0);
const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));
const softmax = (z: number[]) => {
  const e = z.map(Math.exp);
  const sum = e.reduce((s, v) => s + v, 0);
  return e.map((v) => v / sum);
};
const mean = (f: (e: number) => number) =>
  Array.from({ length: N }, (_, e) => f(e)).reduce((s, v) => s + v, 0) / N;
const empirical = ['--estimator', 'empirical', '--dtype', 'float64'];
const run = (T: number, data: string, ...more: string[]) =>
  fimJson(['estimate', linear(T), data, '--dtype', 'float64', ...more]);
const Y = [0, 2, 1, 2, 0];

describe('--class-weights', () => {
  const data = writeNpz(path('classes.npz'), { x: X, y: i64(...Y) });
  const words = ['--likelihood', 'categorical', ...empirical];
  const right = (w: number[]) =>
    mean((e) => {
      const p = softmax(h(e, 3));
      return w[Y[e]] ** 2 * p.reduce((s, v, c) => s + ((c === Y[e] ? 1 : 0) - v) ** 2, 0) * norm(e);
    });

  it('multiply the loss: the square of a score by the square of its weight', async () => {
    const plain = await fimJson(['estimate', linear(3), data, ...words]);
    expect(plain.trace.value).toBeCloseTo(right([1, 1, 1]), 12);
    const e = await fimJson<EstimateJson & { classWeights: number[] }>([
      'estimate',
      linear(3),
      data,
      ...words,
      '--class-weights',
      '1,16,0.5',
    ]);
    expect(e.trace.value).toBeCloseTo(right([1, 16, 0.5]), 12);
    expect(e.classWeights).toEqual([1, 16, 0.5]);
  });

  it('under bernoulli those of 0 and 1', async () => {
    const y = [0, 1, 1, 0, 1];
    const one = writeNpz(path('binary.npz'), { x: X, y: i64(...y) });
    const e = await run(
      1,
      one,
      '--likelihood',
      'bernoulli',
      '--estimator',
      'empirical',
      '--class-weights',
      '1,3',
    );
    const want = mean((i) => ((y[i] ? 3 : 1) * (y[i] - sigmoid(h(i, 1)[0]))) ** 2 * norm(i));
    expect(e.trace.value).toBeCloseTo(want, 12);
  });

  it.each([
    ['another estimator', ['--estimator', 'exact', '--class-weights', '1,2,3'], ['no likelihood']],
    ['none', ['--class-weights', '1,2,3'], ['--estimator empirical']],
    ['too few', ['--estimator', 'empirical', '--class-weights', '1,2'], ['each of the 3']],
    ['negative', ['--estimator', 'empirical', '--class-weights', '1,-2,3'], ['at least 0']],
    ['zeros', ['--estimator', 'empirical', '--class-weights', '0,0,0'], ['only zeros']],
  ])('%s: refused', async (_, more, says) => {
    expectComplaint(await fim(['estimate', linear(3), data, '--likelihood', 'categorical', ...more]), {
      code: 2,
      says,
    });
  });
});

it('soft labels of Bernoulli outputs are expectations where that is said', async () => {
  const y = [0.69, 0, 1, 0.25, 0.5, 0.9, 0.1, 1, 0, 0.3];
  const data = writeNpz(path('soft.npz'), { x: X, y: f64([N, 2], y) });
  const words = ['--likelihood', 'bernoulli', '--estimator', 'empirical'];
  expectComplaint(await fim(['estimate', linear(2), data, ...words]), {
    code: 3,
    says: ['0.69', '--soft-targets expectation'],
  });
  const e = await run(2, data, ...words, '--soft-targets', 'expectation');
  const want = mean((i) => h(i, 2).reduce((s, z, a) => s + (y[2 * i + a] - sigmoid(z)) ** 2, 0) * norm(i));
  expect(e.trace.value).toBeCloseTo(want, 12);
});

describe('--variance for each output', () => {
  const data = writeNpz(path('real.npz'), { x: X, y: wave(N, 3) });
  const words = ['--likelihood', 'gaussian', '--variance', '1,4,9'];

  it('weighs each by its own', async () => {
    const want = (1 + 1 / 4 + 1 / 9) * mean(norm);
    for (const estimator of ['exact', 'rademacher'] as const) {
      const e = await run(3, data, ...words, '--estimator', estimator, '--out', path('v.npz'));
      if (estimator === 'exact') expect(e.trace.value).toBeCloseTo(want, 12);
      else expect(Math.abs(e.trace.value - want)).toBeLessThan(5 * (e.trace.labelError ?? 0) + 1e-9);
    }
    const e = await run(3, data, ...words, '--estimator', 'type1', '--labels', '4000');
    expect(Math.abs(e.trace.value - want)).toBeLessThan(4.5 * (e.trace.labelError as number));
    const given = await run(3, data, ...words, '--estimator', 'empirical');
    const t = wave(N, 3).data;
    const right = mean(
      (i) => norm(i) * h(i, 3).reduce((s, m, a) => s + ((t[3 * i + a] - m) / [1, 4, 9][a]) ** 2, 0),
    );
    expect(given.trace.value).toBeCloseTo(right, 12);
    const manifest = readArrays(path('v.npz')).manifest() as {
      likelihoodOptions: unknown;
      command: { options: { variance: unknown } };
    };
    expect([manifest.likelihoodOptions, manifest.command.options.variance]).toEqual([
      { variance: [1, 4, 9] },
      [1, 4, 9],
    ]);
  });

  it('equal ones are one, a wrong number of them is refused', async () => {
    const [one, same] = await Promise.all(
      ['4', '4,4,4'].map((v) =>
        run(3, data, '--likelihood', 'gaussian', '--variance', v, '--estimator', 'exact'),
      ),
    );
    expect(same.trace).toEqual(one.trace);
    const likelihood = ['--likelihood', 'gaussian', '--variance'];
    expectComplaint(await fim(['estimate', linear(3), data, ...likelihood, '1,2']), {
      code: 2,
      says: ['each of', '3'],
    });
    expectComplaint(await fim(['estimate', linear(3), data, ...likelihood, '1,0,2']), {
      code: 2,
      says: ['above 0'],
    });
  });

  it('goes with the file that fim trains', async () => {
    const table = path('real.csv');
    const t = wave(40, 4).data;
    const rows = Array.from({ length: 40 }, (_, i) => [...t.slice(4 * i, 4 * i + 4)].join(','));
    writeFileSync(table, ['a,b,u,v', ...rows].join('\n'));
    const model = path('two.onnx');
    const targets = ['--target-column', 'u,v'];
    await fimJson([
      'train',
      table,
      ...targets,
      '--likelihood',
      'gaussian',
      '--variance',
      '1,4',
      '--hidden',
      '3',
      '--out',
      model,
    ]);
    const e = await fimJson<EstimateJson & { likelihoodOptions: unknown }>([
      'estimate',
      model,
      table,
      ...targets,
    ]);
    expect(e.likelihoodOptions).toEqual({ variance: [1, 4] });
  });
});

describe('--classes', () => {
  const names = ['cat', 'dog', 'eel'];
  const words = ['--likelihood', 'categorical', ...empirical];
  const npz = writeNpz(path('indices.npz'), { x: X, y: i64(...Y) });
  const csv = (name: string, label: (k: number) => string) => {
    const rows = Y.map((k, e) => [...row(e), label(k)].join(','));
    writeFileSync(path(name), ['a,b,kind', ...rows].join('\n'));
    return path(name);
  };

  it('words, numbers as words, and other numbers are classes in the order given', async () => {
    const want = (await fimJson(['estimate', linear(3), npz, ...words])).trace.value;
    const target = ['--target-column', 'kind'];
    const cases: [string, string][] = [
      [csv('words.csv', (k) => names[k]), 'cat,dog,eel'],
      [csv('sevens.csv', (k) => String([7, 3, 9][k])), '7,3,9'],
      [csv('floats.csv', (k) => `${[7, 3, 9][k]}.0`), '7,3,9'],
    ];
    for (const [file, classes] of cases) {
      const e = await fimJson(['estimate', linear(3), file, ...target, ...words, '--classes', classes]);
      expect(e.trace.value).toBeCloseTo(want, 6);
    }
    const other = writeNpz(path('nines.npz'), { x: X, y: i64(...Y.map((k) => [7, 3, 9][k])) });
    const e = await fimJson(['estimate', linear(3), other, ...words, '--classes', '7,3,9']);
    expect(e.trace.value).toBe(want);
    writeFileSync(path('text.npz'), withText(Y.map((k) => names[k])));
    const text = await fimJson([
      'estimate',
      linear(3),
      path('text.npz'),
      ...words,
      '--classes',
      names.join(','),
    ]);
    expect(text.trace.value).toBe(want);
  });

  it('an unknown one is refused with the list, as is a list that does not fit', async () => {
    const file = csv('owl.csv', (k) => ['cat', 'dog', 'owl'][k]);
    const base = ['estimate', linear(3), file, '--target-column', 'kind', ...words];
    expectComplaint(await fim([...base, '--classes', 'cat,dog,eel']), {
      code: 3,
      says: ['"owl"', 'cat, dog, eel', 'column "kind"'],
    });
    expectComplaint(await fim([...base, '--classes', 'cat,dog']), { code: 2, says: ['3 outputs'] });
    expectComplaint(await fim([...base, '--classes', 'cat,dog,cat']), { code: 2, says: ['cat twice'] });
    expectComplaint(await fim(base), { code: 3, says: ['--classes'] });
  });
});

/** x and an array y of `<U3` words, as NumPy writes it. */
function withText(words: readonly string[]): Uint8Array {
  const head = `{'descr': '<U3', 'fortran_order': False, 'shape': (${words.length},), }`.padEnd(117) + '\n';
  const bytes = new Uint8Array(10 + head.length + words.length * 12);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, head.length, 0]);
  bytes.set(new TextEncoder().encode(head), 10);
  words.forEach((word, i) =>
    [...word].forEach((c, j) => (bytes[10 + head.length + 12 * i + 4 * j] = c.charCodeAt(0))),
  );
  return formatZip(
    new Map([
      ['x.npy', formatNpy(X)],
      ['y.npy', bytes],
    ]),
    'text',
  );
}

describe('columns by the names of the training', () => {
  const t = wave(60, 3).data;
  const table = (name: string, header: string[], cells: (i: number) => (number | string)[]) => {
    const rows = Array.from({ length: 60 }, (_, i) => cells(i).join(','));
    writeFileSync(path(name), [header.join(','), ...rows].join('\n'));
    return path(name);
  };
  const [a, b, c] = [0, 1, 2].map((j) => (i: number) => t[3 * i + j]);
  const label = (i: number) => (a(i) > 0 ? 'yes' : 'no');

  it('reorders, leaves out what is no input, refuses what is missing', async () => {
    const first = table('train.csv', ['a', 'b', 'c', 'ok'], (i) => [a(i), b(i), c(i), label(i)]);
    const model = path('trained.onnx');
    const target = ['--target-column', 'ok'];
    await fimJson([
      'train',
      first,
      ...target,
      '--classes',
      'no,yes',
      '--hidden',
      '4',
      '--epochs',
      '1',
      '--out',
      model,
    ]);
    const estimate = (file: string, ...more: string[]) =>
      fimJson(['estimate', model, file, '--estimator', 'empirical', ...target, ...more]);
    const want = await estimate(first);
    const other = table('other.csv', ['ok', 'c', 'name', 'a', 'b'], (i) => [
      label(i),
      c(i),
      `n${i}`,
      a(i),
      b(i),
    ]);
    const got = await estimate(other);
    expect(got.trace).toEqual(want.trace);
    expect(got.notes.join()).toMatch(/order of the training: a, b, c.*left out: name/s);
    expect(want.notes.join()).not.toContain('order');
    const coded = table('coded.csv', ['a', 'b', 'c', 'ok'], (i) => [
      a(i),
      b(i),
      c(i),
      label(i) === 'yes' ? 1 : 0,
    ]);
    expect((await estimate(coded)).trace).toEqual(want.trace);
    const short = table('short.csv', ['a', 'c', 'ok'], (i) => [a(i), c(i), label(i)]);
    expectComplaint(await fim(['estimate', model, short, ...target]), {
      code: 3,
      says: ['a, b, c', 'without b'],
    });
    const untold = await fimJson([
      'estimate',
      linear(2),
      table('foreign.csv', ['u', 'v'], (i) => [a(i), b(i)]),
      '--likelihood',
      'bernoulli',
    ]);
    expect(untold.notes.join()).toContain('file’s order: u, v');
  });
});

it('a checkpoint of torch.save is answered with the line that converts it', async () => {
  const data = writeNpz(path('any.npz'), { x: X });
  const words = ['--likelihood', 'categorical'];
  expectComplaint(await fim(['estimate', linear(3), data, ...words, '--weights', 'clf.pt']), {
    code: 2,
    says: ["torch.load('clf.pt'", 'save_file', "'clf.safetensors'"],
  });
  for (const name of ['clf.pt', 'clf.pth']) {
    writeFileSync(path(name), Uint8Array.from([0x80, 2, 0x8a, 10, 108, 252]));
    expectComplaint(await fim(['estimate', path(name), data, ...words]), {
      code: 3,
      says: ['torch.onnx.export(model'],
    });
  }
});
