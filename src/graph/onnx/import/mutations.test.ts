/** Mutated files: 2,000 of all kinds, and one of each kind that was once read otherwise than ONNX Runtime reads it. */
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { complaintOf } from '../../../../test/fixtures/data/index.js';
import {
  type Attributes,
  bytesOf,
  f32,
  float,
  floats,
  i64,
  info,
  int,
  ints,
  node,
  text,
  texts,
} from '../../../../test/onnx/builder.js';
import { runImported, worstError } from '../../../../test/onnx/evaluate.js';
import { drawn } from '../../../../test/onnx/exporters.js';
import { runOrt } from '../../../../test/onnx/runtime.js';
import { type Tensor, tensor } from '../../../core/tensor.js';
import { importModel } from '../index.js';

const COUNT = 2000;
const SEED = 20;
/** Nine seconds on one core. */
const PATIENCE = 110_000;

it(`${COUNT} mutated files are refused or read as ONNX Runtime reads them`, () => {
  const { status, stdout } = spawnSync(
    process.execPath,
    ['node_modules/vite-node/vite-node.mjs', 'bench/mutations.ts', String(COUNT), String(SEED)],
    { encoding: 'utf8', timeout: PATIENCE },
  );
  const lines = stdout.trim().split('\n');
  const counts = JSON.parse(lines[lines.length - 1]) as Record<string, number>;
  expect({ status, failed: lines.slice(0, -1) }).toEqual({ status: 0, failed: [] });
  expect(counts.refused).toBeGreaterThan(COUNT / 4);
  expect(counts.agrees).toBeGreaterThan(COUNT / 8);
});

const square = [3, 6, 8];
const kernel = f32(
  [2, 3, 1, 1],
  Array.from({ length: 6 }, (_, i) => i - 2),
);

interface Refused {
  readonly name: string;
  readonly code: string;
  readonly op: string;
  /** Names of the operands; x and the weights unless given. */
  readonly operands?: readonly string[];
  readonly attributes?: Attributes;
  readonly shape?: readonly number[];
  readonly weights?: Readonly<Record<string, Tensor>>;
}

