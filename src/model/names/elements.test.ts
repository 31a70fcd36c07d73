import { describe, expect, it } from 'vitest';
import { bytesOf, f32, info, int, node } from '../../../test/onnx/builder.js';
import { namesFile, openNamed, outputsAt } from '../../../test/onnx/named.js';
import type { Tensor } from '../../core/tensor.js';

const table = f32([5, 2], [0.1, -0.2, 0.3, 0.4, -0.5, 0.6, 0.7, -0.8, 0.9, 1.1]);
/** Rows of the table by differences of two places, [2, 3, 3], as a file of 18 numbers. */
const bias = Array.from({ length: 18 }, (_, i) => {
  const [head, row, column] = [Math.floor(i / 9), Math.floor(i / 3) % 3, i % 3];
  return Number(table.data[2 * (row - column + 2) + head]);
});
const W = f32(
  [18, 3],
  Array.from({ length: 54 }, (_, i) => Math.sin(i)),
);

const open = (names: Readonly<Record<string, Tensor>>) =>
  openNamed(
    bytesOf({
      inputs: [info('x', 'float32', ['n', 2, 3, 3])],
      outputs: ['h'],
      weights: { 'onnx::Add_4': f32([1, 2, 3, 3], bias), 'fc.weight': W },
      nodes: [
        node('Add', ['x', 'onnx::Add_4'], 'a', {}, '/attn/Add'),
        node('Flatten', ['a'], 'f', { axis: int(1) }),
        node('MatMul', ['f', 'fc.weight'], 'h', {}, '/fc/MatMul'),
      ],
      producer: 'pytorch',
    }),
    namesFile(names),
  );

describe('elements of a parameter', () => {
  it('that were put in place by known indices are read from it', () => {
    const loaded = open({ 'attn.table': table, 'fc.weight': W });
    const { network, notes } = loaded;
    expect([...network.parameters].map(([name, v]) => [name, v.shape])).toEqual([
      ['attn.table', [5, 2]],
      ['fc.weight', [18, 3]],
    ]);
    expect(notes.join('\n')).toContain('holds elements of attn.table');
    const h = outputsAt(loaded, 1, [1, 2, 3, 3], new Float64Array(18));
    h.forEach((v, o) =>
      expect(v).toBeCloseTo(
        bias.reduce((s, x, i) => s + Math.fround(x) * Number(W.data[3 * i + o]), 0),
        6,
      ),
    );
  });

  it('are not guessed where two of them are equal', () => {
    const equal = f32([5, 2], [0.1, 0.1, 0.3, 0.4, -0.5, 0.6, 0.7, -0.8, 0.9, 1.1]);
    expect(() => open({ 'attn.table': equal, 'fc.weight': W })).toThrow(/attn\.table/);
  });
});
