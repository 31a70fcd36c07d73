/**
 * @module engine/small/kernels/describe
 *
 * The integers that a `strided` kernel reads: six lengths, then six strides for each operand, axes of length 1 in front.
 */
import { FimError } from '../../../core/errors.js';

/** Axes that a descriptor holds. */
export const MAX_AXES = 6;

/**
 * A descriptor to be copied into the memory (4-byte aligned). Throws `kernels/rank` beyond six axes: merge neighbours, or
 * walk the outer ones from outside.
 */
export function describe(lengths: readonly number[], ...strides: (readonly number[])[]): Int32Array {
  if (lengths.length > MAX_AXES) {
    throw new FimError({
      code: 'kernels/rank',
      kind: 'internal',
      where: 'describe',
      rule: `holds at most ${MAX_AXES} axes`,
      got: `${lengths.length} axes`,
      next: 'merge axes that all operands walk through in one go',
    });
  }
  const ints = new Int32Array(MAX_AXES * (1 + strides.length));
  const front = MAX_AXES - lengths.length;
  ints.fill(1, 0, front);
  ints.set(lengths, front);
  strides.forEach((s, k) => ints.set(s, MAX_AXES * (k + 1) + front));
  return ints;
}
