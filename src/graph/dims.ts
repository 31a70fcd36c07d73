/**
 * @module graph/dims
 *
 * Dimensions with one symbol, N, the number of examples. A dimension is a number, or m·N written `{ batch: m }`, in which
 * the example is the slow index (row e of an [m·N] axis belongs to example ⌊e/m⌋). Because N occurs in the shape itself, a
 * value's shape says which axis holds the examples, and an operator that would mix examples cannot be given a shape.
 *
 * A file may flatten a·N·b in that order, the examples in the middle or as the fast index. A value holds the same rows
 * examples-major, [N, a, b], and its dimension `{ batch: a·b, slow: a }` remembers the file's order: maps of rows do not ask for it, two
 * values that meet must have the same, and a later reshape of the file splits it again (graph/onnx/import/arrange).
 */

/** m·N examples-major. */
export interface BatchDim {
  /** m: how many rows an example has. */
  readonly batch: number;
  /** a, where the file's order of the rows is a·N·b; absent for 1, examples-major in the file too. */
  readonly slow?: number;
}

/** A number, or m·N. */
export type Dim = number | BatchDim;
/** Dimensions of a value, outermost first. */
export type Shape = readonly Dim[];

/** The plain batch dimension N. */
export const N: BatchDim = { batch: 1 };

/** Whether a dimension counts examples. */
export function isBatch(d: Dim): d is BatchDim {
  return typeof d !== 'number';
}

/** Whether two dimensions are equal for every N. */
export function sameDim(a: Dim, b: Dim): boolean {
  if (typeof a === 'number' || typeof b === 'number') return a === b;
  return a.batch === b.batch && slowOf(a) === slowOf(b);
}

/** a of a dimension a·N·b. */
export function slowOf(d: BatchDim): number {
  return d.slow ?? 1;
}

/** a·N·b as a dimension of `rows` = a·b rows for each example. */
export function batchDim(rows: number, slow = 1): BatchDim {
  return slow === 1 ? { batch: rows } : { batch: rows, slow };
}

/** A dimension as a count, without the order of its rows. */
export function countOf(d: Dim): Dim {
  return isBatch(d) ? batchDim(d.batch) : d;
}

/** Whether two shapes are equal for every N. */
export function sameDims(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((d, i) => sameDim(d, b[i]));
}

/** The axis that holds the examples, or -1 where the value does not depend on them. */
export function batchAxis(shape: Shape): number {
  return shape.findIndex(isBatch);
}

/** a·b as an axis of the file's, a the slow index; at most one of them may contain N. Returns null for N². */
export function joinDims(a: Dim, b: Dim): Dim | null {
  const product = mulDim(a, b);
  if (typeof a !== 'number' || product === null || !isBatch(product)) return product;
  return batchDim(product.batch, a * slowOf(product));
}

/** a·b, a number keeping the order of the other's rows; at most one of them may contain N. Returns null for N². */
export function mulDim(a: Dim, b: Dim): Dim | null {
  if (typeof a === 'number') {
    if (typeof b === 'number') return a * b;
    return a === 0 ? 0 : batchDim(a * b.batch, b.slow);
  }
  return typeof b === 'number' ? (b === 0 ? 0 : batchDim(a.batch * b, a.slow)) : null;
}

/** Number of elements as coefficient and power of N. */
export function volume(shape: Shape): {
  /** Product of the coefficients. */
  size: number;
  /** How often N occurs. */
  power: number;
} {
  let size = 1;
  let power = 0;
  for (const d of shape) {
    if (typeof d === 'number') size *= d;
    else {
      size *= d.batch;
      power += 1;
    }
  }
  return { size, power };
}

/** The shape for a given number of examples. */
export function concrete(shape: Shape, n: number): number[] {
  return shape.map((d) => (typeof d === 'number' ? d : d.batch * n));
}

/** `3`, `N`, `4N`; `2·N·3` where the examples are not the slow index of the file. */
export function showDim(d: Dim): string {
  if (typeof d === 'number') return String(d);
  const slow = slowOf(d);
  if (slow === 1) return d.batch === 1 ? 'N' : `${d.batch}N`;
  return d.batch === slow ? `${slow}·N` : `${slow}·N·${d.batch / slow}`;
}

/** `[N, 10]` */
export function showShape(shape: Shape): string {
  return `[${shape.map(showDim).join(', ')}]`;
}
