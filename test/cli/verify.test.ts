/** `fim verify` passes the Fisher of five networks in the forms that claim to be it, and finds wrong scales and wrong labels. */
import { describe, expect, it } from 'vitest';
import { tensor, type Tensor } from '../../src/core/tensor.js';
import { readArrays, writeArrays } from '../../src/disk/index.js';
import { f32, info, node } from '../onnx/builder.js';
import { fim, scratch, wave, writeModel, writeNpz } from './fim.js';

const { path } = scratch();
const N = 48;
const values = (size: number, from: number): number[] =>
  Array.from({ length: size }, (_, i) => Math.fround(0.9 * Math.cos(2.1 * (i + from) + 0.4)));

/** 2-4-outputs. */
function networkOf(activation: string, outputs: number, times = 1): string {
  return writeModel(path(`${activation}-${outputs}-${times}.onnx`), {
    inputs: [info('x', 'float32', ['n', 2])],
    outputs: ['h'],
    nodes: [
      node('MatMul', ['x', 'fc1.weight'], 'u'),
      node('Add', ['u', 'fc1.bias'], 'z'),
      node(activation, ['z'], 'a'),
      node('MatMul', ['a', 'fc2.weight'], 'v'),
      node('Add', ['v', 'fc2.bias'], 'h'),
    ],
    weights: {
      'fc1.weight': f32(
        [2, 4],
        values(8, 0).map((v) => Math.fround(times * v)),
      ),
      'fc1.bias': f32([4], values(4, 7)),
      'fc2.weight': f32([4, outputs], values(4 * outputs, 11)),
      'fc2.bias': f32([outputs], values(outputs, 29)),
    },
  });
}

interface Case {
  readonly name: string;
  readonly model: string;
  readonly data: string;
  readonly words: readonly string[];
}
function caseOf(activation: string, outputs: number, words: readonly string[], y: Tensor): Case {
  const [, name] = words;
  const data = writeNpz(path(`${name}-${outputs}.npz`), { x: wave(N, 2), y });
  return { name: `${activation} ${name}`, model: networkOf(activation, outputs), data, words };
}
const each = (f: (i: number) => number, width: number): Tensor =>
  tensor(
    'float32',
    [N, width],
    Array.from({ length: N * width }, (_, i) => f(i)),
  );
const CASES: readonly Case[] = [
  caseOf('Tanh', 3, ['--likelihood', 'categorical'], tensor('int32', [N], new Array<number>(N).fill(1))),
  caseOf(
    'Relu',
    2,
    ['--likelihood', 'gaussian', '--variance', '0.25'],
    each((i) => 3 * Math.sin(i), 2),
  ),
  caseOf(
    'Sigmoid',
    2,
    ['--likelihood', 'bernoulli'],
    each((i) => (i % 3 === 0 ? 1 : 0), 2),
  ),
  caseOf(
    'Tanh',
    1,
    ['--likelihood', 'poisson'],
    each((i) => (i * 7) % 11, 1),
  ),
  caseOf(
    'Softplus',
    4,
    ['--likelihood', 'gaussian-mv'],
    each((i) => 2 * Math.cos(i), 2),
  ),
];

async function estimated({ name, model, data, words }: Case, ...more: string[]): Promise<string> {
  const out = path(`${[name, ...more].join('').replace(/[^a-z0-9]/gi, '')}.npz`);
  const ran = await fim([
    'estimate',
    model,
    data,
    ...words,
    '--dtype',
    'float64',
    ...more,
    '--out',
    out,
    '-q',
  ]);
  expect(ran.code, ran.err).toBe(0);
  return out;
}

interface Found {
  readonly verified: boolean;
  readonly sameWeights: boolean | null;
  readonly errors: string;
  readonly directions: readonly {
    readonly kind: string;
    readonly ratio: number;
    readonly standardError: number;
    readonly exact: boolean;
    readonly off: boolean;
  }[];
}
async function verified(file: string, { model, data, words }: Case, ...more: string[]): Promise<Found> {
  const ran = await fim(['verify', file, model, data, ...words, ...more, '--json']);
  expect(ran.out, ran.err).not.toBe('');
  const found = JSON.parse(ran.out) as Found;
  expect(ran.code).toBe(found.verified ? 0 : 1);
  return found;
}

/** The file with all that is a mean or a sum of the Fisher times c. */
function scaled(file: string, c: number): string {
  const from = readArrays(file);
  const out = file.replace('.npz', `-x${c}.npz`);
  const arrays = new Map(
    from.names.map((name) => {
      const t = from.get(name);
      const fisher = /^(groups\/)?(fisher|fisher_dense|diagonal|block|unit)(\/|$)|\/(G|scale)$/.test(name);
      return [
        name,
        fisher
          ? tensor(
              'float64',
              [...t.shape],
              Float64Array.from(t.data as Float64Array, (v) => v * c),
            )
          : t,
      ] as const;
    }),
  );
  writeArrays(out, arrays, from.manifest() ?? {});
  return out;
}

