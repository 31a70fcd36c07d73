/**
 * @module graph/onnx/import/operators/rotary-embedding
 *
 * RotaryEmbedding turns pairs of the first `rotary_embedding_dim` elements of each head by an angle that grows with the position:
 * (x₁, x₂) → (x₁ cos − x₂ sin, x₁ sin + x₂ cos), the pairs being the two halves, or neighbours where `interleaved`. Positions pick rows of
 * the tables of cosines and sines; without them the tables are given for each example and position. Operands of ONNX's (opset 23) are
 * x, cos, sin, positions, those of com.microsoft x, positions, cos, sin. Sources: Su et al. (2021), "RoFormer"; onnx/onnx, Operators.md;
 * microsoft/onnxruntime, ContribOperators.md.
 */
import * as b from '../../../build.js';
import { isBatch } from '../../../dims.js';
import type { Value } from '../../../value.js';
import type { Normaliser, OpContext } from '../context.js';
import { isFolded } from '../items.js';
import { pick } from '../pick.js';
import { indicesOf } from './gather.js';
import { joinHeads, lengthOf, splitHeads } from './heads.js';

/** Cosines and sines [N or 1, 1, S, D/2] against [N, H, S, D]. */
export interface Angles {
  readonly cos: Value;
  readonly sin: Value;
}

/** x [N, H, S, D] with its first 2·(width of the angles) elements turned. Throws `graph/shape`. */
export function rotated(c: OpContext, x: Value, { cos, sin }: Angles, interleaved: boolean): Value {
  const axis = 3;
  const width = lengthOf(c, x.shape, axis);
  const half = lengthOf(c, cos.shape, cos.shape.length - 1);
  if (2 * half > width) throw c.refuse(`${half} angles are too many for ${width} elements`, 'graph/shape');
  const part = (from: number): Value =>
    interleaved ? b.slice(x, axis, from, 2 * half, 2) : b.slice(x, axis, from * half, (from + 1) * half);
  const [p, q] = [part(0), part(1)];
  const real = b.sub(b.mul(p, cos), b.mul(q, sin));
  const other = b.add(b.mul(p, sin), b.mul(q, cos));
  const rest = width > 2 * half ? [b.slice(x, axis, 2 * half, width)] : [];
  if (!interleaved) return b.concat([real, other, ...rest], axis);
  const pairs = b.concat([b.unsqueeze(real, [4]), b.unsqueeze(other, [4])], 4);
  return b.concat([b.reshape(pairs, [...x.shape.slice(0, 3), 2 * half]), ...rest], axis);
}

/** Rows of a table [M, D/2] at the positions [N, S] of operand `i`, as [N, 1, S, D/2]. Throws `graph/shape`. */
export function rowsAt(c: OpContext, table: Value, i: number): Value {
  if (table.shape.length !== 2) throw c.refuse('angles by position are a table of rows', 'graph/shape');
  if (!isFolded(c.item(i))) return b.unsqueeze(b.gather(table, indicesOf(c, i), 0), [1]);
  const positions = c.integers(i, 'positions');
  const shape = [...c.shape(i), table.shape[1]];
  return b.unsqueeze(b.reshape(pick(table, 0, positions), shape), [1]);
}

/** The first S rows of a table after `offset`, as [1, 1, S, D/2]. */
export const rowsFrom = (table: Value, offset: number, count: number): Value =>
  b.unsqueeze(b.slice(table, 0, offset, offset + count), [0, 1]);

/** ONNX's. Throws `graph/shape`. */
export const rotaryEmbedding: Normaliser = (c) => {
  const flat = c.rank(0) === 3;
  const own = c.real(0);
  const x = flat ? splitHeads(c, own, c.int('num_heads', 0)) : own;
  const width = c.int('rotary_embedding_dim', 0) || lengthOf(c, x.shape, 3);
  const table = (i: number): Value => {
    const t = c.real(i);
    const half = lengthOf(c, t.shape, t.shape.length - 1);
    const cut = b.slice(t, t.shape.length - 1, 0, Math.min(half, width / 2));
    return c.has(3) ? rowsAt(c, cut, 3) : b.unsqueeze(cut, [1]);
  };
  const y = rotated(c, x, { cos: table(1), sin: table(2) }, c.flag('interleaved', false));
  return flat ? joinHeads(c, y) : y;
};

/** com.microsoft's: positions are an offset [1], or given [N, S]. Throws `graph/examples-coupled`, `graph/shape`, `onnx/not-constant`. */
export const rotaryEmbeddingOfRuntime: Normaliser = (c) => {
  const flat = c.rank(0) === 3;
  const own = c.real(0);
  const tables = [c.real(2), c.real(3)];
  const half = lengthOf(c, tables[0].shape, 1);
  const heads = c.int('num_heads', 0) || (flat ? lengthOf(c, own.shape, 2) / (2 * half) : 0);
  const x = flat ? splitHeads(c, own, heads) : own;
  const length = lengthOf(c, x.shape, 2);
  const [cos, sin] = tables.map((t) =>
    c.rank(1) === 2 ? rowsAt(c, t, 1) : rowsFrom(t, c.knownNumber(1, 'the first position'), length),
  );
  if (isBatch(x.shape[1])) throw c.coupled('heads hold the examples');
  const y = rotated(c, x, { cos, sin }, c.flag('interleaved', false));
  return flat ? joinHeads(c, y) : y;
};
