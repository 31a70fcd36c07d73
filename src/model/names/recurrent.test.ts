import { describe, expect, it } from 'vitest';
import { bytesOf, f32, info, int, node, text } from '../../../test/onnx/builder.js';
import { openNamed, outputsAt } from '../../../test/onnx/named.js';
import { type Tensor, toFloat64 } from '../../core/tensor.js';
import type { NamesFile } from './types.js';

/** Rows of `width` numbers that tell which row of which gate they are. */
const rows = (width: number, first: number, ...gates: readonly number[]): number[] =>
  gates.flatMap((gate) =>
    [0, 1].flatMap((r) =>
      Array.from({ length: width }, (_, i) => Math.sin(first + 10 * gate + 3 * r + i) / 2),
    ),
  );

/** PyTorch's gates i f g o; the file has i o f c. */
const TORCH = [0, 1, 2, 3];
const ONNX = [0, 3, 1, 2];

const framework: Record<string, Tensor> = {
  'r.weight_ih_l0': f32([8, 3], rows(3, 1, ...TORCH)),
  'r.weight_hh_l0': f32([8, 2], rows(2, 2, ...TORCH)),
  'r.bias_ih_l0': f32([8], rows(1, 3, ...TORCH)),
  'r.bias_hh_l0': f32([8], rows(1, 4, ...TORCH)),
  'r.weight_ih_l0_reverse': f32([8, 3], rows(3, 5, ...TORCH)),
  'r.weight_hh_l0_reverse': f32([8, 2], rows(2, 6, ...TORCH)),
  'r.bias_ih_l0_reverse': f32([8], rows(1, 7, ...TORCH)),
  'r.bias_hh_l0_reverse': f32([8], rows(1, 8, ...TORCH)),
};

const inFile: Record<string, Tensor> = {
  'onnx::LSTM_9': f32(
    [2, 16],
    [3, 4, 7, 8].flatMap((first) => rows(1, first, ...ONNX)),
  ),
  'onnx::LSTM_10': f32(
    [2, 8, 3],
    [1, 5].flatMap((first) => rows(3, first, ...ONNX)),
  ),
  'onnx::LSTM_11': f32(
    [2, 8, 2],
    [2, 6].flatMap((first) => rows(2, first, ...ONNX)),
  ),
};

const bytes = (producer = 'pytorch', bias = inFile['onnx::LSTM_9']): Uint8Array =>
  bytesOf({
    inputs: [info('x', 'float32', [4, 'n', 3])],
    outputs: ['h'],
    weights: { ...inFile, 'onnx::LSTM_9': bias },
    nodes: [
      node(
        'LSTM',
        ['x', 'onnx::LSTM_10', 'onnx::LSTM_11', 'onnx::LSTM_9'],
        ['y', 'last', ''],
        { hidden_size: int(2), direction: text('bidirectional') },
        '/r/LSTM',
      ),
      node('ReduceMean', ['y'], 'm', { axes: { type: 'ints', value: [0] }, keepdims: int(0) }),
      node('Transpose', ['m'], 't', { perm: { type: 'ints', value: [1, 0, 2] } }),
      node('Flatten', ['t'], 'h'),
    ],
    producer,
  });

const open = (names: NamesFile | null = null, producer?: string, bias?: Tensor) =>
  openNamed(bytes(producer, bias), names);

/** h of two examples. */
const outputs = (loaded: ReturnType<typeof open>): number[] =>
  outputsAt(
    loaded,
    2,
    [4, 2, 3],
    Float64Array.from({ length: 24 }, (_, i) => Math.cos(1.7 * i)),
  );

const entries = (withValues: boolean) =>
  Object.entries(framework).map(([name, t]) => ({
    name,
    shape: withValues ? t.shape : null,
    values: withValues ? t : null,
  }));

describe('weights of a recurrent layer', () => {
  it.each([true, false])('in the layout of PyTorch, by names with numbers: %s', (withValues) => {
    const named = open({ where: 'names', entries: entries(withValues), aside: [] });
    for (const [name, t] of Object.entries(framework)) {
      const own = named.network.weights.get(name) as Tensor;
      expect(own.shape).toEqual(t.shape);
      expect([...toFloat64(own)].map(Math.fround)).toEqual([...t.data]);
    }
    expect([...named.network.parameters.keys()]).toEqual(Object.keys(framework));
    outputs(named).forEach((h, i) => expect(h).toBeCloseTo(outputs(open())[i], 14));
  });

  it('are refused under other numbers', () => {
    const other = entries(true).map((e) =>
      e.name === 'r.bias_hh_l0' ? { ...e, values: framework['r.bias_ih_l0'] } : e,
    );
    expect(() => open({ where: 'names', entries: other, aside: [] })).toThrow(/r\.bias_hh_l0/);
  });

  it('count without names', () => {
    const verdicts = open().judged.map((j) => [j.name, j.counted, j.doubt]);
    expect(verdicts).toEqual([...Object.keys(inFile)].map((name) => [name, true, false]));
  });

  it('a bias of the state that is 0 throughout may be none, where a framework has one bias only', () => {
    const half = f32(
      [2, 16],
      Array.from({ length: 32 }, (_, i) => (i % 16 < 8 ? Math.sin(i + 1) : 0)),
    );
    const [bias] = open(null, 'tf2onnx', half).judged.filter((j) => j.name === 'onnx::LSTM_9');
    expect([bias.counted, bias.doubt]).toEqual([true, true]);
    const [both] = open(null, 'pytorch', half).judged.filter((j) => j.name === 'onnx::LSTM_9');
    expect([both.counted, both.doubt]).toEqual([true, false]);
  });
});
