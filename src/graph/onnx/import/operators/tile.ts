/**
 * @module graph/onnx/import/operators/tile
 *
 * Tile repeats a tensor along its axes, a known number of times each: an axis of length d becomes [r, d] by a broadcast and then r·d. An
 * axis of length 1 may be repeated for each example. Source: onnx/onnx, Operators.md (opsets 6, 13; the meaning never changed).
 */
import * as b from '../../../build.js';
import { type Dim, isBatch, type Shape } from '../../../dims.js';
import type { Normaliser } from '../context.js';
import { broadcastOver } from '../examples.js';
import { foldByIndex } from '../fold-index.js';
import { isFolded } from '../items.js';

/** Tile. Throws `graph/shape`, `graph/examples-coupled`. */
export const tile: Normaliser = (c) => {
  const shape = c.shape(0);
  const repeats = c.dims(1, 'the repeats');
  if (repeats.length !== shape.length)
    throw c.refuse(`${repeats.length} repeats are not one for each of ${shape.length} axes`, 'graph/shape');
  if (repeats.some((r) => !isBatch(r) && r < 0)) throw c.refuse('a repeat is negative', 'graph/shape');
  const item = c.item(0);
  if (isFolded(item) && !repeats.some(isBatch)) {
    const out = item.shape.map((d, i) => d * (repeats[i] as number));
    return foldByIndex(c, item, out, (index) => index.map((k, i) => k % item.shape[i]));
  }
  let x = c.value(0);
  repeats.forEach((r, axis) => {
    if (r === 1) return;
    const d: Dim = x.shape[axis];
    if (isBatch(d)) throw c.coupled(`axis ${axis} holds the examples`);
    const rest: Shape = x.shape.slice(axis + 1);
    if (d === 1) {
      x = broadcastOver(c, x, [...x.shape.slice(0, axis), r, ...rest]);
      return;
    }
    if (isBatch(r)) throw c.coupled(`axis ${axis} is repeated for each example`);
    const wide = [...x.shape.slice(0, axis), r, d, ...rest];
    x = b.reshape(b.expand(b.unsqueeze(x, [axis]), wide), [...x.shape.slice(0, axis), r * d, ...rest]);
  });
  return x;
};
