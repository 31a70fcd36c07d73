/**
 * @module graph/ops/indexed
 *
 * Elements by index along one axis, what Gather reads and ScatterAdd adds to: a table X and indices i, of which a negative one counts
 * from the end. The place of the examples gives three forms:
 *
 *   rows      i has no examples:    Y[a, k, d] = X[a, i_k, d], of any X
 *   lookup    i has, X has none:    Y[n, a, k, d] = X[a, i_nk, d], a table that is shared (an embedding)
 *   own       both have:            Y[n, a, k, d] = X[n, a, i_nk, d], each example of its own
 *
 * a stands for the axes of X before the one that is indexed (without N), d for those behind it, k for all axes of i but N. In `lookup`
 * and `own` N is the first axis of whatever has it.
 */
import { FimError } from '../../core/errors.js';
import { type Dim, isBatch, N, sameDim, type Shape } from '../dims.js';
import { couplingError, shapeError, type Value } from '../value.js';

/** Where the examples stand. */
export type IndexForm = 'rows' | 'lookup' | 'own';

/** The form of indices and a table. Throws `graph/shape`, `graph/examples-coupled`. */
export function indexForm(op: string, table: Value, indices: Value): IndexForm {
  if (indices.dtype !== 'int64' && indices.dtype !== 'int32')
    throw shapeError(op, [table, indices], 'indices are int64 or int32');
  if (!indices.shape.some(isBatch)) return 'rows';
  if (!sameDim(indices.shape[0], N))
    throw shapeError(op, [table, indices], 'the examples are the first axis of the indices');
  if (!table.shape.some(isBatch)) return 'lookup';
  if (!sameDim(table.shape[0], N))
    throw couplingError(op, [table, indices], 'the examples are the first axis of what is indexed');
  return 'own';
}

/** The axis that is indexed, a number of elements. Throws `graph/shape`, `graph/examples-coupled`. */
export function indexedAxis(op: string, table: Value, axis: number): number {
  const length = table.shape[axis];
  if (length === undefined) throw shapeError(op, [table], `has no axis ${axis}`);
  if (isBatch(length)) throw couplingError(op, [table], `axis ${axis} holds the examples`);
  return length;
}

/** Shape of what is read: the indices' axes in the place of the one that is indexed, N in front. */
export function gatheredShape(form: IndexForm, table: Shape, indices: Shape, axis: number): Dim[] {
  const own = form === 'rows' ? indices : indices.slice(1);
  const shape = [...table.slice(0, axis), ...own, ...table.slice(axis + 1)];
  return form === 'lookup' ? [N, ...shape] : shape;
}

/** Sizes of the five loops: examples, axes before, length of the indexed axis, indices, axes behind. */
export interface Extents {
  readonly examples: number;
  readonly before: number;
  readonly length: number;
  readonly indices: number;
  readonly behind: number;
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((p, d) => p * d, 1);

/** Sizes for a table and indices of these shapes. */
export function extentsOf(
  form: IndexForm,
  table: readonly number[],
  indices: readonly number[],
  axis: number,
): Extents {
  const examples = form === 'rows' ? 1 : indices[0];
  return {
    examples,
    before: sizeOf(table.slice(form === 'own' ? 1 : 0, axis)),
    length: table[axis],
    indices: sizeOf(form === 'rows' ? indices : indices.slice(1)),
    behind: sizeOf(table.slice(axis + 1)),
  };
}

/**
 * Calls `visit` with where each row of `behind` elements stands in the table and in what is read. Throws `graph/index` for an index
 * outside −length … length − 1.
 */
export function eachRow(
  form: IndexForm,
  { examples, before, length, indices, behind }: Extents,
  indexAt: (flat: number) => number,
  visit: (inTable: number, inRead: number) => void,
): void {
  for (let n = 0; n < examples; n++) {
    const from = form === 'own' ? n * before : 0;
    for (let k = 0; k < indices; k++) {
      const said = indexAt(n * indices + k);
      const i = said < 0 ? said + length : said;
      if (!(i >= 0 && i < length)) throw outside(said, length);
      for (let a = 0; a < before; a++)
        visit(((from + a) * length + i) * behind, ((n * before + a) * indices + k) * behind);
    }
  }
}

/** An index that names no element. */
export function outside(index: number | string, length: number | null): FimError {
  return new FimError({
    code: 'graph/index',
    where: 'a look-up by index',
    rule: length === null ? 'an index names an element' : `an index lies in −${length} … ${length - 1}`,
    got: `${index}`,
    cause: 'ids of another vocabulary than that of the network, or a padding id that it does not have',
    next: 'compare the largest id of the data with the number of rows of the embedding',
  });
}
