/** Bad files and bad data: one complaint with where, rule, got and a next step, exit code 3, and nothing half-written. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { tensor } from '../../src/core/tensor.js';
import { formatZip } from '../../src/data/zip.js';
import { f32, info, node } from '../onnx/builder.js';
import { type Complained, expectComplaint, fim, model, scratch, wave, writeModel, writeNpz } from './fim.js';

const { path, files } = scratch();
const MODEL = model('digits-mlp-sigmoid-small');
const DATA = model('digits-mlp-sigmoid-small', 'data.npz');

/** Every command that fails is given files to write, which must not appear. */
async function fails(
  want: Complained,
  modelFile: string,
  data: string,
  words: readonly string[] = ['--likelihood', 'categorical'],
): Promise<void> {
  const outputs = ['--out', path('never.npz'), '--report', path('never.html')];
  expectComplaint(await fim(['estimate', modelFile, data, ...outputs, ...words, '--json']), want);
  expect(files().filter((name) => name.startsWith('never') || name.includes('.tmp'))).toEqual([]);
}

const file = (name: string, bytes: Uint8Array | string): string => {
  writeFileSync(path(name), bytes);
  return path(name);
};

/** Eight inputs, as the fixture's network takes them. */
const x = () => wave(12, 8);
const npz = (name: string, arrays: Parameters<typeof writeNpz>[1]) => writeNpz(path(name), arrays);

describe('files', () => {
  const folder = () => {
    mkdirSync(path('folder'), { recursive: true });
    return path('folder');
  };

  it.each<[string, () => [string, string], Complained['says']]>([
    ['a model that is not there', () => [path('no.onnx'), DATA], ['no.onnx', 'must exist']],
    ['data that are not there', () => [MODEL, path('no/no.npz')], ['no.npz', 'no such folder']],
    ['a folder for a model', () => [folder(), DATA], ['folder', 'a file is needed']],
    ['a folder for data', () => [MODEL, folder()], ['folder', 'a file is needed']],
    ['an empty model', () => [file('empty.onnx', ''), DATA], ['empty.onnx', '0 bytes']],
    ['empty data', () => [MODEL, file('empty.npz', '')], ['empty.npz', '0 bytes']],
    ['text for a model', () => [file('text.onnx', 'class Net(nn.Module):\n'), DATA], ['text.onnx']],
    [
      'a checkpoint of torch.save for a model',
      () => [
        file('model.pt', formatZip(new Map([['archive/data.pkl', Uint8Array.of(128, 2, 125)]]), 'zip')),
        DATA,
      ],
      ['model.pt', 'torch.onnx.export'],
    ],
    [
      'half a model',
      () => [file('half.onnx', readFileSync(MODEL).subarray(0, 700)), DATA],
      ['half.onnx', 'damaged, cut short'],
    ],
    [
      'half of an npz',
      () => [MODEL, file('half.npz', readFileSync(DATA).subarray(0, 2000))],
      ['half.npz', /truncated|incomplete|directory/],
    ],
    ['data of a format that is not known', () => [MODEL, file('data.parquet', 'PAR1')], ['.parquet']],
  ])('%s', async (_, make, says) => {
    const [modelFile, data] = make();
    await fails({ code: 3, says }, modelFile, data);
  });

  it.each<[string, () => string[], 2 | 3, Complained['says']]>([
    ['a folder that is not there', () => ['--out', path('no/f.npz')], 3, ['--out', 'mkdir -p']],
    [
      'a folder',
      () => ['--report', `${folder()}.html`, '--out', path('folder')],
      2,
      ['.npz or .safetensors'],
    ],
    ['an unknown extension', () => ['--out', path('f.mat')], 2, ['.npz or .safetensors']],
    ['the data', () => ['--out', npz('own.npz', { x: x() })], 2, ['DATA']],
    [
      'a folder in place of the page',
      () => {
        mkdirSync(path('page.html'), { recursive: true });
        return ['--report', path('page.html')];
      },
      3,
      ['--report', 'a folder'],
    ],
  ])('--out or --report that cannot be written: %s', async (_, make, code, says) => {
    const words = make();
    const data = words[1].endsWith('own.npz') ? words[1] : DATA;
    const before = readFileSync(data);
    const ran = await fim(['estimate', MODEL, data, '--likelihood', 'categorical', ...words]);
    expectComplaint(ran, { code, says });
    // Before anything was computed: nothing was said about an engine.
    expect(ran.err).toMatch(/^error: /);
    expect(readFileSync(data)).toEqual(before);
  });
});

