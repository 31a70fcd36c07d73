/**
 * @module graph/onnx/import/operators/heads
 *
 * Scaled dot-product attention in core operators: with q [N, H, S, D], k [N, H, T, D] and v [N, H, T, E],
 *
 *   z = cap(scale · q kᵀ) + bias,   y = softmax(z) v,   cap(z) = c tanh(z/c)
 *
 * where a bias of −∞ hides a position; a row that sees nothing gives 0, and so do its derivatives. Heads of k and v that several heads of q
 * share are repeated. Sources: Vaswani et al. (2017), "Attention is all you need"; onnx/onnx, Operators.md (Attention).
 */
import { tensor } from '../../../../core/tensor.js';
import * as b from '../../../build.js';
import { isBatch, type Shape } from '../../../dims.js';
import { constant, type Value } from '../../../value.js';
import type { OpContext } from '../context.js';

/** What is attended to. */
export interface Heads {
  /** [N, H, S, D] */
  readonly q: Value;
  /** [N, H/r, T, D] */
  readonly k: Value;
  /** [N, H/r, T, E] */
  readonly v: Value;
  readonly scale: number;
  /** c of the cap; 0: none. */
  readonly softcap: number;
  /** Added to the scores, broadcast to [N, H, S, T]. */
  readonly bias: Value | null;
  /** Whether the bias may hide all positions of a row. */
  readonly mayHideAll: boolean;
}

/** The result and what it was made of. */
export interface Attended {
  /** [N, H, S, E] */
  readonly y: Value;
  /** scale · q kᵀ, then capped, then with the bias, then its softmax, each [N, H, S, T]. */
  readonly stages: readonly [Value, Value, Value, Value];
}

/** The length of an axis that does not hold the examples. Throws `graph/examples-coupled` where it does. */
export function lengthOf(c: OpContext, shape: Shape, axis: number): number {
  const d = shape[axis];
  if (isBatch(d)) throw c.coupled(`axis ${axis} holds the examples`);
  return d;
}

/** [N, S, H·D] as [N, H, S, D]. Throws `graph/shape`. */
export function splitHeads(c: OpContext, x: Value, heads: number): Value {
  const [n] = x.shape;
  const [length, width] = [lengthOf(c, x.shape, 1), lengthOf(c, x.shape, 2)];
  if (!(heads >= 1 && width % heads === 0))
    throw c.refuse(`a width of ${width} does not make ${heads} heads`, 'graph/shape');
  return b.permute(b.reshape(x, [n, length, heads, width / heads]), [0, 2, 1, 3]);
}

/** [N, H, S, D] as [N, S, H·D]. */
export function joinHeads(c: OpContext, x: Value): Value {
  const [n] = x.shape;
  const [heads, length, width] = [1, 2, 3].map((axis) => lengthOf(c, x.shape, axis));
  return b.reshape(b.permute(x, [0, 2, 1, 3]), [n, length, heads * width]);
}

/** Each head `times` in a row. */
function repeated(c: OpContext, x: Value, times: number): Value {
  if (times === 1) return x;
  const [n] = x.shape;
  const [heads, length, width] = [1, 2, 3].map((axis) => lengthOf(c, x.shape, axis));
  const wide = b.expand(b.unsqueeze(x, [2]), [n, heads, times, length, width]);
  return b.reshape(wide, [n, heads * times, length, width]);
}

/** Attention over heads. Throws `graph/shape`. */
export function attend(c: OpContext, { q, k, v, scale, softcap, bias, mayHideAll }: Heads): Attended {
  const times = lengthOf(c, q.shape, 1) / lengthOf(c, k.shape, 1);
  if (!Number.isInteger(times))
    throw c.refuse('heads of keys are no divisor of those of queries', 'graph/shape');
  const scores = b.scale(b.matmul(q, b.swapLast(repeated(c, k, times))), scale);
  const capped = softcap === 0 ? scores : b.scale(b.tanh(b.scale(scores, 1 / softcap)), softcap);
  const z = bias ? b.add(capped, bias) : capped;
  const last = z.shape.length - 1;
  let p: Value;
  if (bias && mayHideAll) {
    const zero = b.scalar(0, z.dtype);
    const hidden = b.equal(b.reduceMax(bias, [bias.shape.length - 1], true), b.scalar(-Infinity, z.dtype));
    p = b.where(hidden, zero, b.softmax(b.where(hidden, zero, z), last));
  } else p = b.softmax(z, last);
  return { y: b.matmul(p, repeated(c, v, times)), stages: [scores, capped, z, p] };
}

/** −∞ where hidden, else 0. */
export function hiding(c: OpContext, hidden: Value, otherwise = -Infinity): Value {
  return b.where(hidden, b.scalar(otherwise, c.dtype), b.scalar(0, c.dtype));
}

/** Whole numbers 0 … count − 1 in the working type, under a shape. */
export const counted = (c: OpContext, count: number, shape: readonly number[]): Value =>
  constant(
    tensor(
      c.dtype,
      shape,
      Array.from({ length: c.limited(count) }, (_, i) => i),
    ),
  );

/** Positions [S, T] after the row's own: column j > i + offset, and those `window` or more before it. */
export function causalMask(
  c: OpContext,
  rows: number,
  columns: number,
  offset: number,
  window = Infinity,
): Value {
  const hidden = Array.from({ length: c.limited(rows * columns) }, (_, at) => {
    const [i, j] = [Math.floor(at / columns) + offset, at % columns];
    return Number(j > i || j <= i - window);
  });
  return hiding(c, constant(tensor('bool', [rows, columns], hidden)));
}

/** The sum of what is there. */
export const together = (...biases: readonly (Value | null)[]): Value | null =>
  biases.filter((x) => x !== null).reduce<Value | null>((p, x) => (p ? b.add(p, x) : x), null);
