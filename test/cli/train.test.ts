/** fim train on data of one's own; what it writes is understood by inspect and estimate. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Sequence } from '../../src/core/random.js';
import { type Tensor, tensor } from '../../src/core/tensor.js';
import { expectComplaint, fim, fimJson, scratch, writeNpz } from './fim.js';

const { path, files } = scratch();

interface TrainJson {
  readonly model: string;
  readonly parameters: number;
  readonly likelihood: string;
  readonly examples: number;
  readonly test: {
    readonly examples: number;
    readonly accuracy: number | null;
    readonly logProbability: number;
  };
  readonly interrupted: boolean;
}

/** x in [−1, 1]^d, and f(x) for each. */
function drawn(n: number, d: number, f: (x: Float64Array) => number[]): { x: Tensor; y: number[] } {
  const s = new Sequence(1, 'test/cli/train');
  const x = Float32Array.from({ length: n * d }, () => 2 * s.next() - 1);
  const rows = Array.from({ length: n }, (_, i) => Float64Array.from(x.slice(i * d, (i + 1) * d)));
  return { x: tensor('float32', [n, d], x), y: rows.flatMap(f) };
}

const smooth = (x: Float64Array): number[] => [Math.sin(2 * x[0]) + x[1] * x[2]];

function csv(name: string): string {
  const { x, y } = drawn(300, 3, smooth);
  const lines = y.map((v, i) => [...x.data.slice(3 * i, 3 * i + 3), v].join(','));
  writeFileSync(path(name), `a,b,c,target\n${lines.join('\n')}\n`);
  return path(name);
}

const gaussian = ['--likelihood', 'gaussian', '--variance', '0.25'];
const quick = ['--hidden', '16', '--epochs', '40', '--learning-rate', '0.01', '--seed', '1'];

