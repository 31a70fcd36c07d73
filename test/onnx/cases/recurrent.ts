/**
 * @module test/onnx/cases/recurrent
 *
 * Recurrent layers: directions, lengths, initial states, peepholes, bounds and activations. The data are [n, steps, inputs]; ONNX Runtime
 * takes them steps first only, so they are turned in the file.
 */
import { Sequence } from '../../../src/core/random.js';
import { sizeOf, type Tensor } from '../../../src/core/tensor.js';
import { type Attributes, f32, float, floats, i64, int, ints, node, text, texts } from '../builder.js';
import { type Case } from './case.js';

const [STEPS, INPUTS, HIDDEN] = [4, 3, 2];
const GATES: Readonly<Record<string, number>> = { RNN: 1, GRU: 3, LSTM: 4 };

function weight(name: string, ...shape: number[]): Tensor {
  const s = new Sequence(6, `${name} ${shape.join()}`);
  return f32(
    shape,
    Array.from({ length: sizeOf(shape) }, () => Math.fround(1.6 * s.next() - 0.8)),
  );
}

/** [d, 1, H] once for every example. */
const examplesOf = (state: string, out: string) => [
  node('ReduceMean', ['s', 'over'], `${out}_m`, { keepdims: int(1) }),
  node('Sub', [`${out}_m`, `${out}_m`], `${out}_0`),
  node('Add', [state, `${out}_0`], out),
];

interface Layer {
  readonly attributes?: Attributes;
  readonly directions?: number;
  /** Initial states, learned. */
  readonly initial?: boolean;
  /** Lengths of the sequences, computed of the data: 1 to 4. */
  readonly lengths?: boolean;
  readonly peepholes?: boolean;
  readonly bias?: boolean;
  /** The output that is looked at: Y, Y_h or Y_c. */
  readonly output?: number;
}

function layer(op: string, name: string, o: Layer = {}): Case {
  const d = o.directions ?? 1;
  const g = GATES[op] * HIDDEN;
  const weights: Record<string, Tensor> = {
    W: weight('W', d, g, INPUTS),
    R: weight('R', d, g, HIDDEN),
    ...(o.bias !== false && { B: weight('B', d, 2 * g) }),
    ...(o.initial && { h0: weight('h0', d, 1, HIDDEN) }),
    ...(o.initial && op === 'LSTM' && { c0: weight('c0', d, 1, HIDDEN) }),
    ...(o.initial && { over: i64(0, 2) }),
    ...(o.lengths && { from: i64(0, 0), to: i64(1, 1), axes: i64(1, 2), three: f32([1], [3]) }),
    ...(o.peepholes && { P: weight('P', d, 3 * HIDDEN) }),
  };
  const inputs = ['s', 'W', 'R', o.bias === false ? '' : 'B', o.lengths ? 'len' : '', o.initial ? 'h1' : ''];
  if (op === 'LSTM') inputs.push(o.initial ? 'c1' : '', o.peepholes ? 'P' : '');
  const names = ['y', 'y_h', 'y_c'];
  const output = o.output ?? 0;
  const nodes = [
    node('Transpose', ['x'], 's', { perm: ints(1, 0, 2) }),
    ...(o.initial ? examplesOf('h0', 'h1') : []),
    ...(o.initial && op === 'LSTM' ? examplesOf('c0', 'c1') : []),
    ...(o.lengths
      ? [
          node('Slice', ['x', 'from', 'to', 'axes'], 'first'),
          node('Squeeze', ['first', 'axes'], 'one'),
          node('Add', ['one', 'three'], 'length'),
          node('Cast', ['length'], 'len', { to: int(6) }),
        ]
      : []),
    node(op, inputs, names.slice(0, op === 'LSTM' ? 3 : 2), { hidden_size: int(HIDDEN), ...o.attributes }),
    node('Transpose', [names[output]], 'h', { perm: output === 0 ? ints(2, 0, 1, 3) : ints(1, 0, 2) }),
  ];
  return { name: `${op} ${name}`, opsets: [18, 21], nodes, shape: [STEPS, INPUTS], weights, range: [-2, 2] };
}

const BOTH: Layer = { attributes: { direction: text('bidirectional') }, directions: 2, initial: true };

export const RECURRENT: Case[] = ['RNN', 'GRU', 'LSTM']
  .flatMap((op) => [
    layer(op, 'forward'),
    layer(op, 'without a bias, its last state', { bias: false, output: 1 }),
    layer(op, 'backwards, from a state', { attributes: { direction: text('reverse') }, initial: true }),
    layer(op, 'in both directions', BOTH),
    layer(op, 'in both directions, its last states', { ...BOTH, output: 1 }),
    layer(op, 'of several lengths', { ...BOTH, lengths: true }),
    layer(op, 'of several lengths, its last states', { ...BOTH, lengths: true, output: 1 }),
    layer(op, 'clipped', { attributes: { clip: float(0.61) }, initial: true }),
  ])
  .concat(
    layer('LSTM', 'clipped below its state', { attributes: { clip: float(0.31) }, initial: true }),
    layer('RNN', 'with another activation', {
      attributes: {
        activations: texts('ScaledTanh'),
        activation_alpha: floats(0.7),
        activation_beta: floats(1.3),
      },
    }),
    layer('RNN', 'with two activations', {
      ...BOTH,
      attributes: {
        direction: text('bidirectional'),
        activations: texts('LeakyRelu', 'HardSigmoid'),
        activation_alpha: floats(0.3, 0.15),
        activation_beta: floats(0.4),
      },
    }),
    layer('GRU', 'linear before the reset', { attributes: { linear_before_reset: int(1) } }),
    layer('GRU', 'linear before the reset, from a state', {
      ...BOTH,
      attributes: { direction: text('bidirectional'), linear_before_reset: int(1) },
    }),
    layer('GRU', 'with other activations', { attributes: { activations: texts('HardSigmoid', 'Softsign') } }),
    layer('LSTM', 'its last cell', { ...BOTH, output: 2 }),
    layer('LSTM', 'with peepholes', { peepholes: true, initial: true }),
    layer('LSTM', 'with coupled gates', { attributes: { input_forget: int(1) } }),
    layer('LSTM', 'with other activations', {
      attributes: { activations: texts('Sigmoid', 'Softsign', 'Affine'), activation_alpha: floats(0.5) },
    }),
  );