describe('data', () => {
  const y = (...values: number[]) => tensor('int64', [values.length], values);
  const empirical = ['--likelihood', 'categorical', '--estimator', 'empirical'];
  const labels = (...values: number[]) => y(...values, ...new Array<number>(12 - values.length).fill(0));
  const holed = (dtype: 'float32' | 'float64') => {
    const data = Float64Array.from(x().data);
    data[8 * 5 + 3] = NaN;
    return tensor(dtype, [12, 8], dtype === 'float32' ? Float32Array.from(data) : data);
  };

  it.each<[string, () => string, Complained['says'], string[]?]>([
    ['of a wrong shape', () => npz('wide.npz', { x: wave(12, 9) }), ['takes [n, 8]', 'float32 [12, 9]']],
    ['without the batch axis', () => npz('one.npz', { x: wave(8) }), ['[n, 8]', '[None]']],
    [
      'of a wrong kind',
      () =>
        npz('bytes.npz', {
          x: tensor(
            'uint8',
            [12, 8],
            Array.from({ length: 96 }, (_, i) => i),
          ),
        }),
      ['uint8', '--scale 1/255'],
    ],
    ['without the array', () => npz('other.npz', { a: wave(12), b: x() }), ['a float32 [12]', '--input x=']],
    ['with NaN', () => npz('nan.npz', { x: holed('float32') }), ['NaN in example 5 at [3]']],
    ['of no examples', () => npz('none.npz', { x: wave(0, 8) }), ['none.npz']],
    [
      'with labels out of range',
      () => npz('range.npz', { x: x(), y: labels(3, 4) }),
      ['4', '0 to 3'],
      empirical,
    ],
    ['with negative labels', () => npz('minus.npz', { x: x(), y: labels(-1) }), ['-1'], empirical],
    [
      'with float labels',
      () => npz('float.npz', { x: x(), y: tensor('float32', [12], new Array<number>(12).fill(1.5)) }),
      ['float32'],
      empirical,
    ],
    ['without labels', () => npz('bare.npz', { x: x() }), ['targets', 'x float32 [12, 8]'], empirical],
    ['with too few labels', () => npz('few.npz', { x: x(), y: y(1, 2) }), ['12', '2'], empirical],
    [
      'with labels that the likelihood does not take',
      () => npz('binary.npz', { x: x(), y: tensor('int64', [12, 4], new Array<number>(48).fill(3)) }),
      [/0 or 1|0\/1|zero or one/],
      ['--likelihood', 'bernoulli', '--estimator', 'empirical'],
    ],
    [
      'with a target that is not there',
      () => npz('named.npz', { x: x(), labels: labels(1) }),
      ['label', 'labels int64 [12]'],
      [...empirical, '--targets', 'label'],
    ],
  ])('%s', async (_, make, says, words) => {
    await fails({ code: 3, says }, MODEL, make(), words);
  });
});

describe('weights', () => {
  const shapes = {
    'fc1.weight': [6, 8],
    'fc1.bias': [6],
    'fc2.weight': [5, 6],
    'fc2.bias': [5],
    'fc3.weight': [4, 5],
    'fc3.bias': [4],
  };
  const weights = (change: (all: Record<string, ReturnType<typeof wave>>) => void) => {
    const all = Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, wave(...shape)]));
    change(all);
    return npz('weights.npz', all);
  };
  it.each<[string, (all: Record<string, ReturnType<typeof wave>>) => void, Complained['says']]>([
    ['missing', (all) => delete all['fc2.bias'], ['1 of 6 are missing: fc2.bias [5]']],
    ['of a wrong shape', (all) => (all['fc1.weight'] = wave(8, 6)), ['[6, 8]', 'transposed']],
    ['NaN', (all) => (all['fc3.bias'].data[2] = NaN), ['array fc3.bias', 'NaN']],
  ])('%s', async (_, change, says) => {
    await fails({ code: 3, says }, MODEL, DATA, [
      '--likelihood',
      'categorical',
      '--weights',
      weights(change),
    ]);
  });

  it('NaN in the model', async () => {
    const bad = writeModel(path('nan.onnx'), {
      inputs: [info('x', 'float32', ['n', 8])],
      outputs: ['h'],
      nodes: [node('MatMul', ['x', 'W'], 'h', {}, '/fc/MatMul')],
      weights: {
        W: f32(
          [8, 2],
          Array.from({ length: 16 }, (_, i) => (i === 7 ? NaN : i)),
        ),
      },
    });
    await fails({ code: 3, says: [/NaN|finite/] }, bad, DATA);
  });
});

