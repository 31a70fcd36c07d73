/**
 * `fim variance` on a network small enough to enumerate everything: labels, blocks, pairs of inputs. The right values come from
 * differences of log p in float64, by no code of the package.
 */
import { describe, expect, it } from 'vitest';
import { f32, info, node } from '../onnx/builder.js';
import { fim, fimJson, model, scratch, wave, writeModel, writeNpz } from './fim.js';

const { path } = scratch();
const N = 6;
const SHAPES = { 'fc1.weight': [2, 3], 'fc1.bias': [3], 'fc2.weight': [3, 3], 'fc2.bias': [3] };
const SIZE = 6 + 3 + 9 + 3;
const X = wave(N, 2);
const THETA = Array.from({ length: SIZE }, (_, i) => Math.fround(1.3 * Math.cos(2.1 * i + 0.4)));
const BLOCKS = { fc1: [0, 9], fc2: [9, SIZE], whole: [0, SIZE] } as const;

function file(name: string, activation: string): string {
  let at = 0;
  const weights = Object.entries(SHAPES).map(([key, shape]) => {
    const size = shape.reduce((p, d) => p * d, 1);
    return [key, f32(shape, THETA.slice(at, (at += size)))] as const;
  });
  return writeModel(path(name), {
    inputs: [info('x', 'float32', ['n', 2])],
    outputs: ['h'],
    nodes: [
      node('MatMul', ['x', 'fc1.weight'], 'u'),
      node('Add', ['u', 'fc1.bias'], 'z'),
      node(activation, ['z'], 'a'),
      node('MatMul', ['a', 'fc2.weight'], 'v'),
      node('Add', ['v', 'fc2.bias'], 'h'),
    ],
    weights: Object.fromEntries(weights),
  });
}

const ACTIVATIONS: Readonly<Record<string, (z: number) => number>> = {
  Tanh: Math.tanh,
  Relu: (z) => Math.max(0, z),
};

function outputs(theta: readonly number[], e: number, phi: (z: number) => number): number[] {
  const a = [0, 1, 2].map((j) => {
    let z = theta[6 + j];
    for (let i = 0; i < 2; i++) z += Number(X.data[2 * e + i]) * theta[3 * i + j];
    return phi(z);
  });
  return [0, 1, 2].map((k) => a.reduce((s, v, j) => s + v * theta[9 + 3 * j + k], theta[18 + k]));
}

/** Labels with log p(y|x; θ); a Gaussian's are four outcomes with the moments of a normal of variance 2 up to the fifth, each output. */
interface Law {
  readonly words: readonly string[];
  readonly labels: readonly (readonly number[])[];
  logP(h: readonly number[], y: readonly number[]): number;
  /** Probability of label y at the outputs h of the network itself, and the label there. */
  weigh(h: readonly number[], y: readonly number[]): { p: number; y: readonly number[] };
}

const logSum = (h: readonly number[]) => Math.log(h.reduce((s, v) => s + Math.exp(v), 0));
const cube = <T>(values: readonly T[]): T[][] =>
  values.flatMap((a) => values.flatMap((b) => values.map((c) => [a, b, c])));
const softplus = (z: number) => Math.log1p(Math.exp(z));
/** Nodes and weights of Gauss and Hermite, three points: exact to degree five. */
const NODES = [-Math.sqrt(3), 0, Math.sqrt(3)];
const hermite = (z: number) => (z === 0 ? 2 / 3 : 1 / 6);

const LAWS: Readonly<Record<string, Law>> = {
  categorical: {
    words: ['--likelihood', 'categorical'],
    labels: [[0], [1], [2]],
    logP: (h, [y]) => h[y] - logSum(h),
    weigh: (h, y) => ({ p: Math.exp(h[y[0]] - logSum(h)), y }),
  },
  bernoulli: {
    words: ['--likelihood', 'bernoulli'],
    labels: cube([0, 1]),
    logP: (h, y) => h.reduce((s, v, a) => s + y[a] * v - softplus(v), 0),
    weigh: (h, y) => ({ p: Math.exp(h.reduce((s, v, a) => s + y[a] * v - softplus(v), 0)), y }),
  },
  gaussian: {
    words: ['--likelihood', 'gaussian', '--variance', '2'],
    labels: cube(NODES),
    logP: (h, y) => h.reduce((s, v, a) => s - (y[a] - v) ** 2 / 4, 0),
    weigh: (h, z) => ({
      p: z.reduce((s, v) => s * hermite(v), 1),
      y: z.map((v, a) => h[a] + Math.SQRT2 * v),
    }),
  },
};

type Matrix = number[][];
const STEP = 4e-3;

