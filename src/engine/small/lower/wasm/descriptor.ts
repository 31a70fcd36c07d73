/**
 * @module engine/small/lower/wasm/descriptor
 *
 * The axes that a strided kernel walks through, as it reads them from memory: six lengths, then six strides for each operand, 32-bit.
 * Missing axes have length 1 and stand in front.
 */
import { at, atLeast, type Axes } from '../../axes.js';
import { MAX_AXES } from '../../kernels/index.js';
import type { Site } from '../types.js';

/** Bytes of a descriptor for so many operands. */
export const descriptorBytes = (operands: number): number => 4 * MAX_AXES * (1 + operands);

/**
 * A descriptor of axes with at most six lengths; `operands` says which strides the kernel reads. Returns its address, filled in for
 * n examples.
 */
export function descriptor(site: Site, axes: Axes, operands: readonly number[]): (n: number) => number {
  const { dims, strides } = atLeast(MAX_AXES, axes);
  const rows = [dims, ...operands.map((k) => strides[k])];
  const ptr = site.scratch(descriptorBytes(operands.length));
  const { views } = site.heap;
  let filled = -1;
  return (n) => {
    if (n !== filled) {
      filled = n;
      rows.forEach((row, r) => row.forEach((d, i) => (views.int32[ptr / 4 + MAX_AXES * r + i] = at(d, n))));
    }
    return ptr;
  };
}
