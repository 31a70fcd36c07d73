/**
 * @module jobs/type-two
 *
 * Sentences that say where type 2 is the exact Fisher (scores/second/exactness): on the diagonal of every parameter, of some layers,
 * or nowhere, in which case nothing is said.
 */
import { typeTwoIsExact } from '../scores/second/exactness.js';
import { layersOf } from '../model/layers.js';
import type { Network } from '../model/network.js';

/** None, or one. */
export function typeTwoNotes(network: Network): string[] {
  const layers = layersOf(network);
  const exact = layers.filter(({ parameters }) => parameters.every((p) => typeTwoIsExact(network, p)));
  if (exact.length === 0) return [];
  if (exact.length === layers.length)
    return ['type 2 = exact here: no output is curved in any one parameter, so no label enters'];
  return [`type 2 = exact in ${exact.map((l) => l.name).join(', ')}: no label enters there`];
}
