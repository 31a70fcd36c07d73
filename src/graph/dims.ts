/**
 * @module graph/dims
 *
 * Dimensions with one symbol, N, the number of examples. A dimension is a number, or m·N written `{ batch: m }`, in which
 * the example is the slow index (row e of an [m·N] axis belongs to example ⌊e/m⌋). Because N occurs in the shape itself, a
 * value's shape says which axis holds the examples, and an operator that would mix examples cannot be given a shape.
 */

/** m·N examples-major. */
export interface BatchDim {
  /** m: how many rows an example has. */
  readonly batch: number;
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
  return a.batch === b.batch;
}

/** Whether two shapes are equal for every N. */
export function sameDims(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((d, i) => sameDim(d, b[i]));
}

/** The axis that holds the examples, or -1 where the value does not depend on them. */
export function batchAxis(shape: Shape): number {
  return shape.findIndex(isBatch);
}

/** a·b; at most one of them may contain N. Returns null for N². */
export function mulDim(a: Dim, b: Dim): Dim | null {
  if (typeof a === 'number') return typeof b === 'number' ? a * b : a === 0 ? 0 : { batch: a * b.batch };
  return typeof b === 'number' ? (b === 0 ? 0 : { batch: a.batch * b }) : null;
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

export function showDim(d: Dim): string {
  if (typeof d === 'number') return String(d);
  return d.batch === 1 ? 'N' : `${d.batch}N`;
}

/** `[N, 10]` */
export function showShape(shape: Shape): string {
  return `[${shape.map(showDim).join(', ')}]`;
}
