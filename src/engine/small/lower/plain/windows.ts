/**
 * @module engine/small/lower/plain/windows
 *
 * Unfold and Fold by runs: of each row of windows along the last axis the elements that stand inside the axis, one step apart
 * (graph/ops/window-map), found when the node is lowered. A fold adds window element by window element, so that a row has the same bits in any
 * batch.
 */
import { sizeOf } from '../../../../core/tensor.js';
import { type WindowMap, windowMap, windowPlaces } from '../../../../graph/ops/window-map.js';
import { linear, volumeOf } from '../../axes.js';
import { type Lowering, reader, start } from '../types.js';
import { clearing } from './move.js';

/** Elements of a run from which on a copy of memory is faster than a loop. */
const LONG = 24;

/** Runs of the elements [kernel…, count…] of one block: where each begins there, its length, its first place in [length…]. */
interface Runs {
  readonly at: Int32Array;
  readonly count: Int32Array;
  readonly place: Int32Array;
  /** Of the places, from element to element. */
  readonly step: number;
  /** Elements, and places. */
  readonly size: number;
  readonly block: number;
}

function runsOf(map: WindowMap): Runs {
  const places = windowPlaces(map);
  const width = map.count[map.count.length - 1];
  const found: number[] = [];
  for (let row = 0; row < places.length; row += width) {
    let from = 0;
    while (from < width && places[row + from] < 0) from++;
    let to = from;
    while (to < width && places[row + to] >= 0) to++;
    if (to > from) found.push(row + from, to - from, places[row + from]);
  }
  const every = (k: number) => Int32Array.from({ length: found.length / 3 }, (_, r) => found[3 * r + k]);
  return {
    ...{ at: every(0), count: every(1), place: every(2) },
    step: map.stride[map.stride.length - 1],
    size: places.length,
    block: sizeOf(map.length),
  };
}

export const unfold: Lowering = (site) => {
  const { heap, y, xs, attrs } = site;
  const { at, count, place, step, size, block } = runsOf(windowMap(attrs));
  const padded = count.reduce((sum, n) => sum + n, 0) < size;
  const [fixed, each] = linear(volumeOf(y.shape));
  const data = reader(heap, y.dtype);
  const clear = clearing(site);
  const [to, from] = [start(y), start(xs[0])];
  return (n) => {
    if (padded) clear(n);
    const d = data();
    const end = to + fixed + each * n;
    for (let o = to, i = from; o < end; o += size, i += block)
      for (let r = 0; r < at.length; r++) {
        const a = o + at[r];
        const p = i + place[r];
        const length = count[r];
        if (step === 1 && length >= LONG) d.copyWithin(a, p, p + length);
        else for (let k = 0; k < length; k++) d[a + k] = d[p + k * step];
      }
  };
};

export const fold: Lowering = (site) => {
  const { heap, y, xs, attrs } = site;
  const { at, count, place, step, size, block } = runsOf(windowMap(attrs));
  const [fixed, each] = linear(volumeOf(y.shape));
  const data = reader(heap, y.dtype);
  const clear = clearing(site);
  const [to, from] = [start(y), start(xs[0])];
  return (n) => {
    clear(n);
    const d = data();
    const end = to + fixed + each * n;
    for (let o = to, i = from; o < end; o += block, i += size)
      for (let r = 0; r < at.length; r++) {
        const a = i + at[r];
        const p = o + place[r];
        const length = count[r];
        for (let k = 0; k < length; k++) d[p + k * step] += d[a + k];
      }
  };
};