describe.each(CASES)('fim verify: $name', (one) => {
  it.each(['dense', 'diagonal', 'block', 'unit', 'kfac', 'ekfac'])(
    '%s in exact columns passes, and no other scale',
    async (form) => {
      const file = await estimated(one, '--estimator', 'exact', '--form', form);
      const right = await verified(file, one);
      expect(right.errors).toBe('paired');
      const judged = right.directions.filter(({ exact }) => exact);
      expect(judged.length).toBeGreaterThan(1);
      for (const { ratio } of judged) expect(Math.abs(ratio - 1)).toBeLessThan(2e-3);
      expect(right.verified).toBe(true);
      for (const c of [2, N, 1 / 16]) {
        const wrong = await verified(scaled(file, c), one);
        expect(wrong.verified).toBe(false);
        for (const { ratio, off, exact } of wrong.directions)
          if (exact) {
            expect(off).toBe(true);
            expect(Math.abs(ratio * c - 1)).toBeLessThan(2e-3);
          }
      }
    },
  );

  it('sampled labels pass, twice them do not, and neither does the empirical matrix', async () => {
    const file = await estimated(one, '--estimator', 'type1', '--labels', '40', '--form', 'dense');
    const right = await verified(file, one);
    expect(right.verified).toBe(true);
    for (const { standardError } of right.directions) expect(standardError).toBeGreaterThan(0);
    expect((await verified(scaled(file, 2), one)).verified).toBe(false);
    const empirical = await estimated(one, '--estimator', 'empirical', '--form', 'dense');
    expect((await verified(empirical, one)).verified).toBe(false);
  });
});

describe('fim verify', () => {
  it('the likelihood is that of the Fisher where none is named, which is said', async () => {
    for (const { model, data, words } of CASES.slice(0, 2)) {
      const file = path('own.npz');
      await fim(['estimate', model, data, ...words, '--out', file]);
      const { out, err, code } = await fim(['verify', file, model, data, '--json']);
      expect(code).toBe(0);
      expect(err).toContain(`likelihood ${words[1]}`);
      const said = await fim(['verify', file, model, data, ...words, '--json']);
      expect(JSON.parse(out)).toEqual(JSON.parse(said.out));
    }
  });

  it('a file of other weights is said to be one, in either precision; so are bases of them', async () => {
    const [one] = CASES;
    const file = await estimated(one, '--estimator', 'exact', '--form', 'kfac');
    expect((await verified(file, one)).sameWeights).toBe(true);
    const other = { ...one, model: networkOf('Tanh', 3, 1.1) };
    const ran = await fim(['verify', file, other.model, one.data, ...one.words]);
    expect(ran.err).toMatch(/taken at other weights/);
    expect((await verified(file, other)).sameWeights).toBe(false);
    const scales = (model: string) =>
      fim([
        'estimate',
        model,
        one.data,
        ...one.words,
        '--estimator',
        'exact',
        '--form',
        'ekfac',
        '--basis',
        file,
      ]);
    expect((await scales(one.model)).err).not.toMatch(/other weights/);
    expect((await scales(other.model)).err).toMatch(/the bases of .* were taken at other weights/);
  });

  it('σ² left out is a factor of σ², which is said', async () => {
    const gaussian = CASES[1];
    const plain = { ...gaussian, words: ['--likelihood', 'gaussian', '--variance', '1'] };
    const file = await estimated(plain, '--estimator', 'exact');
    const words = ['verify', file, gaussian.model, gaussian.data, ...gaussian.words];
    const { code, out } = await fim(words, { columns: 80 });
    expect(code).toBe(1);
    expect(out).toMatch(/by a factor of about 4/);
    expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it('a file without groups, other data, and directions that are given', async () => {
    const one = CASES[0];
    const file = await estimated(one, '--estimator', 'exact', '--no-groups', '--form', 'dense');
    expect((await verified(file, one)).verified).toBe(true);
    const other = { ...one, data: writeNpz(path('other.npz'), { x: wave(2 * N, 2) }) };
    const apart = await verified(file, other);
    expect(apart.errors).toBe('independent');
    expect(apart.verified).toBe(true);
    expect((await verified(scaled(file, 4), other)).verified).toBe(false);
    const given = writeNpz(path('given.npz'), { v: wave(2, 27) });
    const found = await verified(file, one, '--directions', given);
    expect(found.directions.filter(({ kind }) => kind === 'given').map(({ exact }) => exact)).toEqual([
      true,
      true,
    ]);
    const block = await estimated(one, '--estimator', 'exact', '--form', 'block');
    const across = await verified(block, one, '--directions', given);
    expect(across.directions.filter(({ kind }) => kind === 'given').map(({ exact }) => exact)).toEqual([
      false,
      false,
    ]);
    const refused = await fim(['verify', file, CASES[1].model, one.data, ...CASES[1].words]);
    expect(refused.code).toBe(3);
    expect(refused.err).toMatch(/over the parameters of the network/);
  });
});

describe('rows of a table that one example has', () => {
  const model = writeModel(path('table.onnx'), {
    inputs: [info('x', 'int64', ['n'])],
    outputs: ['h'],
    nodes: [
      node('Gather', ['e.weight', 'x'], 'e'),
      node('Tanh', ['e'], 'a'),
      node('MatMul', ['a', 'W'], 'h'),
    ],
    weights: { 'e.weight': f32([60, 3], values(180, 3)), W: f32([3, 4], values(12, 5)) },
  });
  const ids = BigInt64Array.from({ length: 60 }, (_, i) => BigInt((i * 7) % 60));
  const data = writeNpz(path('table.npz'), { x: tensor('int64', [60], ids) });

  it.each(['diagonal', 'ekfac', 'block'])(
    '%s: are right, though no other example tells of them',
    async (form) => {
      const out = path(`table-${form}.npz`);
      const said = [
        '--likelihood',
        'categorical',
        '--estimator',
        'exact',
        '--dtype',
        'float64',
        '--form',
        form,
      ];
      expect((await fim(['estimate', model, data, ...said, '--out', out])).code).toBe(0);
      const ran = await fim(['verify', out, model, data, '--json']);
      expect(ran.code, ran.out).toBe(0);
      const { directions } = JSON.parse(ran.out) as { directions: { name: string; ratio: number }[] };
      const rows = directions.filter(({ name }) => name.startsWith('e.weight'));
      expect(rows.length).toBeGreaterThan(0);
      for (const { ratio } of rows) expect(ratio).toBeCloseTo(1, 4);
    },
  );
});
