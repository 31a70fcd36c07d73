import { describe, expect, it } from 'vitest';
import { bytesOf, f32, info, int, node } from '../../../test/onnx/builder.js';
import { namesFile, openNamed, outputsAt } from '../../../test/onnx/named.js';
import { type Tensor, toFloat64 } from '../../core/tensor.js';

const wave = (shape: readonly number[], phase: number, mean = 0): Tensor =>
  f32(
    shape,
    Array.from({ length: shape.reduce((p, d) => p * d, 1) }, (_, i) => mean + Math.sin(1.7 * i + phase) / 2),
  );

const names = {
  'c.weight': wave([3, 1, 2, 2], 1),
  'c.bias': wave([3], 2),
  'n.weight': wave([3], 3, 1),
  'n.bias': wave([3], 4),
  'fc.weight': wave([2, 3], 5),
};
const [mean, variance] = [
  [0.2, -0.4, 0.6],
  [0.5, 1.5, 2.5],
];

/** What the exporter writes for the convolution and its norm. */
function folded(): { readonly weight: Tensor; readonly bias: Tensor } {
  const [w, b, g, s] = ['c.weight', 'c.bias', 'n.weight', 'n.bias'].map((n) =>
    toFloat64(names[n as keyof typeof names]),
  );
  const scale = variance.map((v, o) => g[o] / Math.sqrt(v + 1e-5));
  return {
    weight: f32(
      [3, 1, 2, 2],
      [...w].map((x, i) => x * scale[Math.floor(i / 4)]),
    ),
    bias: f32(
      [3],
      mean.map((m, o) => (b[o] - m) * scale[o] + s[o]),
    ),
  };
}

const open = (given: Readonly<Record<string, Tensor>> | null, weight = folded().weight) =>
  openNamed(
    bytesOf({
      inputs: [info('x', 'float32', ['n', 1, 3, 3])],
      outputs: ['h'],
      weights: { 'fc.weight': names['fc.weight'], 'onnx::Conv_7': weight, 'onnx::Conv_8': folded().bias },
      nodes: [
        node('Conv', ['x', 'onnx::Conv_7', 'onnx::Conv_8'], 'z', {}, '/c/Conv'),
        node('ReduceMean', ['z'], 'm', { axes: { type: 'ints', value: [2, 3] }, keepdims: int(0) }),
        node('Gemm', ['m', 'fc.weight'], 'h', { transB: int(1) }, '/fc/Gemm'),
      ],
      producer: 'pytorch',
    }),
    given && namesFile(given),
  );

const outputs = (loaded: ReturnType<typeof open>): number[] =>
  outputsAt(
    loaded,
    1,
    [1, 1, 3, 3],
    Float64Array.from({ length: 9 }, (_, i) => Math.cos(2.3 * i)),
  );

describe('a norm that was folded into a convolution', () => {
  it('is taken apart by the numbers of both', () => {
    const named = open(names);
    expect([...named.network.parameters].map(([name, v]) => [name, v.shape])).toEqual(
      Object.entries(names).map(([name, t]) => [name, t.shape]),
    );
    expect(named.notes.join('\n')).toContain('hold c.weight and the norm n after it');
    const plain = outputs(open(null));
    outputs(named).forEach((h, i) => expect(h).toBeCloseTo(plain[i], 6));
  });

  it('is not guessed where the factors of a channel differ', () => {
    const other = f32(
      [3, 1, 2, 2],
      [...toFloat64(folded().weight)].map((x, i) => (i === 5 ? 1.01 * x : x)),
    );
    expect(() => open(names, other)).toThrow(/folded|holds only what was computed/);
  });

  it('is not guessed where no norm follows the convolution', () => {
    const { 'fc.weight': fc, 'c.weight': w, 'c.bias': b, ...norm } = names;
    expect(() => open({ 'c.weight': w, 'c.bias': b, 'fc.weight': fc, ...norm })).toThrow(
      /c\.weight|n\.weight/,
    );
  });
});
