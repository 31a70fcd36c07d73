/** Networks and data at the edge: no number is null in JSON without a reason beside it, and a trace of 0 is said wherever it is shown. */
import { beforeAll, expect, it } from 'vitest';
import { readFileSync, writeFileSync } from 'node:fs';
import { tensor } from '../../src/core/tensor.js';
import { formatNpz } from '../../src/data/npz.js';
import { getLikelihood } from '../../src/likelihood/index.js';
import { type DenseOptions, denseNetwork } from '../../src/model/dense.js';
import { networkToOnnx } from '../../src/model/save.js';
import { fim, scratch } from './fim.js';

const { path } = scratch();
const SMALL = ['--engine', 'small', '--quiet'];

/** Fields that are null where there is none of something that is no number, or no such thing. */
const NONE = /\.(root|apartFrom|bias|populationSize|threshold|maxSteps|policy|frames|use|estimator)$/;
/** Paths of nulls that are given no reason: by `reason` of their own object, by `unresolved` or `missing` of it or of one around it. */
function unexplained(value: unknown, at = '', told = false): string[] {
  if (value === null) return told || NONE.test(at) ? [] : [at];
  if (Array.isArray(value)) return value.flatMap((one) => unexplained(one, `${at}[]`, told));
  if (typeof value !== 'object') return [];
  const own = value as Record<string, unknown>;
  const says = (...names: string[]): boolean => told || names.some((name) => typeof own[name] === 'string');
  return Object.entries(own).flatMap(([name, one]) => {
    const below =
      typeof one === 'object' && one !== null && at === ''
        ? says('missing')
        : says('reason', 'missing', 'unresolved');
    return unexplained(one, `${at}.${name}`, below);
  });
}

function writeNetwork(name: string, options: DenseOptions, change?: (last: Float32Array) => void): void {
  const network = denseNetwork({ seed: 1, ...options });
  const law =
    options.bias === false ? getLikelihood('gaussian', { variance: 1 }) : getLikelihood('categorical');
  const last = [...network.weights.values()].at(-1);
  if (last) change?.(last.data as Float32Array);
  writeFileSync(path(`${name}.onnx`), networkToOnnx(network, law));
}

function writeData(name: string, [n, width]: [number, number], of: (i: number) => number): void {
  const x = tensor(
    'float32',
    [n, width],
    Float32Array.from({ length: n * width }, (_, i) => of(i)),
  );
  const real = tensor(
    'float32',
    [n, 1],
    Float32Array.from({ length: n }, (_, i) => of(i)),
  );
  const classes = tensor(
    'int32',
    [n],
    Int32Array.from({ length: n }, (_, i) => i % 3),
  );
  const y = width === 1 ? real : classes;
  writeFileSync(
    path(`${name}.npz`),
    formatNpz(
      new Map<string, typeof x>([
        ['x', x],
        ['y', y as never],
      ]),
    ),
  );
}

const wave = (i: number): number => Math.sin(1.7 * i);
const DENSE: DenseOptions = { widths: [4, 5, 3], activation: 'tanh' };

beforeAll(() => {
  writeNetwork('plain', DENSE);
  writeNetwork('saturated', { ...DENSE, initialScale: 1e4 });
  writeNetwork('underflow', DENSE, (bias) => (bias[0] = -1e4));
  writeNetwork('one', { widths: [1, 1], activation: 'identity', bias: false });
  writeData('many', [40, 4], wave);
  writeData('single', [1, 4], wave);
  writeData('pair', [2, 4], wave);
  writeData('constant', [40, 4], () => 0.5);
  writeData('real', [40, 1], wave);
});

/** JSON of a command, or nothing where it refuses; never a failure of fim. */
async function jsonOf(words: readonly string[]): Promise<unknown> {
  const { code, out, err } = await fim([...words, '--json']);
  expect(err, words.join(' ')).not.toContain('should not');
  expect([0, 1, 2, 3], err).toContain(code);
  return out === '' ? {} : (JSON.parse(out) as unknown);
}