describe('models', () => {
  const net = (name: string, tail: (h: string) => ReturnType<typeof node>[], extra = {}) =>
    writeModel(path(name), {
      inputs: [info('x', 'float32', ['n', 8])],
      outputs: ['out'],
      nodes: [node('MatMul', ['x', 'W'], 'h', {}, '/fc/MatMul'), ...tail('h')],
      weights: {
        W: f32(
          [8, 3],
          Array.from({ length: 24 }, (_, i) => Math.fround(Math.sin(i))),
        ),
        ...extra,
      },
    });
  const int = (value: number) => ({ type: 'int' as const, value });
  const axis0 = () => ({ axes: { type: 'ints' as const, value: [0] }, keepdims: int(1) });

  it.each<[string, () => string, Complained['says']]>([
    [
      'softmax over the batch',
      () =>
        net('over-batch.onnx', (h) => [node('Softmax', [h], 'out', { axis: int(0) }, '/attention/Softmax')]),
      ['/attention/Softmax', /examples|batch/],
    ],
    [
      'a mean over examples, as a batch norm in training mode has',
      () =>
        net('batch-norm.onnx', (h) => [
          node('ReduceMean', [h], 'mean', axis0(), '/bn/ReduceMean'),
          node('Sub', [h, 'mean'], 'out', {}, '/bn/Sub'),
        ]),
      ['/bn/ReduceMean', /examples|batch/],
    ],
  ])('%s couples examples', async (_, make, says) => {
    await fails({ code: 3, says }, make(), DATA);
  });

  it('operators that are not covered are all listed, with nodes and opset', async () => {
    const made = writeModel(path('uncovered.onnx'), {
      opset: 22,
      inputs: [info('x', 'float32', ['n', 8])],
      outputs: ['h'],
      nodes: [
        node('MelWeightMatrix', ['x'], 'a', {}, '/mel1'),
        node('MelWeightMatrix', ['a'], 'b', {}, '/mel2'),
        node('MaxUnpool', ['b', 'a'], 'h', {}, '/unpool'),
      ],
    });
    const says = ['MelWeightMatrix ×2', '"/mel1"', 'opset 22', 'MaxUnpool ×1'];
    await fails({ code: 3, says }, made, DATA);
    const listed = await fim(['inspect', made]);
    expect(listed.code).toBe(1);
    for (const word of says) expect(listed.out).toContain(word);
  });

  it('the wrong network for the data', async () => {
    await fails({ code: 3, says: ['[n, 64]', '[96, 8]'] }, model('digits-mlp-tanh'), DATA);
  });

  it('probabilities that no Softmax at the end explains', async () => {
    const tail = (h: string) => [
      node('Exp', [h], 'e'),
      node('ReduceSum', ['e', 'axes'], 'sum', { keepdims: int(1) }),
      node('Div', ['e', 'sum'], 'out', {}, '/Div'),
    ];
    const axes = { axes: tensor('int64', [1], [1]) };
    const hidden = net('hidden.onnx', tail, axes);
    await fails({ code: 3, says: ['--output NAME', '--output-is as-it-stands'] }, hidden, DATA);
    await fails({ code: 3, says: ['--output-is as-it-stands'] }, hidden, DATA, [
      '--likelihood',
      'categorical',
      '--output-is',
      'natural',
    ]);
  });
});
