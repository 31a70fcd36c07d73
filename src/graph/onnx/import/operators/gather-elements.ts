/**
 * @module graph/onnx/import/operators/gather-elements
 *
 * GatherElements takes y[…, k, …] = x[…, i[…, k, …], …] along one axis, an index for every element; GatherND takes rows x[i₁, …, i_m, …] by
 * tuples of indices, after `batch_dims` axes that both have. Both read a value row by row at computed positions, those of each example
 * inside it. Source: onnx/onnx, Operators.md (GatherElements, opset 11, 13; GatherND, opset 11, 12, 13).
 */
import { sizeOf, stridesOf } from '../../../../core/tensor.js';
import * as b from '../../../build.js';
import { type Dim, isBatch, N, sameDim, type Shape } from '../../../dims.js';
import type { Value } from '../../../value.js';
import type { Normaliser, OpContext } from '../context.js';
import { examplesBack, examplesFirst } from '../examples-first.js';
import { bases, positionsOf } from '../positions.js';
import { indicesOf } from './gather.js';

/** Two operands with the examples in front, or without any: their sizes behind N. */
export interface Pair {
  readonly lead: readonly Dim[];
  readonly x: Value;
  readonly other: Value;
  readonly sizes: readonly number[];
  readonly others: readonly number[];
  /** Puts a result in the file's order. */
  back(this: void, y: Value): Value;
}

/** A value and what lies beside it, element by element. Throws `graph/examples-coupled`. */
export function pairOf(c: OpContext, x: Value, other: Value): Pair {
  const [p, q] = [examplesFirst(x), examplesFirst(other)];
  if (p.axis !== q.axis || (p.dim && q.dim && !sameDim(p.dim, q.dim)))
    throw c.coupled('the examples are along other axes of the indices than of what is indexed');
  const own = (s: Shape): number[] => (p.dim ? s.slice(1) : s) as number[];
  return {
    lead: p.dim ? [N] : [],
    x: p.value,
    other: q.value,
    sizes: own(p.value.shape),
    others: own(q.value.shape),
    back: (y) => examplesBack(y, p.axis, p.dim),
  };
}

/** Positions in x, read row by row, of the elements that indices along one axis name: [N?, …] in the shape of the indices. */
export function elementPositions(pair: Pair, axis: number): Value {
  const { sizes, others, other } = pair;
  const strides = stridesOf(sizes);
  const base = bases(
    others,
    strides.map((s, a) => (a === axis ? 0 : s)),
  );
  return positionsOf([{ indices: other, length: sizes[axis], stride: strides[axis] }], base, sizeOf(sizes));
}

/** Axis `axis` of a value in its form with the examples in front, without N. Throws `graph/examples-coupled`. */
export function axisBehind(c: OpContext, x: Value, axis: number): number {
  const dim = x.shape[axis];
  if (isBatch(dim)) throw c.coupled(`axis ${axis} holds the examples`);
  const at = x.shape.findIndex(isBatch);
  if (at < 0 || axis < at) return axis;
  return axis - 1 + ((x.shape[at] as { batch: number }).batch === 1 ? 0 : 1);
}

/** GatherElements. Throws `graph/shape`, `graph/examples-coupled`, `onnx/axis`. */
export const gatherElements: Normaliser = (c) => {
  const x = c.value(0);
  const axis = c.axis(c.int('axis', 0), x.shape.length);
  const indices = indicesOf(c, 1);
  if (indices.shape.length !== x.shape.length)
    throw c.refuse('indices have the rank of what is indexed', 'graph/shape');
  return takeElements(c, x, indices, axis);
};

/** x[…, i[…, k, …], …] along `axis`. Throws `graph/shape`. */
export function takeElements(c: OpContext, x: Value, indices: Value, axis: number): Value {
  const pair = pairOf(c, x, indices);
  if (pair.others.some((d, a) => a !== axisBehind(c, x, axis) && d > pair.sizes[a]))
    throw c.refuse('indices reach beyond what is indexed', 'graph/shape');
  const positions = elementPositions(pair, axisBehind(c, x, axis));
  const flat = b.reshape(pair.x, [...pair.lead, sizeOf(pair.sizes)]);
  const at = b.reshape(positions, [...pair.lead, sizeOf(pair.others)]);
  return pair.back(b.reshape(b.gather(flat, at, pair.lead.length), [...pair.lead, ...pair.others]));
}

/** Rows of a value by tuples of indices. */
export interface Rows {
  /** [N?, P, rest…] */
  readonly table: Value;
  /** [N?, K] */
  readonly positions: Value;
  readonly lead: readonly Dim[];
  /** Shape of the tuples behind N, and what stands behind a row's position. */
  readonly tuples: readonly number[];
  readonly rest: readonly Dim[];
}

/** The rows that tuples [.., m] name, after `batch` axes that both have. Throws `graph/shape`, `graph/examples-coupled`. */
export function rowsOf(c: OpContext, x: Value, indices: Value, batch: number): Rows {
  const along = indices.shape.findIndex(isBatch);
  const m = indices.shape[indices.shape.length - 1];
  if (isBatch(m)) throw c.coupled('the indices of a tuple are the examples');
  const [p, i] = [x.shape.findIndex(isBatch), examplesFirst(indices)];
  const own = along >= 0 && p >= 0;
  const examplesIndexed = p >= 0 && p < batch + m;
  const otherRows = own && !sameDim(x.shape[p], indices.shape[along]);
  if (otherRows || ((own || examplesIndexed) && (p !== along || p >= batch)))
    throw c.coupled('tuples of indices lead from one example to another');
  if (!own && along >= 0 && along < batch)
    throw c.coupled('a table without examples has rows for each of them');
  const table = own ? examplesFirst(x).value : x;
  const shape = own ? table.shape.slice(1) : table.shape;
  const shared = own ? batch - 1 + (table.shape.length - x.shape.length) : batch;
  const indexed = shape.slice(0, shared + m) as number[];
  if (indexed.length < shared + m) throw c.refuse(`tuples of ${m} indices are too long`, 'graph/shape');
  const strides = stridesOf(indexed);
  const size = sizeOf(indexed);
  const tuples = (i.dim ? i.value.shape.slice(1, -1) : i.value.shape.slice(0, -1)) as number[];
  const last = i.value.shape.length - 1;
  const base = bases(
    tuples,
    tuples.map((_, a) => (a < shared ? strides[a] : 0)),
  );
  const axes = Array.from({ length: m }, (_, j) => ({
    indices: b.reshape(b.slice(i.value, last, j, j + 1), i.value.shape.slice(0, -1)),
    length: indexed[shared + j],
    stride: strides[shared + j],
  }));
  const lead = i.dim ? [N] : [];
  const rest = shape.slice(shared + m);
  return {
    table: b.reshape(table, [...(own ? [N] : []), size, ...rest]),
    positions: b.reshape(positionsOf(axes, base, size), [...lead, sizeOf(tuples)]),
    lead,
    tuples,
    rest,
  };
}

/** GatherND. Throws `graph/shape`, `graph/examples-coupled`. */
export const gatherND: Normaliser = (c) => {
  const [x, indices] = [c.value(0), indicesOf(c, 1)];
  const { table, positions, lead, tuples, rest } = rowsOf(c, x, indices, c.int('batch_dims', 0));
  const own = lead.length > 0 && table.shape.some(isBatch);
  const read = b.gather(table, positions, own ? 1 : 0);
  const { axis, dim } = examplesFirst(indices);
  return examplesBack(b.reshape(read, [...lead, ...tuples, ...rest]), axis, dim);
};
