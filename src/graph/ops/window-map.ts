/**
 * @module graph/ops/window-map
 *
 * The windows of Unfold and Fold along the last d axes: element t of window o stands at o·stride + t·dilation − before; what stands outside
 * 0 … length − 1 is padding.
 */
import { sizeOf } from '../../core/tensor.js';
import type { Attributes } from '../value.js';

/** One list entry for each of the last axes. */
export interface WindowMap {
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
  readonly before: readonly number[];
  /** Number of windows. */
  readonly count: readonly number[];
  /** Length of the axis that they are of. */
  readonly length: readonly number[];
}

/** The windows that a node's attributes say. */
export const windowMap = (attrs: Attributes): WindowMap => attrs as unknown as WindowMap;

/** Whether the lists fit each other, with sizes of at least 1. */
export function wellFormed(map: WindowMap): boolean {
  const lists = [map.kernel, map.stride, map.dilation, map.before, map.count, map.length];
  const d = map.kernel?.length;
  return (
    d >= 1 &&
    lists.every((list) => Array.isArray(list) && list.length === d && list.every(Number.isSafeInteger)) &&
    [map.kernel, map.stride, map.dilation, map.count, map.length].every((list) => list.every((v) => v >= 1))
  );
}

/** Of every element [kernel…, count…], row-major, its place in [length…]; −1: padding. */
export function windowPlaces({ kernel, stride, dilation, before, count, length }: WindowMap): Int32Array {
  const d = kernel.length;
  const shape = [...kernel, ...count];
  const places = new Int32Array(sizeOf(shape));
  const at = new Array<number>(2 * d).fill(0);
  for (let j = 0; j < places.length; j++) {
    let place = 0;
    for (let i = 0; i < d && place >= 0; i++) {
      const along = at[d + i] * stride[i] + at[i] * dilation[i] - before[i];
      place = along < 0 || along >= length[i] ? -1 : place * length[i] + along;
    }
    places[j] = place;
    for (let a = 2 * d - 1; a >= 0 && ++at[a] === shape[a]; a--) at[a] = 0;
  }
  return places;
}
