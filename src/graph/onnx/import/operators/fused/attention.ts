/**
 * @module graph/onnx/import/operators/fused/attention
 *
 * Attention of ONNX Runtime: Attention projects its input by one weight [D, 3·H] into queries, keys and values, MultiHeadAttention takes
 * them ready (or packed in one tensor), GroupQueryAttention is causal and shares keys among heads of queries. Padding is hidden by a large
 * negative number, what lies ahead entirely. Operands stand in another order than in ONNX's Attention.
 * Source: microsoft/onnxruntime, ContribOperators.md.
 */
import * as b from '../../../../build.js';
import { isBatch } from '../../../../dims.js';
import type { Value } from '../../../../value.js';
import type { Normaliser, OpContext } from '../../context.js';
import type { Item } from '../../items.js';
import { attend, causalMask, counted, hiding, joinHeads, lengthOf, splitHeads, together } from '../heads.js';
import { rotated, rowsAt, rowsFrom } from '../rotary-embedding.js';

const scaleOf = (c: OpContext, q: Value): number =>
  c.float('scale', 0) || 1 / Math.sqrt(lengthOf(c, q.shape, 3));

/** A mask of whole numbers, 0 or less where hidden: [N] lengths, [N, T] or [N, S, T]. Throws `onnx/form`. */
function paddingBias(c: OpContext, i: number, columns: number): Value | null {
  if (!c.has(i)) return null;
  const mask = b.cast(c.value(i), c.dtype);
  if (mask.shape.length === 0) throw c.refuse('a mask of one number is not covered');
  const [n, ...more] = mask.shape;
  const low = c.float('mask_filter_value', -10000);
  const zero = b.scalar(0, c.dtype);
  if (more.length === 0) {
    if (!isBatch(n) && n !== c.shape(0)[0]) throw c.refuse('a mask of starts and ends is not covered');
    const hidden = b.greaterOrEqual(counted(c, columns, [columns]), b.reshape(mask, [n, 1, 1, 1]));
    return hiding(c, hidden, low);
  }
  if (more.length > 2) throw c.refuse(`a mask of rank ${mask.shape.length} is not covered`);
  return hiding(c, b.lessOrEqual(b.unsqueeze(mask, more.length === 1 ? [1, 2] : [1]), zero), low);
}

/** Keys or values of earlier steps before the present ones. */
const after = (c: OpContext, i: number, x: Value): Value => (c.has(i) ? b.concat([c.real(i), x], 2) : x);

/** Attention. Throws `graph/shape`, `onnx/form`. */
export const attentionOfRuntime: Normaliser = (c) => {
  if (c.flag('do_rotary', false)) throw c.refuse('rotary embedding inside Attention is not covered');
  const heads = c.int('num_heads', 0);
  const product = b.matmul(c.real(0), c.real(1));
  const all = c.has(2) ? b.add(product, c.real(2)) : product;
  const width = lengthOf(c, all.shape, 2);
  const sizes = c.ints('qkv_hidden_sizes') ?? [width / 3, width / 3, width / 3];
  if (sizes.length !== 3 || sizes[0] + sizes[1] + sizes[2] !== width)
    throw c.refuse('queries, keys and values make up the weight', 'graph/shape');
  const [q, own, ownValues] = sizes.map((size, i) => {
    const from = sizes.slice(0, i).reduce((p, d) => p + d, 0);
    return splitHeads(c, b.slice(all, 2, from, from + size), heads);
  });
  const past = (k: number): Value => {
    const both = c.real(4);
    return b.reshape(b.slice(both, 0, k, k + 1), both.shape.slice(1));
  };
  const k = c.has(4) ? b.concat([past(0), own], 2) : own;
  const v = c.has(4) ? b.concat([past(1), ownValues], 2) : ownValues;
  const [rows, columns] = [lengthOf(c, q.shape, 2), lengthOf(c, k.shape, 2)];
  const order = c.flag('unidirectional', false) ? causalMask(c, rows, columns, columns - rows) : null;
  const bias = together(order, paddingBias(c, 3, columns), c.has(5) ? c.real(5) : null);
  const { y } = attend(c, { q, k, v, scale: scaleOf(c, q), softcap: 0, bias, mayHideAll: false });
  const present = (): Value => b.concat([b.unsqueeze(k, [0]), b.unsqueeze(v, [0])], 0);
  const outputs: Item[] = c.wants(1) ? [joinHeads(c, y), present()] : [joinHeads(c, y)];
  return outputs;
};

