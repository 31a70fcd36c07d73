/**
 * @module graph/onnx/import/operators/recurrent
 *
 * Recurrent layers written out over the steps of a known length S. The input's product x_t Wᵀ is one of all steps; the state's, h Rᵀ, one
 * at every step, so that a weight's score is the sum over steps before anything is squared. X is [S, N, I] (`layout` 0) or [N, S, I];
 * W [D, G·H, I], R [D, G·H, H], B [D, 2·G·H] hold G gates for each of D directions. A sequence that is shorter (`sequence_lens`) keeps its
 * state behind its end, where Y is 0. Source: onnx/onnx, Operators.md (RNN, GRU, LSTM, opset 7, 14, 22).
 */
import { tensor } from '../../../../core/tensor.js';
import * as b from '../../../build.js';
import { batchAxis, type Dim, isBatch } from '../../../dims.js';
import { constant, type Value } from '../../../value.js';
import type { OpContext } from '../context.js';
import { oneRow } from '../baked-rows.js';
import { isFolded, isWeights, type Item, numbersOf } from '../items.js';
import { type Activation, activationsOf } from './cell-activations.js';

/** Weights of one direction, transposed to multiply rows. */
export interface Direction {
  /** Products of the input with both biases that do not depend on the state, for every step: [B, S, G·H]. */
  readonly inputs: Value;
  /** R as [H, G·H]. */
  readonly recurrent: Value;
  /** Bias of the state's product, [G·H], where the file has one. */
  readonly stateBias: Value | null;
  /** Weights of the peepholes, [3·H]. */
  readonly peepholes: Value | null;
  readonly activations: readonly Activation[];
  readonly hidden: number;
}

/** h and, of an LSTM, c; null: zero. */
export interface State {
  readonly h: Value | null;
  readonly c: Value | null;
}

/** One step: the gates' part of the input [B, G·H] and the state before give the state behind. */
export type Cell = (d: Direction, input: Value, before: State) => { h: Value; c: Value | null };

/** What kind of cell it is. */
export interface CellKind {
  readonly gates: number;
  /** Names of the usual activations. */
  readonly activations: readonly string[];
  readonly cell: Cell;
  /** Operand of the initial c, and of the peepholes. */
  readonly cellState?: number;
  readonly peepholes?: number;
  /** The state's bias is not added to the input's. */
  readonly biasApart?: boolean;
}

/** The columns of gate k of [.., G·H]. */
export const gate = (x: Value, k: number, hidden: number): Value =>
  b.slice(x, x.shape.length - 1, k * hidden, (k + 1) * hidden);

/** x + y where there is y. */
export const plus = (x: Value, y: Value | null): Value => (y ? b.add(x, y) : x);

/** Y, Y_h and, of an LSTM, Y_c. Throws `graph/shape`, `graph/examples-coupled`, `onnx/form`. */
export function recurrent(c: OpContext, kind: CellKind): Value[] {
  const rowsFirst = c.flag('layout', false);
  const given = c.real(0);
  if (given.shape.length !== 3) throw c.refuse('takes [steps, examples, inputs]', 'graph/shape');
  const x = rowsFirst ? given : b.permute(given, [1, 0, 2]);
  const [rows, steps] = x.shape;
  if (isBatch(steps)) throw c.coupled('the steps of a sequence are the examples');
  if (steps === 0) throw c.refuse('a sequence has no steps', 'graph/shape');
  const order = c.text('direction', 'forward');
  if (!['forward', 'reverse', 'bidirectional'].includes(order))
    throw c.refuse(`direction ${order} is unknown`);
  const directions = order === 'bidirectional' ? 2 : 1;
  for (const i of [1, 2, kind.peepholes]) if (has(c, i)) c.mark(i, 'recurrent-weight');
  if (c.has(3)) c.mark(3, 'recurrent-bias');
  const parts = directionsOf(c, kind, x, directions);
  const masks = masksOf(c, rows, steps);
  const runs = parts.map((d, i) => {
    const h = initial(c, 5, i, rowsFirst, rows);
    const start: State = { h, c: kind.cellState ? initial(c, kind.cellState, i, rowsFirst, rows) : null };
    const backwards = order === 'reverse' || i === 1;
    return run(d, kind.cell, start, { steps, backwards, masks });
  });
  const all = b.concat(
    runs.map((r) => b.unsqueeze(r.y, [2])),
    2,
  ); // [B, S, D, H]
  const last = (of: (s: State) => Value | null): Value =>
    b.concat(
      runs.map((r) => b.unsqueeze(of(r.last) as Value, [1])),
      1,
    ); // [B, D, H]
  const y = rowsFirst ? all : b.permute(all, [1, 2, 0, 3]);
  const ends = [last((s) => s.h), ...(kind.cellState ? [last((s) => s.c)] : [])];
  return [y, ...ends.map((e) => (rowsFirst ? e : b.permute(e, [1, 0, 2])))];
}

