/**
 * @module engine/small/lower/plain/windows
 *
 * Unfold and Fold by one loop over a table of places (graph/ops/window-map), made when the node is lowered. A fold adds in the order of the
 * table, so that a row has the same bits in any batch.
 */
import { sizeOf } from '../../../../core/tensor.js';
import { windowMap, windowPlaces } from '../../../../graph/ops/window-map.js';
import { linear, volumeOf } from '../../axes.js';
import { type Lowering, reader, start } from '../types.js';
import { clearing } from './move.js';

export const unfold: Lowering = ({ heap, y, xs: [x], attrs }) => {
  const map = windowMap(attrs);
  const places = windowPlaces(map);
  const block = sizeOf(map.length);
  const [fixed, each] = linear(volumeOf(y.shape));
  const data = reader(heap, y.dtype);
  const [to, from] = [start(y), start(x)];
  return (n) => {
    const d = data();
    const end = to + fixed + each * n;
    for (let o = to, i = from; o < end; o += places.length, i += block)
      for (let j = 0; j < places.length; j++) d[o + j] = places[j] < 0 ? 0 : d[i + places[j]];
  };
};

export const fold: Lowering = (site) => {
  const { heap, y, xs, attrs } = site;
  const [u] = xs;
  const map = windowMap(attrs);
  const places = windowPlaces(map);
  const block = sizeOf(map.length);
  const [fixed, each] = linear(volumeOf(y.shape));
  const data = reader(heap, y.dtype);
  const clear = clearing(site);
  const [to, from] = [start(y), start(u)];
  return (n) => {
    clear(n);
    const d = data();
    const end = to + fixed + each * n;
    for (let o = to, i = from; o < end; o += block, i += places.length)
      for (let j = 0; j < places.length; j++) if (places[j] >= 0) d[o + places[j]] += d[i + j];
  };
};
