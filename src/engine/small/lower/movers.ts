/**
 * @module engine/small/lower/movers
 *
 * Transpose, Expand, Slice, Concat, Pad and Copy as strided copies: the axes, and where on both sides to start.
 */
import type { Dim } from '../../../graph/dims.js';
import { type Axes, coalesce, stretch, times } from '../axes.js';
import type { Place, Site } from './types.js';

/** One copy. Axes have strides of y, then of x. */
export interface Copy {
  readonly x: Place;
  readonly axes: Axes;
  /** Elements before the first, which may contain N. */
  readonly yFrom: Dim;
  readonly xFrom: Dim;
}

export interface Move {
  readonly copies: readonly Copy[];
  /** Zeroes the result first. */
  readonly clear: boolean;
}

export type Mover = (site: Site) => Move;

function copy(x: Place, axes: Axes, yFrom: Dim = 0, xFrom: Dim = 0): Copy {
  return { x, axes: coalesce(axes), yFrom, xFrom };
}

const one = (c: Copy): Move => ({ copies: [c], clear: false });

const transpose: Mover = ({ y, xs: [x], attrs }) => {
  const perm = attrs.perm as readonly number[];
  return one(copy(x, { dims: y.shape, strides: [y.strides, perm.map((a) => x.strides[a])] }));
};

const expand: Mover = ({ y, xs: [x] }) =>
  one(copy(x, { dims: y.shape, strides: [y.strides, stretch(x.shape, x.strides, y.shape)] }));

const slice: Mover = ({ y, xs: [x], attrs }) => {
  const { axis, start, step } = attrs as Record<string, number>;
  const from = x.strides.map((s, i) => (i === axis ? times(s, step) : s));
  return one(copy(x, { dims: y.shape, strides: [y.strides, from] }, 0, times(x.strides[axis], start)));
};

const concat: Mover = ({ y, xs, attrs }) => {
  const axis = attrs.axis as number;
  let before = 0;
  const copies = xs.map((x) => {
    const yFrom = times(y.strides[axis], before);
    before += x.shape[axis] as number;
    return copy(x, { dims: x.shape, strides: [y.strides, x.strides] }, yFrom);
  });
  return { copies, clear: false };
};

const pad: Mover = ({ y, xs: [x], attrs }) => {
  const { axis, before, step } = attrs as Record<string, number>;
  const to = y.strides.map((s, i) => (i === axis ? times(s, step) : s));
  const put = copy(x, { dims: x.shape, strides: [to, x.strides] }, times(y.strides[axis], before));
  return { copies: [put], clear: true };
};

/** The same elements at another place. */
const duplicate: Mover = ({ y, xs: [x] }) => one(copy(x, { dims: y.shape, strides: [y.strides, x.strides] }));

export const MOVERS: Readonly<Record<string, Mover>> = {
  Transpose: transpose,
  Expand: expand,
  Slice: slice,
  Concat: concat,
  Pad: pad,
  Copy: duplicate,
};
