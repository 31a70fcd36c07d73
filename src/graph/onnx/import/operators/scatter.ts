/**
 * @module graph/onnx/import/operators/scatter
 *
 * ScatterElements (Scatter before opset 11) and ScatterND put updates into a value at computed positions, or add them, multiply by them, or
 * take the larger or smaller (`reduction`). Additions are one sum; of replacements the last at each position counts, known when the file
 * is read or found by comparing the positions with each other; the others go one update after the other. Source: onnx/onnx, Operators.md (ScatterElements, opset 11 to
 * 18; ScatterND, opset 11 to 18).
 */
import { sizeOf, stridesOf, tensor } from '../../../../core/tensor.js';
import * as b from '../../../build.js';
import { isBatch, sameDim } from '../../../dims.js';
import { constant, type Value } from '../../../value.js';
import type { Normaliser, OpContext } from '../context.js';
import { broadcastOver } from '../examples.js';
import { examplesBack, examplesFirst } from '../examples-first.js';
import { type Folded, isFolded } from '../items.js';
import { whole } from '../positions.js';
import { axisBehind, elementPositions, pairOf, rowsOf } from './gather-elements.js';
import { indicesOf } from './gather.js';

/** Most updates whose positions are compared with each other. */
const MOST_COMPARED = 2048;
/** Most updates that are done one after the other. */
const MOST_IN_TURN = 256;

const REDUCTIONS: Readonly<Record<string, (a: Value, u: Value) => Value>> = {
  mul: b.mul,
  max: b.maximum,
  min: b.minimum,
};

/** A table [N?, P, R], rows [N?, K, R] and where they go, [N?, K]; the table's new content. */
function scatter(c: OpContext, table: Value, positions: Value, updates: Value): Value {
  const reduction = c.text('reduction', 'none');
  const axis = table.shape.length - 2;
  const [length, count] = [table.shape[axis] as number, updates.shape[axis] as number];
  const added = (u: Value): Value => b.scatterAdd(u, positions, { axis, length });
  if (reduction === 'add') return b.add(table, added(updates));
  const at = b.unsqueeze(whole(positions), [positions.shape.length]); // [N?, K, 1]
  if (reduction === 'none') {
    if (count > MOST_COMPARED) throw c.refuse(`puts at most ${MOST_COMPARED} rows at computed positions`);
    const later = Array.from({ length: count * count }, (_, i) => +(i % count > Math.floor(i / count)));
    const same = b.equal(at, b.swapLast(at)); // [N?, K, K]
    const over = b.where(same, constant(tensor('float64', [count, count], later)), b.scalar(0, 'float64'));
    const covered = b.reduceSum(over, [over.shape.length - 1], true);
    const counts = b.cast(b.less(covered, b.scalar(0.5, 'float64')), updates.dtype); // [N?, K, 1]
    const hit = b.greater(added(counts), b.scalar(0.5, updates.dtype));
    const kept = b.where(
      b.greater(counts, b.scalar(0.5, updates.dtype)),
      updates,
      b.scalar(0, updates.dtype),
    );
    return b.where(hit, added(kept), table);
  }
  if (!Object.hasOwn(REDUCTIONS, reduction)) throw c.refuse(`reduction ${reduction} is unknown`);
  if (count > MOST_IN_TURN) throw c.refuse(`reduces at most ${MOST_IN_TURN} rows by '${reduction}'`);
  const rows = constant(
    tensor(
      'float64',
      [length, 1],
      Array.from({ length }, (_, i) => i),
    ),
  );
  let y = table;
  for (let k = 0; k < count; k++) {
    const here = b.equal(b.slice(at, axis, k, k + 1), rows);
    y = b.where(here, REDUCTIONS[reduction](y, b.slice(updates, axis, k, k + 1)), y);
  }
  return y;
}

/** An operand of the same shape as indices or rows that has no examples, beside others that have. */
const alike = (c: OpContext, x: Value, like: Value): Value =>
  like.shape.some(isBatch) && !x.shape.some(isBatch) && x.shape.length === like.shape.length
    ? broadcastOver(c, x, like.shape)
    : x;

/** ScatterElements. Throws `graph/shape`, `graph/examples-coupled`, `onnx/form`, `onnx/axis`. */
export const scatterElements: Normaliser = (c) => {
  const [x, updates] = [c.real(0), c.real(2)];
  const axis = c.axis(c.int('axis', 0), x.shape.length);
  const pair = pairOf(c, x, indicesOf(c, 1));
  const { value: u, dim } = examplesFirst(alike(c, updates, c.value(1)));
  const like = examplesFirst(c.value(1)).dim;
  if (dim && like && !sameDim(dim, like)) throw c.coupled('updates have other rows than their indices');
  const [size, count] = [sizeOf(pair.sizes), sizeOf(pair.others)];
  if (pair.others.length !== pair.sizes.length || u.shape.length !== pair.other.shape.length)
    throw c.refuse('data, indices and updates have one rank', 'graph/shape');
  const along = axisBehind(c, x, axis);
  if (pair.others.some((d, a) => a !== along && d > pair.sizes[a]))
    throw c.refuse('indices reach beyond what is indexed', 'graph/shape');
  const positions = elementPositions(pair, along);
  const y = scatter(
    c,
    b.reshape(pair.x, [...pair.lead, size, 1]),
    b.reshape(positions, [...pair.lead, count]),
    b.reshape(u, [...pair.lead, count, 1]),
  );
  return pair.back(b.reshape(y, pair.x.shape));
};

/** Row p of the result is the last update that known tuples put there, else row p of the table: one look-up in both. */
function replaced(c: OpContext, table: Value, tuples: Folded, updates: Value): Value {
  const [length, count] = [table.shape[0] as number, updates.shape[0] as number];
  const sizes = c.shape(0).slice(0, tuples.shape[tuples.shape.length - 1]) as number[];
  const strides = stridesOf(sizes);
  const numbers = c.integers(1, 'indices');
  const source = Array.from({ length }, (_, p) => p);
  for (let k = 0; k < count; k++) {
    const at = sizes.reduce((sum, size, a) => {
      const i = numbers[k * sizes.length + a];
      if (!(i >= -size && i < size)) throw c.refuse(`an index lies outside 0…${size - 1}`, 'graph/shape');
      return sum + strides[a] * (i < 0 ? i + size : i);
    }, 0);
    source[at] = length + k;
  }
  return b.gather(b.concat([table, updates], 0), constant(tensor('int64', [length], source)), 0);
}

/** ScatterND. Throws `graph/shape`, `graph/examples-coupled`, `onnx/form`. */
export const scatterND: Normaliser = (c) => {
  const [x, indices, updates] = [c.real(0), indicesOf(c, 1), c.real(2)];
  if (x.shape.some(isBatch) || indices.shape.some(isBatch))
    throw c.coupled('tuples of indices lead from one example to another');
  const { table, positions, tuples, rest } = rowsOf(c, x, indices, 0);
  const width = sizeOf(rest as number[]);
  const own = examplesFirst(updates);
  if (own.dim) throw c.coupled('updates with examples go into a value without them');
  const [before, rows] = [
    b.reshape(table, [table.shape[0], width]),
    b.reshape(updates, [sizeOf(tuples), width]),
  ];
  const item = c.item(1);
  const y =
    isFolded(item) && c.text('reduction', 'none') === 'none'
      ? replaced(c, before, item, rows)
      : scatter(c, before, positions, rows);
  return examplesBack(b.reshape(y, x.shape), -1, null);
};
