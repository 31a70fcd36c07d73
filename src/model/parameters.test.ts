import { describe, expect, it } from 'vitest';
import { bytesOf, f32, float, held, info, node } from '../../test/onnx/builder.js';
import { FimError } from '../core/errors.js';
import { type Tensor, tensor } from '../core/tensor.js';
import type { OnnxNode } from '../graph/onnx/proto/index.js';
import { loadNetwork, type LoadNetworkOptions } from './load.js';
import { globMatches } from './parameters.js';

const filled = (shape: number[], seed = 1): Tensor =>
  f32(
    shape,
    Array.from({ length: shape.reduce((p, d) => p * d, 1) }, (_, i) => Math.sin(seed + 2.3 * i)),
  );
const positive = (n: number): Tensor =>
  f32(
    [n],
    Array.from({ length: n }, (_, i) => 1 + i / 3),
  );

/** The verdicts on a network from x [n, 4] to h [n, …]. */
function verdicts(
  nodes: OnnxNode[],
  weights: Record<string, Tensor>,
  more: Partial<LoadNetworkOptions> = {},
  file: { readonly producer?: string } = {},
): Record<string, string> {
  const inputs = [info('x', 'float32', ['n', 4])];
  const bytes = bytesOf({ inputs, outputs: ['h'], nodes, weights, ...file });
  const options = { file: 'net.onnx', dtype: 'float32', likelihood: 'categorical', ...more } as const;
  const { judged } = loadNetwork(bytes, options);
  return Object.fromEntries(judged.map((j) => [j.name, `${j.counted ? 'θ' : '–'} ${j.reason}`]));
}

const gemm = [node('MatMul', ['x', 'W'], 'z'), node('Add', ['z', 'c'], 'h')];
const two = { W: filled([4, 3]), c: filled([3], 2) };

describe('what counts as a parameter', () => {
  it('weights and biases', () => {
    expect(verdicts(gemm, two)).toEqual({ W: 'θ weight', c: 'θ bias or shift' });
    const transposed = [node('Gemm', ['x', 'V', 'c'], 'h', { transB: { type: 'int', value: 1 } })];
    expect(verdicts(transposed, { V: filled([3, 4]), c: filled([3]) })).toEqual({
      V: 'θ weight',
      c: 'θ bias or shift',
    });
  });

  it('in a file by PyTorch: centres that data are held against, a bias behind rows of a table', () => {
    const pytorch = { producer: 'pytorch' };
    const centres = [
      node('Reshape', ['x', 'to'], 'x1'),
      node('Sub', ['x1', 'c'], 'd'),
      node('Mul', ['d', 'd'], 's'),
      node('ReduceMean', ['s'], 'r', {
        axes: { type: 'ints', value: [2] },
        keepdims: { type: 'int', value: 0 },
      }),
      node('MatMul', ['r', 'W'], 'h'),
    ];
    const to = tensor('int64', [3], [-1, 1, 4]);
    const own = verdicts(centres, { c: filled([5, 4]), W: filled([5, 3]), to }, {}, pytorch);
    expect(own.c).toMatch(/^θ bias or shift/);
    const standardised = [node('Sub', ['x', 'c'], 'd'), node('MatMul', ['d', 'W'], 'h')];
    expect(verdicts(standardised, { c: filled([4]), W: filled([4, 3]) }, {}, pytorch).c).toMatch(
      /^– preprocessing/,
    );
    const rows = [
      node('Cast', ['x'], 'ids', { to: { type: 'int', value: 7 } }),
      node('Gather', ['E', 'ids'], 'e'),
      node('ReduceSum', ['e', 'axes'], 's', { keepdims: { type: 'int', value: 0 } }),
      node('Reshape', ['s', 'to'], 't'),
      node('Add', ['t', 'b'], 'h'),
    ];
    const [shape, axes] = [tensor('int64', [2], [-1, 1]), tensor('int64', [2], [1, 2])];
    const table = { E: filled([7, 1]), b: filled([1]), to: shape, axes };
    expect(verdicts(rows, table, { likelihood: 'bernoulli' }, pytorch).b).toMatch(/^θ bias or shift/);
  });

  it('learned scales and shifts after a site; the same before any site are preprocessing', () => {
    const nodes = [
      node('Sub', ['x', 'mean'], 'x1'),
      node('Mul', ['x1', 'std'], 'x2'),
      node('MatMul', ['x2', 'W'], 'z'),
      node('Mul', ['z', 'gain'], 'z1'),
      node('Sub', ['z1', 'offset'], 'h'),
    ];
    const weights = {
      mean: filled([4]),
      std: positive(4),
      W: two.W,
      gain: positive(3),
      offset: filled([3]),
    };
    const preprocessing =
      '– preprocessing: its other operand depends on no site (include it with `parameters`)';
    expect(verdicts(nodes, weights)).toEqual({
      mean: preprocessing,
      std: preprocessing,
      W: 'θ weight',
      gain: 'θ scale',
      offset: 'θ bias or shift',
    });
    // Asked for by name, they count.
    const asked = verdicts(nodes, weights, { parameters: ['mean', 'W'] });
    expect(asked).toMatchObject({ mean: 'θ chosen by `parameters`', gain: '– not chosen by `parameters`' });
  });

  it('of a batch norm its scale and shift, not its running statistics', () => {
    const nodes = [
      node('MatMul', ['x', 'W'], 'z'),
      node('BatchNormalization', ['z', 'gamma', 'beta', 'mu', 'var'], 'h'),
    ];
    const weights = {
      W: two.W,
      gamma: positive(3),
      beta: filled([3]),
      mu: filled([3], 4),
      var: positive(3),
    };
    expect(verdicts(nodes, weights)).toEqual({
      W: 'θ weight',
      gamma: 'θ scale of a normalisation',
      beta: 'θ shift of a normalisation',
      mu: '– a running statistic',
      var: '– a running statistic',
    });
  });

  it('of a layer norm its scale and shift, of a PRelu its slope', () => {
    const nodes = [
      node('MatMul', ['x', 'W'], 'z'),
      node('LayerNormalization', ['z', 'gamma', 'beta'], 'n', { epsilon: float(1e-5) }),
      node('PRelu', ['n', 'slope'], 'h'),
    ];
    const weights = { W: two.W, gamma: positive(3), beta: filled([3]), slope: f32([1], [0.25]) };
    const judged = verdicts(nodes, weights, { outputIs: 'natural' });
    expect(Object.values(judged).every((v) => v.startsWith('θ'))).toBe(true);
    expect(Object.keys(judged).sort()).toEqual(['W', 'beta', 'gamma', 'slope']);
  });

  it('masks and constants inside an activation are not learned', () => {
    const nodes = [
      node('Mul', ['W', 'mask'], 'Wm'),
      node('MatMul', ['x', 'Wm'], 'z'),
      node('Constant', [], 'root', { value: held(f32([1], [Math.SQRT2])) }),
      node('Constant', [], 'one', { value: held(f32([1], [1])) }),
      node('Constant', [], 'half', { value: held(f32([1], [0.5])) }),
      node('Div', ['z', 'root'], 'u'),
      node('Erf', ['u'], 'e'),
      node('Add', ['e', 'one'], 'f'),
      node('Mul', ['z', 'f'], 'g'),
      node('Mul', ['g', 'half'], 'a'),
      node('MatMul', ['a', 'V'], 'h'),
    ];
    const weights = {
      W: two.W,
      mask: f32([4, 3], [1, 0, 1, 1, 0, 0, 1, 1, 0, 1, 1, 1]),
      V: filled([3, 2], 3),
    };
    const judged = verdicts(nodes, weights);
    const counted = Object.keys(judged).filter((k) => judged[k].startsWith('θ'));
    expect(counted).toEqual(['W', 'V']);
    expect(judged.mask).toBe('– a mask: every entry is 0 or 1');
  });

  it('a weight whose entries happen to be ones and zeros is a weight', () => {
    const identity = f32([4, 3], [1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0]);
    expect(verdicts(gemm, { ...two, W: identity }).W).toBe('θ weight');
  });

  it('a tensor behind what has no derivative does not count', () => {
    const nodes = [
      ...gemm.slice(0, 1),
      node('Greater', ['c', 'z'], 'g'),
      node('Cast', ['g'], 'm', { to: { type: 'int', value: 1 } }),
      node('Mul', ['z', 'm'], 'h'),
    ];
    expect(verdicts(nodes, two)).toEqual({
      W: 'θ weight',
      c: '– does not reach the output differentiably',
    });
  });

  it('the weight that a learned query meets before any data, by the name that PyTorch gives a transposed one', () => {
    const made = (weight: string) =>
      verdicts(
        [
          node('MatMul', ['S', weight], 'q'),
          node('Transpose', ['q'], 'qt'),
          node('MatMul', ['x', 'qt'], 'h'),
        ],
        { S: filled([3, 4]), [weight]: filled([4, 4], 2) },
        {},
        { producer: 'pytorch' },
      );
    expect(made('onnx::MatMul_7')['onnx::MatMul_7']).toMatch(/^θ weight; folded/);
    // Anything else that was computed from tensors alone.
    expect(made('onnx::Add_7')['onnx::Add_7']).toMatch(/^– weight; folded/);
  });
});

