/**
 * @module graph/onnx/import/operators/attention
 *
 * Attention of ONNX (opset 23, and 24 with lengths of keys that are no padding): queries, keys and values as [N, H, S, D] or
 * [N, S, H·D], a mask that is added or, of booleans, hides what is false, keys and values of earlier steps before the present ones.
 * Source: onnx/onnx, Operators.md.
 */
import * as b from '../../../build.js';
import type { Value } from '../../../value.js';
import type { Item } from '../items.js';
import type { Normaliser, OpContext } from '../context.js';
import { attend, causalMask, counted, hiding, joinHeads, lengthOf, splitHeads, together } from './heads.js';

/** The mask as something to add; where it is shorter than the keys, the rest is hidden. */
function maskBias(c: OpContext, columns: number): Value | null {
  if (!c.has(3)) return null;
  const mask = c.value(3);
  const short = mask.dtype === 'bool' ? hiding(c, b.not(mask)) : c.real(3);
  const axis = short.shape.length - 1;
  const missing = columns - lengthOf(c, short.shape, axis);
  if (missing <= 0) return short;
  const none = b.expandLike(b.scalar(-Infinity, c.dtype), b.slice(short, axis, 0, 1));
  const rest = b.expand(none, [...short.shape.slice(0, axis), missing]);
  return b.concat([short, rest], axis);
}

/** Hides keys from a length on that is given for each example, and with `causal` those behind the row's own place among them. */
function lengthBias(c: OpContext, rows: number, columns: number, causal: boolean): Value {
  const lengths = b.cast(c.value(6), c.dtype);
  const own = b.reshape(lengths, [...lengths.shape, 1, 1, 1]);
  const at = counted(c, columns, [columns]);
  const padding = hiding(c, b.greaterOrEqual(at, own));
  if (!causal) return padding;
  const row = b.add(counted(c, rows, [rows, 1]), b.shift(own, -rows));
  return b.add(hiding(c, b.less(row, at)), padding);
}

/** Attention. Throws `graph/shape`, `graph/examples-coupled`, `onnx/form`. */
export const attention: Normaliser = (c) => {
  const flat = c.rank(0) === 3;
  const split = (i: number, heads: string): Value => {
    const x = c.real(i);
    return x.shape.length === 4 ? x : splitHeads(c, x, c.int(heads, 0));
  };
  const q = split(0, 'q_num_heads');
  const earlier = (i: number, x: Value): Value => (c.has(i) ? b.concat([c.real(i), x], 2) : x);
  const k = earlier(4, split(1, 'kv_num_heads'));
  const v = earlier(5, split(2, 'kv_num_heads'));
  const [rows, columns] = [lengthOf(c, q.shape, 2), lengthOf(c, k.shape, 2)];
  const past = c.has(4) ? lengthOf(c, c.shape(4), 2) : 0;
  const causal = c.flag('is_causal', false);
  const lengths = c.has(6) ? lengthBias(c, rows, columns, causal) : null;
  const order = causal && !lengths ? causalMask(c, rows, columns, past) : null;
  const mask = maskBias(c, columns);
  const { y, stages } = attend(c, {
    q,
    k,
    v,
    scale: c.attribute('scale') ? c.float('scale', 1) : 1 / Math.sqrt(lengthOf(c, q.shape, 3)),
    softcap: c.float('softcap', 0),
    bias: together(mask, order, lengths),
    mayHideAll: mask !== null || lengths !== null,
  });
  const mode = c.int('qk_matmul_output_mode', 0);
  const stage: Value | undefined = stages[mode];
  if (!stage) throw c.refuse(`qk_matmul_output_mode ${mode} is none`);
  const results: Item[] = [flat ? joinHeads(c, y) : y, k, v, stage];
  return results;
};
