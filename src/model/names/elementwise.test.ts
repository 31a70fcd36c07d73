import { describe, expect, it } from 'vitest';
import { bytesOf, f32, info, node } from '../../../test/onnx/builder.js';
import { namesFile, openNamed, outputsAt } from '../../../test/onnx/named.js';
import type { Tensor } from '../../core/tensor.js';

const p = [0.4, -1.2, 0.9];
const W = f32([3, 3], [0.3, -0.5, 0.2, 0.8, 0.1, -0.4, -0.9, 0.6, 0.7]);

/** h = (x W) ⊙ scale, the scale computed when the file was written. */
const open = (scale: readonly number[], names: Readonly<Record<string, Tensor>>) =>
  openNamed(
    bytesOf({
      inputs: [info('x', 'float32', ['n', 3])],
      outputs: ['h'],
      weights: { 'fc.weight': W, 'onnx::Mul_5': f32([scale.length], scale) },
      nodes: [
        node('MatMul', ['x', 'fc.weight'], 'z', {}, '/fc/MatMul'),
        node('Mul', ['z', 'onnx::Mul_5'], 'h', {}, '/Mul'),
      ],
      producer: 'pytorch',
    }),
    namesFile({ 'fc.weight': W, ...names }),
  );

const outputs = (loaded: ReturnType<typeof open>): number[] =>
  outputsAt(loaded, 1, [1, 3], Float64Array.of(1, -2, 0.5));

const FUNCTIONS: readonly (readonly [string, (x: number) => number])[] = [
  ['−p', (x) => -x],
  ['e^p', Math.exp],
  ['−e^p', (x) => -Math.exp(x)],
  ['softplus p', (x) => Math.log(1 + Math.exp(x))],
  ['σ(p)', (x) => 1 / (1 + Math.exp(-x))],
  ['tanh p', Math.tanh],
  ['|p|', Math.abs],
  ['p²', (x) => x * x],
  ['1/p', (x) => 1 / x],
  ['relu p', (x) => Math.max(x, 0)],
  ['0.25·p', (x) => x / 4],
];

describe('tensors that are a function of one parameter', () => {
  const z = [0, 1, 2].map((o) => [1, -2, 0.5].reduce((s, x, i) => s + x * Number(W.data[3 * i + o]), 0));

  it.each(FUNCTIONS)('%s', (name, f) => {
    const scale = p.map((x) => Math.fround(f(Math.fround(x))));
    const loaded = open(scale, { g: f32([3], p) });
    expect([...loaded.network.parameters.keys()]).toEqual(['fc.weight', 'g']);
    expect(loaded.notes.join('\n')).toContain(`holds ${name} of g`);
    outputs(loaded).forEach((h, i) => expect(h).toBeCloseTo(z[i] * scale[i], 6));
  });

  it('one number: by a function, not by a multiple', () => {
    const e = Math.fround(Math.exp(Math.fround(0.4)));
    expect([...open([e], { s: f32([], [0.4]) }).network.parameters.keys()]).toEqual(['fc.weight', 's']);
    expect(() => open([0.123], { s: f32([], [0.4]) })).toThrow(/s \[\]|s/);
  });

  it('a multiple by a number that is a parameter too is no multiple', () => {
    const scale = p.map((x) => Math.fround(x / 4));
    expect(() => open(scale, { g: f32([3], p), c: f32([], [0.25]) })).toThrow(/\bg\b/);
  });

  it('two parameters with the same numbers settle nothing', () => {
    const scale = p.map((x) => Math.fround(Math.exp(Math.fround(x))));
    expect(() => open(scale, { g: f32([3], p), k: f32([3], p) })).toThrow(/\bg\b/);
  });
});