const REFUSED: readonly Refused[] = [
  {
    name: 'a Constant with an attribute of another name',
    code: 'onnx/form',
    op: 'Constant',
    operands: [],
    attributes: { perm: ints(2, 0, 1) },
  },
  {
    name: 'a flag that is neither 0 nor 1',
    code: 'onnx/attribute',
    op: 'ReduceMax',
    attributes: { keepdims: int(2) },
  },
  {
    name: 'the bias of a Conv without an axis',
    code: 'graph/shape',
    op: 'Conv',
    shape: square,
    weights: { kernel, bias: f32([], [1]) },
  },
  {
    name: 'the shift of a BatchNormalization without an axis',
    code: 'graph/shape',
    op: 'BatchNormalization',
    shape: square,
    weights: { s: f32([3], [1, 2, 3]), b: f32([], [1]), m: f32([3], [0, 1, 2]), v: f32([3], [1, 2, 3]) },
  },
  {
    name: 'a Gemm of whole numbers',
    code: 'graph/shape',
    op: 'Gemm',
    weights: { w: tensor('int64', [4, 2], [1, 2, 3, 4, 5, 6, 7, 8]) },
  },
  { name: 'a negative α of Celu', code: 'onnx/attribute', op: 'Celu', attributes: { alpha: float(-1) } },
  {
    name: 'an LRN over any number of channels',
    code: 'onnx/form',
    op: 'LRN',
    shape: square,
    attributes: { size: int(2 ** 62) },
  },
  {
    name: 'a shift of groups with an axis too many',
    code: 'graph/shape',
    op: 'GroupNormalization',
    shape: square,
    attributes: { num_groups: int(3) },
    weights: { s: f32([3], [1, 2, 3]), t: f32([1, 3], [1, 2, 3]) },
  },
  {
    name: 'an initial state without an axis',
    code: 'graph/shape',
    op: 'RNN',
    shape: [2, 3],
    attributes: { hidden_size: int(1), layout: int(1) },
    weights: {
      w: f32([1, 1, 3], [1, 2, 3]),
      r: f32([1, 1, 1], [1]),
      b: f32([1, 2], [0, 1]),
      l: tensor('int32', [1], [2]),
      start: f32([1, 1], [1]),
    },
  },
  {
    name: 'pads of any length',
    code: 'onnx/too-large',
    op: 'Pad',
    weights: { p: i64(0, 2 ** 43, 0, 0), v: f32([], [2]) },
  },
  {
    name: 'a pool whose windows leave elements out under SAME',
    code: 'onnx/form',
    op: 'LpPool',
    shape: square,
    attributes: { kernel_shape: ints(3, 3), strides: ints(2, 11), auto_pad: text('SAME_UPPER') },
  },
  {
    name: 'a Conv whose windows leave elements out under SAME',
    code: 'onnx/form',
    op: 'Conv',
    shape: square,
    attributes: { strides: ints(1, 11), auto_pad: text('SAME_LOWER') },
    weights: { kernel },
  },
  ...[
    { name: 'an activation without its α', attributes: {} },
    { name: 'an activation without its β', attributes: { activation_alpha: floats(0.5) } },
    {
      name: 'an activation with the α of another alone',
      attributes: {
        direction: text('bidirectional'),
        activations: texts('LeakyRelu', 'Affine'),
        activation_alpha: floats(0.5),
      },
    },
  ].map(({ name, attributes }): Refused => {
    const directions = 'direction' in attributes ? 2 : 1;
    return {
      name,
      code: 'onnx/operand',
      op: 'RNN',
      shape: [2, 3],
      attributes: { layout: int(1), activations: texts('ScaledTanh'), ...attributes },
      weights: {
        w: f32(
          [directions, 1, 3],
          Array.from({ length: 3 * directions }, (_, i) => i),
        ),
        r: f32(
          [directions, 1, 1],
          Array.from({ length: directions }, () => 1),
        ),
      },
    };
  }),
  {
    name: 'angles by position that are no table',
    code: 'graph/shape',
    op: 'RotaryEmbedding',
    shape: [2, 3, 4],
    weights: { cos: f32([2], [1, 0]), sin: f32([2], [0, 1]), at: tensor('int64', [1, 3], [0, 1, 0]) },
  },
  {
    name: 'grouped attention to more steps than there are',
    code: 'graph/shape',
    op: 'ms.GroupQueryAttention',
    operands: ['x', '', '', '', '', 'last', 'total'],
    shape: [3, 32],
    attributes: { num_heads: int(2), kv_num_heads: int(1) },
    weights: { last: tensor('int32', [1], [2]), total: tensor('int32', [1], [4]) },
  },
  {
    name: 'a transposed vector',
    code: 'graph/shape',
    op: 'ms.FusedMatMul',
    attributes: { transB: int(1) },
    weights: { w: f32([4], [1, 2, 3, 4]) },
  },
  {
    name: 'a Scaler of other columns',
    code: 'graph/shape',
    op: 'ml.Scaler',
    shape: [1],
    attributes: { offset: floats(1, 2), scale: floats(1, 2) },
  },
];

describe('refused by one complaint', () => {
  for (const { name, code, op, operands, attributes = {}, shape = [4], weights = {} } of REFUSED) {
    it(name, () => {
      const bytes = bytesOf({
        inputs: [info('x', 'float32', ['n', ...shape])],
        outputs: ['h'],
        nodes: [node(op, operands ?? ['x', ...Object.keys(weights)], 'h', attributes)],
        weights,
      });
      expect(complaintOf(() => importModel(bytes).value('h')).code).toBe(code);
    });
  }

  it('shape arithmetic with whole numbers that are not exact, or of another count', () => {
    const shaped = (op: string, a: Tensor, b: Tensor): string => {
      const nodes = [node(op, ['a', 'b'], 's'), node('Reshape', ['x', 's'], 'h')];
      const bytes = bytesOf({
        inputs: [info('x', 'float32', ['n', 4])],
        outputs: ['h'],
        nodes,
        weights: { a, b },
      });
      return complaintOf(() => importModel(bytes).value('h')).code;
    };
    expect(shaped('Mod', i64(2 ** 60), i64(3))).toBe('onnx/form');
    expect(shaped('Pow', i64(255), i64(15))).toBe('onnx/form');
    expect(shaped('Reshape', i64(4), i64(3))).toBe('graph/shape');
  });
});