/** Queries, keys and values of MultiHeadAttention as [N, H, S, D], packed or not, with their bias. */
function operands(c: OpContext, heads: number): [Value, Value, Value] {
  const query = c.real(0);
  const packed = (x: Value, at: number): Value => {
    const [n, length, count, , width] = x.shape;
    return b.permute(b.reshape(b.slice(x, 3, at, at + 1), [n, length, count, width]), [0, 2, 1, 3]);
  };
  if (c.has(3) && (query.shape.length === 5 || c.rank(1) === 5))
    throw c.refuse('a bias of packed operands is not covered');
  if (query.shape.length === 5) return [packed(query, 0), packed(query, 1), packed(query, 2)];
  const width = lengthOf(c, query.shape, 2);
  const biased = (x: Value, from: number): Value => {
    if (!c.has(3) || x.shape.length !== 3) return x;
    return b.add(x, b.slice(c.real(3), 0, from, from + lengthOf(c, x.shape, 2)));
  };
  const split = (x: Value, from: number): Value =>
    x.shape.length === 4 ? x : splitHeads(c, biased(x, from), heads);
  const q = split(query, 0);
  const key = c.real(1);
  if (key.shape.length === 5) return [q, packed(key, 0), packed(key, 1)];
  return [q, split(key, width), split(c.real(2), 2 * width)];
}

/** MultiHeadAttention. Throws `graph/shape`, `onnx/form`. */
export const multiHeadAttention: Normaliser = (c) => {
  const [q, own, ownValues] = operands(c, c.int('num_heads', 0));
  const [k, v] = [after(c, 6, own), after(c, 7, ownValues)];
  const [rows, columns] = [lengthOf(c, q.shape, 2), lengthOf(c, k.shape, 2)];
  const order = c.flag('unidirectional', false) ? causalMask(c, rows, columns, columns - rows) : null;
  const bias = together(order, paddingBias(c, 4, columns), c.has(5) ? c.real(5) : null);
  const { y } = attend(c, { q, k, v, scale: scaleOf(c, q), softcap: 0, bias, mayHideAll: false });
  const outputs: Item[] = [joinHeads(c, y), k, v];
  return outputs;
};

/** GroupQueryAttention of a whole sequence, without keys of earlier steps. Throws `graph/shape`, `onnx/form`. */
export const groupQueryAttention: Normaliser = (c) => {
  const [heads, shared] = [c.int('num_heads', 0), c.int('kv_num_heads', 0)];
  for (const i of [3, 4])
    if (c.has(i) && c.shape(i)[2] !== 0)
      throw c.refuse('keys of earlier steps are not covered: give the whole sequence at once');
  if (c.int('smooth_softmax', 0) > 0 || c.has(11)) throw c.refuse('a sink of the softmax is not covered');
  const query = c.real(0);
  const parts = (): Value[] => {
    if (c.has(1)) return [query, c.real(1), c.real(2)];
    const width = lengthOf(c, query.shape, 2) / (heads + 2 * shared);
    const ends = [0, heads, heads + shared, heads + 2 * shared].map((h) => h * width);
    return [0, 1, 2].map((i) => b.slice(query, 2, ends[i], ends[i + 1]));
  };
  const [flatQ, flatK, flatV] = parts();
  const length = lengthOf(c, query.shape, 1);
  const total = c.has(6) ? c.number(6) : null;
  if (total !== null && total !== length)
    throw c.refuse(`${total} steps in all are not the ${length} of the queries`, 'graph/shape');
  const turn = (x: Value): Value => {
    if (!c.flag('do_rotary', false)) return x;
    const angles = (i: number): Value =>
      c.has(9) ? rowsAt(c, c.real(i), 9) : rowsFrom(c.real(i), 0, length);
    const [cos, sin] = [angles(7), angles(8)];
    return rotated(c, x, { cos, sin }, c.flag('rotary_interleaved', false));
  };
  const q = turn(splitHeads(c, flatQ, heads));
  const k = turn(splitHeads(c, flatK, shared));
  const v = splitHeads(c, flatV, shared);
  const window = c.int('local_window_size', -1);
  const order = causalMask(c, length, length, 0, window > 0 ? window : Infinity);
  const bias = together(order, c.has(10) ? c.real(10) : null);
  const softcap = c.float('softcap', 0);
  const { y } = attend(c, { q, k, v, scale: scaleOf(c, q), softcap, bias, mayHideAll: false });
  const outputs: Item[] = [joinHeads(c, y), k, v];
  return outputs;
};
