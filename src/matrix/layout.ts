/**
 * @module matrix/layout
 *
 * Places of parameters in a flat vector θ [P]: one after the other in the network's order, each row by row.
 */
import { sizeOf } from '../core/tensor.js';
import type { Network } from '../model/network.js';

/** Where a parameter lies in a flat vector. */
export interface Block {
  /** Name of the parameter. */
  readonly name: string;
  /** Its shape. */
  readonly shape: readonly number[];
  /** First place in the flat vector. */
  readonly offset: number;
  /** Number of places. */
  readonly size: number;
}

/** Parameters of these shapes one after the other. */
export function layoutOf(shapes: Iterable<readonly [name: string, shape: readonly number[]]>): Block[] {
  let offset = 0;
  return [...shapes].map(([name, shape]) => {
    const size = sizeOf(shape);
    offset += size;
    return { name, shape, offset: offset - size, size };
  });
}

/** Parameters of a network one after the other. */
export const blocksOf = (network: Network): Block[] =>
  layoutOf([...network.parameters].map(([name, v]) => [name, v.shape as readonly number[]]));

/** P: the places of all of them. */
export const sizeOfLayout = (layout: readonly Block[]): number =>
  layout.reduce((sum, { size }) => sum + size, 0);

/** A vector [P] in the order of one layout, of one in the order of another of the same parameters. */
export function reordered(v: Float64Array, from: readonly Block[], to: readonly Block[]): Float64Array {
  const places = new Map(from.map((block) => [block.name, block]));
  const out = new Float64Array(v.length);
  for (const { name, offset, size } of to) {
    const at = places.get(name)?.offset ?? 0;
    out.set(v.subarray(at, at + size), offset);
  }
  return out;
}