describe('read as ONNX Runtime reads it', () => {
  it('a mask of attention: what is 0 or less is hidden', async () => {
    const [n, steps] = [4, 3];
    const bytes = bytesOf({
      inputs: [info('x', 'float32', ['n', steps, 4]), info('mask', 'int32', ['n', steps])],
      outputs: ['h'],
      nodes: [node('ms.Attention', ['x', 'all', 'bias', 'mask'], 'h', { num_heads: int(2) })],
      weights: { all: drawn('all', [4, 24]), bias: drawn('bias', [24]) },
    });
    const x = drawn('x', [n, steps, 4]);
    const mask = tensor('int32', [n, steps], [1, 0, 1, 1, -1, 2, -3, 1, 0, 7, 1, -1]);
    const [got] = runImported(bytes, { x, mask }, ['h'], n);
    const { h } = await runOrt(bytes, { x, mask });
    expect(worstError(got.data, h.data as Float32Array)).toBeLessThan(1e-6);
  });

  it.each([
    { op: 'LSTM', gates: 4, attributes: {}, says: true },
    { op: 'GRU', gates: 3, attributes: { linear_before_reset: int(1) }, says: false },
    { op: 'GRU', gates: 3, attributes: {}, says: false },
    { op: 'RNN', gates: 1, attributes: {}, says: false },
  ])('the clip of $op $attributes', async ({ op, gates, attributes, says }) => {
    const [n, steps, size, hidden] = [3, 4, 2, 2];
    const bytes = bytesOf({
      inputs: [info('x', 'float32', ['n', steps, size])],
      outputs: ['h'],
      nodes: [
        node('Transpose', ['x'], 's', { perm: ints(1, 0, 2) }),
        node(op, ['s', 'w', 'r', 'b'], ['y'], { hidden_size: int(hidden), clip: float(0.2), ...attributes }),
        node('Transpose', ['y'], 'h', { perm: ints(2, 0, 1, 3) }),
      ],
      weights: {
        w: drawn('w', [1, gates * hidden, size]),
        r: drawn('r', [1, gates * hidden, hidden]),
        b: drawn('b', [1, 2 * gates * hidden]),
      },
    });
    const x = drawn('x', [n, steps, size]);
    const model = importModel(bytes);
    model.value('h');
    expect(model.notes.some((note) => note.includes('clip'))).toBe(says);
    const [got] = runImported(bytes, { x }, ['h'], n);
    const { h } = await runOrt(bytes, { x });
    expect(worstError(got.data, h.data as Float32Array)).toBeLessThan(1e-6);
  });

  it('the largest of a symmetric window is the first of the two', async () => {
    const bytes = bytesOf({
      inputs: [info('x', 'float32', ['n', 4])],
      outputs: ['h'],
      nodes: [
        node('BlackmanWindow', ['size'], 'w', { periodic: int(0) }),
        node('Hardmax', ['w'], 'one'),
        node('Mul', ['x', 'one'], 'h'),
      ],
      weights: { size: tensor('int64', [], [4]) },
    });
    const x = drawn('x', [2, 4]);
    const [got] = runImported(bytes, { x }, ['h'], 2);
    const { h } = await runOrt(bytes, { x });
    expect(worstError(got.data, h.data as Float32Array)).toBeLessThan(1e-6);
  });
});