/** First and second derivatives of f at θ by central differences, extrapolated once. */
function derivatives(f: (theta: readonly number[]) => number): { s: number[]; H: Matrix } {
  const moved = (...moves: (readonly [number, number])[]) => {
    const t = [...THETA];
    for (const [i, d] of moves) t[i] += d;
    return f(t);
  };
  const extrapolated = (g: (d: number) => number) => (4 * g(STEP / 2) - g(STEP)) / 3;
  const s = THETA.map((_, i) => extrapolated((d) => (moved([i, d]) - moved([i, -d])) / (2 * d)));
  const H = THETA.map((_, i) =>
    THETA.map((__, j) =>
      extrapolated(
        (d) =>
          (moved([i, d], [j, d]) -
            moved([i, d], [j, -d]) -
            moved([i, -d], [j, d]) +
            moved([i, -d], [j, -d])) /
          (4 * d * d),
      ),
    ),
  );
  return { s, H };
}

interface Right {
  readonly frobenius1: number;
  readonly frobenius2: number;
  readonly norm: number;
  /** Squared relative errors of one input with one label. */
  readonly relative: { readonly exact: number; readonly type1: number; readonly type2: number };
  readonly trace: { readonly exact: number; readonly type1: number };
}

/** Everything by enumeration: labels y of every input, whole matrices. */
function enumerate(law: Law, phi: (z: number) => number): Record<keyof typeof BLOCKS, Right> {
  const inputs = Array.from({ length: N }, (_, e) => {
    const h = outputs(THETA, e, phi);
    return law.labels.map((label) => {
      const { p, y } = law.weigh(h, label);
      return { p, ...derivatives((t) => law.logP(outputs(t, e, phi), y)) };
    });
  });
  const of = ([from, to]: readonly [number, number]): Right => {
    const indices = Array.from({ length: to - from }, (_, i) => from + i);
    const sum = (f: (i: number, j: number) => number) =>
      indices.reduce((s, i) => s + indices.reduce((r, j) => r + f(i, j), 0), 0);
    const F = inputs.map((labels) =>
      THETA.map((_, i) => THETA.map((__, j) => labels.reduce((s, l) => s + l.p * l.s[i] * l.s[j], 0))),
    );
    const norm2 = F.map((f) => sum((i, j) => f[i][j] ** 2));
    const trace = F.map((f) => indices.reduce((s, i) => s + f[i][i], 0));
    const size = (l: { s: number[] }) => indices.reduce((s, i) => s + l.s[i] ** 2, 0);
    const fourth = inputs.map((labels) => labels.reduce((s, l) => s + l.p * size(l) ** 2, 0));
    const second = inputs.map((labels) =>
      labels.reduce((s, l) => s + l.p * sum((i, j) => l.H[i][j] ** 2), 0),
    );
    const mean = (v: readonly number[]) => v.reduce((a, b) => a + b, 0) / v.length;
    const [type1, type2] = [fourth, second].map((m) => mean(m.map((x, e) => x - norm2[e])));
    let pairs = 0;
    F.forEach((f, e) => F.forEach((g, d) => (pairs += e === d ? 0 : sum((i, j) => f[i][j] * g[i][j]))));
    const square = pairs / (N * (N - 1));
    const A = Math.max(0, mean(norm2) - square);
    const t = mean(trace);
    const overInputs = trace.reduce((s, x) => s + (x - t) ** 2, 0) / (N - 1);
    const overLabels = mean(fourth.map((x, e) => x - trace[e] ** 2));
    return {
      frobenius1: Math.sqrt(type1 / N),
      frobenius2: Math.sqrt(Math.max(0, type2) / N),
      norm: Math.sqrt(square),
      relative: { exact: A / square, type1: (A + type1) / square, type2: (A + type2) / square },
      trace: { exact: overInputs / t ** 2, type1: (overInputs + overLabels) / t ** 2 },
    };
  };
  return { fc1: of(BLOCKS.fc1), fc2: of(BLOCKS.fc2), whole: of(BLOCKS.whole) };
}

interface SizeJson {
  readonly variance: number;
  readonly chebyshev: number;
}
interface BlockJson {
  readonly frobenius1: number;
  readonly frobenius1_se: number;
  readonly frobenius1_by: string;
  readonly frobenius2: number;
  readonly frobenius2_se: number;
  readonly frobenius2_by: string;
  readonly norm: number;
  readonly bounds: Readonly<Record<string, { type1: number | null; type2: number | null; missing?: string }>>;
  readonly sampleSizes: {
    readonly block: Readonly<Record<'exact' | 'type1' | 'type2', SizeJson>>;
    readonly trace: Readonly<Record<'exact' | 'type1', SizeJson>>;
  };
}
interface VarianceJson extends BlockJson {
  readonly examples: number;
  readonly layers: readonly (BlockJson & {
    readonly name: string;
    readonly sd1: number;
    readonly sd2: number;
  })[];
  readonly whitened: { readonly mean: number };
  readonly estimates: { readonly zEigenvalues: { readonly fourthCentral: number; readonly matrix: number } };
}