it.each([
  ['plain', 'single'],
  ['plain', 'pair'],
  ['plain', 'constant'],
  ['saturated', 'many'],
  ['underflow', 'many'],
  ['one', 'real'],
])('%s on %s data: every null has its reason', async (network, data) => {
  const [model, examples] = [path(`${network}.onnx`), path(`${data}.npz`)];
  const [dense, kfac, part] = ['dense.npz', 'kfac.npz', `${network}-${data}.sums.npz`].map((name) =>
    path(name),
  );
  const estimate = ['estimate', model, examples, ...SMALL];
  const lines = [
    ...['exact', 'rademacher', 'empirical', 'type2', 'mix', 'auto'].map((e) => [
      ...estimate,
      '--estimator',
      e,
    ]),
    ...['1', '4'].map((k) => [...estimate, '--estimator', 'type1', '--labels', k]),
    [...estimate, '--largest', '3'],
    [...estimate, '--form', 'dense', '--out', dense],
    [...estimate, '--form', 'kfac', '--out', kfac],
    [...estimate, '--shard', '1/1', '--out', part],
    ['merge', part],
    ['variance', model, examples, ...SMALL],
    ['forms', model, examples, ...SMALL],
    ['plan', model, examples, ...SMALL],
    ['spectrum', model, examples, ...SMALL],
    ['spectrum', dense],
    ['compare', dense, kfac],
    ['verify', dense, model, examples, '--quiet'],
    ['inspect', model],
    ['train', examples, '--hidden', '3', '--epochs', '1', '--out', path('t.onnx'), ...SMALL].concat(
      network === 'one' ? ['--likelihood', 'gaussian', '--variance', '1'] : [],
    ),
  ];
  for (const words of lines) expect(unexplained(await jsonOf(words)), words.join(' ')).toEqual([]);
});

it('of environments, policies and comparisons too', async () => {
  const train = [
    'rl',
    'train',
    'CartPole-v1',
    '--steps',
    '300',
    '--out',
    path('run'),
    '--workers',
    '1',
    '--quiet',
  ];
  const compare = ['rl', 'compare', '--algorithms', 'reinforce', '--envs', 'CartPole-v1', '--steps', '300'];
  for (const words of [
    ['envs'],
    train,
    ['rl', 'evaluate', 'CartPole-v1', path('run/policy.onnx'), '--episodes', '1'],
    [...compare, '--seeds', '1', '--workers', '1', '--out', path('compared'), '--quiet'],
  ])
    expect(unexplained(await jsonOf(words)), words.join(' ')).toEqual([]);
});

it('a trace of 0 is said in text, JSON and pages', async () => {
  const [model, data] = [path('saturated.onnx'), path('many.npz')];
  const [dense, kfac, page] = ['zero.npz', 'zero-kfac.npz', 'zero.html'].map((name) => path(name));
  for (const words of [
    ['estimate', model, data, ...SMALL, '--form', 'dense', '--out', dense],
    ['estimate', model, data, ...SMALL, '--form', 'kfac', '--out', kfac],
    ['estimate', model, data, ...SMALL, '--report', page],
    ['variance', model, data, ...SMALL],
    ['spectrum', model, data, ...SMALL],
    ['spectrum', dense, '--report', page],
    ['compare', dense, kfac],
  ]) {
    const { out, err } = await fim(words, { columns: 300 });
    expect(out + err, words.join(' ')).toContain('the trace is 0');
    expect((await fim([...words, '--json'])).out, words.join(' ')).toContain('the trace is 0');
    if (words.includes(page)) expect(readFileSync(page, 'utf8')).toContain('the trace is 0');
  }
});

it.each(['NaN', 'Infinity', '-Infinity'])(
  '%s in data is refused by every command that reads them',
  async (bad) => {
    const model = path('plain.onnx');
    const rows = Array.from({ length: 12 }, (_, i) => `0.1,${i === 7 ? bad : '0.5'},-0.3,${i / 10},${i % 3}`);
    writeFileSync(path('bad.csv'), `a,b,c,d,y\n${rows.join('\n')}\n`);
    const data = [path('bad.csv'), '--target-column', 'y'];
    for (const words of [
      ['estimate', model, ...data, ...SMALL],
      ['estimate', model, ...data, ...SMALL, '--form', 'dense'],
      ['estimate', model, ...data, ...SMALL, '--shard', '1/2', '--out', path('bad.sums.npz')],
      ['estimate', model, ...data, ...SMALL, '--run', path('bad-run')],
      ['variance', model, ...data, ...SMALL],
      ['forms', model, ...data, ...SMALL],
      ['plan', model, ...data, ...SMALL],
      ['spectrum', model, ...data, ...SMALL],
      ['train', ...data, '--out', path('bad.onnx'), ...SMALL],
    ]) {
      const { code, err } = await fim(words);
      expect([code, err.includes('should not')], `${words.join(' ')}: ${err}`).toEqual([3, false]);
      expect(err).toMatch(/finite|NaN|Inf/);
    }
  },
);
