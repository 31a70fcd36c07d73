/**
 * @module model/names/elements
 *
 * Tensors that an exporter filled with elements of one parameter, in any order and any number of times: a table of relative positions that was
 * looked up for every pair of places (Liu et al. 2021, "Swin transformer", eq. 4), a matrix whose rows were exchanged. Each number tells
 * which element it is where no two of the parameter are equal; the tensor is read as these elements, so that their derivatives add up.
 */
import { castTensor, type FloatType, sizeOf, type Tensor, tensor, toFloat64 } from '../../core/tensor.js';
import { constant, ops as b, type Value } from '../../graph/index.js';
import { isPartOfNorm } from './by-module.js';
import type { Matching } from './matching.js';

/** Different numbers that no chance brings together. */
const PROOF = 3;

/** Claims tensors all of whose numbers are elements of one parameter. */
export function matchElements(m: Matching): void {
  for (const entry of m.unmatched()) {
    const { values } = entry;
    if (values === null || isPartOfNorm(m, entry)) continue;
    const places = placesOf(values);
    const found = m.nameless().flatMap((candidate) => {
      const index = indexOf(candidate.tensor, places);
      return index ? [{ candidate, index }] : [];
    });
    if (found.length === 0) continue;
    const own = castTensor(values, found[0].candidate.tensor.dtype as FloatType);
    const tensors = found.map(({ candidate, index }) => ({
      candidate,
      build: (p: Value) => {
        const picked = constant(tensor('int64', [index.length], index));
        const flat = b.reshape(p, [sizeOf(values.shape)]);
        return b.reshape(b.gather(flat, picked, 0), candidate.tensor.shape);
      },
    }));
    m.spread(entry, own, 'by its elements', tensors);
    for (const { candidate } of found)
      m.notes.push(
        `${candidate.name} holds elements of ${entry.name}, put in place when the file was written`,
      );
  }
}

/** Index of each number; −1 where two elements are equal. */
function placesOf(values: Tensor): Map<number, number> {
  const places = new Map<number, number>();
  toFloat64(values).forEach((x, i) => {
    const key = Math.fround(x);
    places.set(key, places.has(key) ? -1 : i);
  });
  return places;
}

/** For each number of a tensor the element that it is; null where one is none, or they prove nothing. */
function indexOf(t: Tensor, places: ReadonlyMap<number, number>): number[] | null {
  const index: number[] = [];
  for (const x of toFloat64(t)) {
    const at = places.get(Math.fround(x));
    if (at === undefined || at < 0) return null;
    index.push(at);
  }
  return new Set(index).size >= PROOF ? index : null;
}