const data = writeNpz(path('x.npz'), { x: X });
/** To six digits; what is 0 up to the differences' own error must be 0. */
const close = (got: number, want: number, name: string) => {
  if (want < 1e-5) expect(Math.abs(got), name).toBeLessThanOrEqual(1e-9);
  else expect(Math.abs(got / want - 1), `${name}: ${got} against ${want}`).toBeLessThanOrEqual(1e-6);
};

describe.each(Object.keys(ACTIVATIONS))('%s against enumeration', (activation) => {
  it.each(Object.keys(LAWS))('%s', async (name) => {
    const law = LAWS[name];
    const right = enumerate(law, ACTIVATIONS[activation]);
    const json = await fimJson<VarianceJson>([
      ...['variance', file(`${activation}.onnx`, activation), data, ...law.words],
      ...['--dtype', 'float64', '--target-error', '20%', '--level', '90%'],
    ]);
    const found: Record<string, BlockJson> = { whole: json };
    for (const l of json.layers) found[l.name] = l;
    for (const [block, want] of Object.entries(right)) {
      const got = found[block];
      close(got.frobenius1, want.frobenius1, `${block} frobenius1`);
      close(got.frobenius2, want.frobenius2, `${block} frobenius2`);
      close(got.norm, want.norm, `${block} norm`);
      expect([got.frobenius1_by, got.frobenius1_se, got.frobenius2_by, got.frobenius2_se]).toEqual([
        ...['exact', 0],
        ...['exact', 0],
      ]);
      const sizes = (relative: number, { variance, chebyshev }: SizeJson, of: string) => {
        expect(Math.abs(variance - Math.max(1, Math.ceil(relative / 0.04))), of).toBeLessThanOrEqual(1);
        expect(Math.abs(chebyshev - Math.max(1, Math.ceil(relative / 0.04 / 0.1))), of).toBeLessThanOrEqual(
          1,
        );
      };
      for (const type of ['exact', 'type1', 'type2'] as const)
        sizes(want.relative[type], got.sampleSizes.block[type], `${block} ${type}`);
      for (const type of ['exact', 'type1'] as const)
        sizes(want.trace[type], got.sampleSizes.trace[type], `${block} trace ${type}`);
    }
    for (const l of json.layers) {
      expect(Object.keys(l.bounds)).toContain('matrix');
      for (const [bound, { type1, type2, missing }] of Object.entries(l.bounds)) {
        if (type1 !== null) expect(type1, bound).toBeGreaterThanOrEqual(l.sd1 * (1 - 1e-9));
        if (type2 !== null) expect(type2, bound).toBeGreaterThanOrEqual(l.sd2 * (1 - 1e-9));
        expect(missing === undefined, bound).toBe(type1 !== null && type2 !== null);
      }
    }
    const { fourthCentral, matrix } = json.estimates.zEigenvalues;
    expect(fourthCentral).toBeGreaterThan(0);
    expect(fourthCentral).toBeLessThanOrEqual(matrix * (1 + 1e-9));
  });
});

it('no number is null without a reason beside it, with one input', async () => {
  const words = [
    'variance',
    file('one.onnx', 'Tanh'),
    data,
    '--likelihood',
    'categorical',
    '--examples',
    '1',
  ];
  const json = await fimJson<Record<string, unknown>>(words);
  const visit = (at: unknown, reason: boolean, where: string): void => {
    if (at === null) expect(reason, where).toBe(true);
    if (at === null || typeof at !== 'object') return;
    const here = reason || typeof (at as { missing?: unknown }).missing === 'string';
    for (const [key, value] of Object.entries(at)) visit(value, here, `${where}.${key}`);
  };
  visit({ ...json, secondsPerExample: 0 }, false, '');
  expect(json.missing).toMatch(/two inputs/);
});

it('tables of 80 columns, with the whole network as the last block', async () => {
  const words = ['variance', model('digits-mlp-tanh'), model('digits-mlp-tanh', 'data.npz')];
  const { out, code } = await fim([...words, '--likelihood', 'categorical', '--examples', '20'], {
    columns: 80,
  });
  expect(code).toBe(0);
  expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  expect(out).toMatch(/\nblock +norm +type 1 +inputs +type 2 +inputs\n/);
  expect(out).toMatch(/\nall +\S+/);
});
