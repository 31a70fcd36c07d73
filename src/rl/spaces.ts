/**
 * @module rl/spaces
 *
 * Makers and questions of spaces. Observations of a float32 Box are rounded to float32, and so are actions: a policy's output
 * arrives as a float32 array in Gymnasium too.
 */
import { FimError } from '../core/errors.js';
import type { FloatArray, FloatType } from '../core/tensor.js';
import type { BoxSpace, DiscreteSpace, Space } from './types.js';

/** The integers start … start + n − 1, start 0 by default. Throws `rl/space` unless n is a positive integer and start an integer. */
export function discrete(n: number, { start = 0 }: { start?: number } = {}): DiscreteSpace {
  if (!Number.isSafeInteger(n) || n < 1 || !Number.isSafeInteger(start)) {
    throw new FimError({
      code: 'rl/space',
      kind: 'usage',
      where: 'discrete(n, { start })',
      rule: 'n is a positive whole number, and start a whole one',
      got: start === 0 ? String(n) : `n ${n}, start ${start}`,
    });
  }
  return start === 0 ? { kind: 'discrete', n } : { kind: 'discrete', n, start };
}

/** The smallest element of a discrete space. */
export function startOf(space: DiscreteSpace): number {
  return space.start ?? 0;
}

/** Arrays of low.length numbers. Bounds of a float32 Box are rounded to float32. Throws `rl/space` where low > high. */
export function box(low: ArrayLike<number>, high: ArrayLike<number>, dtype: FloatType = 'float32'): BoxSpace {
  const round = (bounds: ArrayLike<number>): Float64Array =>
    Float64Array.from(bounds, dtype === 'float32' ? Math.fround : (v) => v);
  const space: BoxSpace = { kind: 'box', dtype, size: low.length, low: round(low), high: round(high) };
  const bad = space.low.findIndex((l, i) => !(l <= space.high[i]));
  if (low.length !== high.length || low.length === 0 || bad >= 0) {
    throw new FimError({
      code: 'rl/space',
      kind: 'usage',
      where: 'box(low, high)',
      rule: 'low and high have the same positive length, and low is at most high everywhere',
      got: bad < 0 ? `lengths ${low.length} and ${high.length}` : `${low[bad]} and ${high[bad]} at ${bad}`,
    });
  }
  return space;
}

/**
 * All of ℝ^size.
 * @throws FimError with `rl/space`
 */
export function unbounded(size: number, dtype: FloatType = 'float64'): BoxSpace {
  return box(new Float64Array(size).fill(-Infinity), new Float64Array(size).fill(Infinity), dtype);
}

/** Numbers in an element of the space: 1 for a discrete one. */
export function lengthOf(space: Space): number {
  return space.kind === 'discrete' ? 1 : space.size;
}

/** Zeroed memory for `rows` elements. A discrete space is stored as float64, exact to 2^53. */
export function allocateFor(space: Space, rows = 1, Buffer: BufferOf = ArrayBuffer): FloatArray {
  const length = rows * lengthOf(space);
  if (space.kind === 'box' && space.dtype === 'float32') return new Float32Array(new Buffer(4 * length));
  return new Float64Array(new Buffer(8 * length));
}

export type BufferOf = new (bytes: number) => ArrayBuffer;

/** Whether row `row` of `elements` belongs to the space; NaN never does. */
export function contains(space: Space, elements: ArrayLike<number>, row = 0): boolean {
  if (space.kind === 'discrete') {
    const v = elements[row];
    return Number.isInteger(v) && v >= startOf(space) && v < startOf(space) + space.n;
  }
  for (let i = 0; i < space.size; i++) {
    const v = elements[row * space.size + i];
    if (!(v >= space.low[i] && v <= space.high[i])) return false;
  }
  return true;
}

/** Clips elements [rows, size] into the Box: what a rollout steps with, while it keeps the action that was drawn. */
export function clipToBox(space: BoxSpace, from: ArrayLike<number>, to: FloatArray, rows = 1): void {
  const { size, low, high } = space;
  for (let r = 0, at = 0; r < rows; r++) {
    for (let i = 0; i < size; i++, at++) {
      const v = from[at];
      to[at] = v < low[i] ? low[i] : v > high[i] ? high[i] : v;
    }
  }
}

/** One line for lists: `Discrete(2)`, `Box(4, float32)`. */
export function describeSpace(space: Space): string {
  if (space.kind === 'discrete') return `Discrete(${space.n}${space.start ? `, start ${space.start}` : ''})`;
  const { low, high, size, dtype } = space;
  const all = (values: Float64Array): boolean => values.every((v) => v === values[0]);
  const short = (v: number): string =>
    Number.isFinite(v) ? String(Number(v.toPrecision(4))) : v < 0 ? '-inf' : 'inf';
  const range = all(low) && all(high) ? ` [${short(low[0])}, ${short(high[0])}]` : '';
  return `Box(${size}, ${dtype})${range}`;
}