describe('fim train', () => {
  it('regression on CSV, then inspect and estimate from the metadata', async () => {
    const data = csv('regression.csv');
    const out = path('regression.onnx');
    const target = ['--target-column', 'target'];
    const json = await fimJson<TrainJson>(['train', data, ...gaussian, ...target, ...quick, '--out', out]);
    expect(json).toMatchObject({ model: out, parameters: 81, likelihood: 'gaussian', examples: 240 });
    expect(json.test).toMatchObject({ examples: 60, accuracy: null });
    // log N(y | μ, ¼) = −½ log(π/2) − 2(y − μ)²: a mean squared error below 0.1, of a variance of 0.6.
    expect(json.test.logProbability).toBeGreaterThan(-0.5 * Math.log(Math.PI / 2) - 2 * 0.1);
    const { parameterCount } = await fimJson<{ parameterCount: number }>(['inspect', out]);
    expect(parameterCount).toBe(81);
    const e = await fimJson(['estimate', out, data, ...target]);
    expect(e).toMatchObject({ likelihood: 'gaussian', likelihoodOptions: { variance: 0.25 }, examples: 300 });
    // The last bias of a mean has information 1/σ² for every x.
    expect(e.tensors[e.tensors.length - 1].trace.value).toBeCloseTo(4, 5);
  });

  it('several target columns of a CSV', async () => {
    const { x, y } = drawn(60, 2, (v) => [v[0] + v[1], v[0] - v[1]]);
    const rows = Array.from({ length: 60 }, (_, i) =>
      [y[2 * i], ...x.data.slice(2 * i, 2 * i + 2), y[2 * i + 1]].join(','),
    );
    writeFileSync(path('two.csv'), `sum,a,b,difference\n${rows.join('\n')}\n`);
    const target = ['--target-column', 'sum,difference'];
    const out = path('two.onnx');
    await fimJson<TrainJson>(['train', path('two.csv'), ...gaussian, ...target, ...quick, '--out', out]);
    const e = await fimJson(['estimate', out, path('two.csv'), ...target, '--estimator', 'empirical']);
    expect(e).toMatchObject({ outputs: 2, examples: 60 });
  });

  it('independent binary targets from an npz', async () => {
    const { x, y } = drawn(400, 4, (v) => [Number(v[0] > 0), Number(v[1] + v[2] > 0)]);
    const data = writeNpz(path('binary.npz'), { x, y: tensor('int64', [400, 2], y) });
    const out = path('binary.onnx');
    const json = await fimJson<TrainJson>([
      'train',
      data,
      '--likelihood',
      'bernoulli',
      ...quick,
      '--out',
      out,
    ]);
    // Better than two coins, which have 2 log ½ nats.
    expect(json.test.logProbability).toBeGreaterThan(-0.5);
    const e = await fimJson(['estimate', out, data]);
    expect(e).toMatchObject({ likelihood: 'bernoulli', outputs: 2 });
  });

  it('gives the same file for the same seed', async () => {
    const data = csv('same.csv');
    const once = async (seed: string) =>
      fimJson<TrainJson>([
        ...['train', data, ...gaussian, '--target-column', 'target', '--hidden', '4', '--epochs', '2'],
        ...['--engine', 'small', '--out', path('same.onnx'), '--seed', seed],
      ]);
    const [a, b, c] = [await once('1'), await once('1'), await once('2')];
    expect(b.test).toEqual(a.test);
    expect(c.test).not.toEqual(a.test);
  });

  it('interrupted: the network as it is, 130', async () => {
    const abort = new AbortController();
    const ran = await fim(
      [
        ...['train', csv('cut.csv'), ...gaussian, '--target-column', 'target', '--hidden', '8'],
        ...['--epochs', '100', '--engine', 'small', '--out', path('cut.onnx'), '--json'],
      ],
      {
        signal: abort.signal,
        slow: true,
        onWord: (text) => {
          if (/\b2\d %/.test(text)) abort.abort();
        },
      },
    );
    expect(ran.code).toBe(130);
    expect(JSON.parse(ran.out)).toMatchObject({ interrupted: true });
    const { parameterCount } = await fimJson<{ parameterCount: number }>(['inspect', path('cut.onnx')]);
    expect(parameterCount).toBe(41);
  });

  it.each([
    ['no target column', () => [csv('bare.csv'), ...gaussian], 3, ['--target-column target']],
    [
      'no variance',
      () => [csv('bare.csv'), '--likelihood', 'gaussian', '--target-column', 'target'],
      2,
      ['variance'],
    ],
    [
      'real targets for classes',
      () => [csv('bare.csv'), '--target-column', 'target'],
      3,
      ['--likelihood gaussian'],
    ],
    [
      'labels of no example',
      () => [writeNpz(path('few.npz'), { x: drawn(5, 2, smooth).x, y: tensor('int64', [4], [0, 1, 0, 1]) })],
      3,
      ['same number of examples'],
    ],
    ['a folder that is not there', () => [csv('bare.csv'), '--out', path('no/m.onnx')], 3, ['mkdir -p']],
    ['a name that is no model', () => [csv('bare.csv'), '--out', path('m.npz')], 2, ['.onnx']],
  ] as const)('refuses %s and writes nothing', async (_, words, code, says) => {
    const out = words().includes('--out') ? [] : ['--out', path('never.onnx')];
    expectComplaint(await fim(['train', ...words(), ...out, '--json']), { code, says });
    expect(existsSync(path('never.onnx'))).toBe(false);
    expect(files().filter((f) => f.includes('.tmp'))).toEqual([]);
  });

  it('refuses to overwrite its data', async () => {
    const data = path('folder.csv');
    mkdirSync(path('m.onnx'), { recursive: true });
    expectComplaint(await fim(['train', csv('folder.csv'), '--out', path('m.onnx')]), {
      code: 3,
      says: ['a folder'],
    });
    expect(existsSync(data)).toBe(true);
  });

  it('ids as targets, and networks that no memory holds, are refused before any work', async () => {
    const rows = Array.from({ length: 16 }, (_, i) => `${i}.5,${i % 3},${1_700_000_001 + i}`);
    writeFileSync(path('id.csv'), `a,b,y\n${rows.join('\n')}\n`);
    const ids = await fim(['train', path('id.csv'), '--target-column', 'y', '--out', path('id.onnx')]);
    expectComplaint(ids, { code: 3, says: ['there are more examples than classes', 'the column holds ids'] });
    const some = Array.from({ length: 30 }, (_, i) => `${i}.5,${i % 3},${i % 21}`);
    writeFileSync(path('some.csv'), `a,b,y\n${some.join('\n')}\n`);
    const many = await fim([
      'train',
      path('some.csv'),
      '--target-column',
      'y',
      '--epochs',
      '1',
      '--out',
      path('s.onnx'),
    ]);
    expect(many.code).toBe(0);
    const wide = ['train', path('some.csv'), '--target-column', 'y', '--hidden'];
    const out = ['--out', path('wide.onnx')];
    const refused = await fim([...wide, '1000000,1000000', ...out]);
    expectComplaint(refused, { code: 3, says: ['must fit into the memory of this machine'] });
    expect(existsSync(path('wide.onnx'))).toBe(false);
  });
});