const has = (c: OpContext, i: number | undefined): i is number => i !== undefined && c.has(i);

function directionsOf(c: OpContext, kind: CellKind, x: Value, count: number): Direction[] {
  const [w, r] = [c.real(1), c.real(2)];
  const hidden = r.shape[r.shape.length - 1] as number;
  const size = kind.gates * hidden;
  const fits = (v: Value, shape: readonly Dim[]): boolean =>
    v.shape.length === shape.length && v.shape.every((d, i) => d === shape[i]);
  if (!fits(w, [count, size, x.shape[2]]) || !fits(r, [count, size, hidden]))
    throw c.refuse(`weights are ${count} × ${kind.gates} gates of ${hidden}`, 'graph/shape');
  if (c.int('hidden_size', hidden) !== hidden) throw c.refuse('hidden_size is not that of R', 'graph/shape');
  const activations = activationsOf(c, kind.activations, count);
  return activations.map((own, d) => {
    const part = (v: Value): Value => b.reshape(b.slice(v, 0, d, d + 1), v.shape.slice(1));
    const bias = c.has(3) ? part(c.real(3)) : null;
    if (bias && bias.shape[0] !== 2 * size) throw c.refuse('the bias has two of every gate', 'graph/shape');
    const stateBias = bias && b.slice(bias, 0, size, 2 * size);
    const product = b.matmul(x, b.swapLast(part(w)));
    const biased = plus(product, bias && b.slice(bias, 0, 0, size));
    return {
      inputs: kind.biasApart ? biased : plus(biased, stateBias),
      recurrent: b.swapLast(part(r)),
      stateBias,
      peepholes: has(c, kind.peepholes) ? part(c.real(kind.peepholes)) : null,
      activations: own,
      hidden,
    };
  });
}

/** The state that a direction begins with, [B, H] or [1, H]; null where the file gives none. */
function initial(c: OpContext, i: number, direction: number, rowsFirst: boolean, rows: Dim): Value | null {
  if (!c.has(i)) return null;
  if (c.rank(i) !== 3) throw c.refuse('an initial state is [directions, examples, hidden]', 'graph/shape');
  const item = c.item(i);
  const axis = rowsFirst ? 0 : 1;
  const baked = isBatch(rows) && c.shape(i)[axis] !== 1 && batchAxis(c.shape(i)) < 0;
  if (baked && isZero(item)) return null;
  const whole = c.real(i);
  const state = baked ? oneRow(c, item, whole, axis) : whole;
  if (!state) throw c.coupled('the initial state is one for each example of a fixed batch');
  const first = rowsFirst ? state : b.permute(state, [1, 0, 2]);
  const [n, , hidden] = first.shape;
  return b.reshape(b.slice(first, 1, direction, direction + 1), [n, hidden]);
}

/** A tensor of the file, or known numbers, that are all 0. */
function isZero(item: Item): boolean {
  if (isWeights(item)) return item.tensor.data.every((v: number | bigint) => Number(v) === 0);
  return isFolded(item) && (numbersOf(item)?.every((v) => v === 0) ?? false);
}

/** For each step whether a sequence has it, [B, 1]; null where all have. */
function masksOf(c: OpContext, rows: Dim, steps: number): ((t: number) => Value) | null {
  if (!c.has(4)) return null;
  const item = c.item(4);
  const known = isFolded(item) ? numbersOf(item) : null;
  if (known?.every((n) => n >= steps)) return null;
  const lengths = c.value(4);
  if (isBatch(rows) !== lengths.shape.some(isBatch))
    throw c.coupled('the lengths are those of a fixed batch');
  const column = b.reshape(lengths, [...lengths.shape, 1]);
  return (t) => b.greater(column, constant(tensor(lengths.dtype, [], [t])));
}

interface Walk {
  readonly steps: number;
  readonly backwards: boolean;
  readonly masks: ((t: number) => Value) | null;
}

/** All steps: y [B, S, H] and the state behind the last. */
function run(
  d: Direction,
  cell: Cell,
  start: State,
  { steps, backwards, masks }: Walk,
): { y: Value; last: State } {
  const [rows, , size] = d.inputs.shape;
  const outputs = new Array<Value>(steps);
  const zero = b.scalar(0, d.inputs.dtype);
  let state = start;
  for (let i = 0; i < steps; i++) {
    const t = backwards ? steps - 1 - i : i;
    const input = b.reshape(b.slice(d.inputs, 1, t, t + 1), [rows, size]);
    const next = cell(d, input, state);
    if (masks) {
      const mask = masks(t);
      outputs[t] = b.where(mask, next.h, zero);
      state = {
        h: b.where(mask, next.h, state.h ?? zero),
        c: next.c && b.where(mask, next.c, state.c ?? zero),
      };
    } else {
      outputs[t] = next.h;
      state = next;
    }
  }
  return {
    y: b.concat(
      outputs.map((h) => b.unsqueeze(h, [1])),
      1,
    ),
    last: state,
  };
}
