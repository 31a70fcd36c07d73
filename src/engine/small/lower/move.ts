/**
 * @module engine/small/lower/move
 *
 * Transpose, Expand, Slice, Concat and Pad: one or more strided copies.
 */
import { bytesOf } from '../../../core/tensor.js';
import type { Dim } from '../../../graph/dims.js';
import {
  at,
  atLeast,
  type Axes,
  coalesce,
  linear,
  Odometer,
  split,
  stretch,
  times,
  volumeOf,
} from '../axes.js';
import { move } from '../loops/move.js';
import { type Lowering, type Place, reader, type Site, start, type Step } from './types.js';

/** Copies along axes with strides [of y, of x], from offsets that may contain N. */
function copy(site: Site, x: Place, axes: Axes, yFrom: Dim = 0, xFrom: Dim = 0): Step {
  const [outer, inner] = split(atLeast(2, coalesce(axes)), 2);
  const data = reader(site.heap, site.y.dtype);
  const walk = new Odometer(outer);
  const [rows, cols] = inner.dims;
  const [ys, xs] = inner.strides;
  const yo = start(site.y);
  const xo = start(x);
  return (n) => {
    walk.reset(n);
    const d = data();
    const dy = yo + at(yFrom, n);
    const dx = xo + at(xFrom, n);
    for (let t = walk.total; t > 0; t--, walk.next()) {
      move(
        at(rows, n),
        at(cols, n),
        d,
        dy + walk.offset[0],
        at(ys[0], n),
        at(ys[1], n),
        d,
        dx + walk.offset[1],
        at(xs[0], n),
        at(xs[1], n),
      );
    }
  };
}

export const transpose: Lowering = (site) => {
  const { y, xs, attrs } = site;
  const perm = attrs.perm as readonly number[];
  return copy(site, xs[0], { dims: y.shape, strides: [y.strides, perm.map((a) => xs[0].strides[a])] });
};

export const expand: Lowering = (site) => {
  const { y, xs } = site;
  const from = stretch(xs[0].shape, xs[0].strides, y.shape);
  return copy(site, xs[0], { dims: y.shape, strides: [y.strides, from] });
};

export const slice: Lowering = (site) => {
  const { y, xs, attrs } = site;
  const { axis, start: first, step } = attrs as Record<string, number>;
  const from = xs[0].strides.map((s, i) => (i === axis ? times(s, step) : s));
  return copy(
    site,
    xs[0],
    { dims: y.shape, strides: [y.strides, from] },
    0,
    times(xs[0].strides[axis], first),
  );
};

export const concat: Lowering = (site) => {
  const { y, xs, attrs } = site;
  const axis = attrs.axis as number;
  let before = 0;
  const parts = xs.map((x) => {
    const part = copy(
      site,
      x,
      { dims: x.shape, strides: [y.strides, x.strides] },
      times(y.strides[axis], before),
    );
    before += x.shape[axis] as number;
    return part;
  });
  return (n) => {
    for (const part of parts) part(n);
  };
};

export const pad: Lowering = (site) => {
  const { heap, y, xs, attrs } = site;
  const { axis, before, step } = attrs as Record<string, number>;
  const to = y.strides.map((s, i) => (i === axis ? times(s, step) : s));
  const put = copy(
    site,
    xs[0],
    { dims: xs[0].shape, strides: [to, xs[0].strides] },
    times(y.strides[axis], before),
  );
  const width = bytesOf(y.dtype);
  const [fixed, each] = linear(volumeOf(y.shape));
  return (n) => {
    heap.clear(y.ptr, (fixed + each * n) * width);
    put(n);
  };
};

/** The same elements at another place. */
export const duplicate: Lowering = (site) => {
  const { y, xs } = site;
  return copy(site, xs[0], { dims: y.shape, strides: [y.strides, xs[0].strides] });
};