describe('choosing a subset', () => {
  const thrown = (more: Partial<LoadNetworkOptions>): FimError => {
    try {
      verdicts(gemm, two, more);
    } catch (e) {
      if (e instanceof FimError) return e;
    }
    throw new Error('nothing was thrown');
  };

  it('--freeze takes out, --parameters takes only, the first wins', () => {
    expect(verdicts(gemm, two, { freeze: ['c'] })).toEqual({ W: 'θ weight', c: '– frozen by `freeze`' });
    expect(verdicts(gemm, two, { parameters: ['?'], freeze: ['W'] })).toEqual({
      W: '– frozen by `freeze`',
      c: 'θ chosen by `parameters`',
    });
  });

  it('a glob that matches nothing is a mistake, with a suggestion', () => {
    for (const more of [{ parameters: ['W', 'w'] }, { freeze: ['fc1.*'] }]) {
      const error = thrown(more);
      expect(error.code).toBe('model/glob');
      expect(error.kind).toBe('usage');
      expect(error.message).toContain('W, c');
    }
    expect(thrown({ parameters: ['Ww'] }).message).toContain('W');
  });

  it('nothing left is refused, with the reason for each', () => {
    const error = thrown({ freeze: ['*'] });
    expect(error.code).toBe('model/no-parameters');
    expect(error.message).toContain('W: frozen by `freeze`; c: frozen by `freeze`');
  });

  it.each([
    ['fc1.*', 'fc1.weight', true],
    ['fc1.*', 'fc10weight', false],
    ['*.bias', 'a.b.bias', true],
    ['*.bias', 'a.biases', false],
    ['fc?.weight', 'fc2.weight', true],
    ['fc?.weight', 'fc12.weight', false],
    ['onnx::MatMul_*', 'onnx::MatMul_23', true],
    ['a(b)+', 'a(b)+', true],
    ['a(b)+', 'ab', false],
    ['*', '', true],
    ['block[0]', 'block[0]', true],
    ['block[0]', 'block0', false],
    ['dense/kernel', 'dense/kernel', true],
  ])('%s matches %s: %s', (glob, name, match) => {
    expect(globMatches(glob, name)).toBe(match);
  });
});
