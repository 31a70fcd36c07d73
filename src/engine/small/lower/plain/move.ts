/**
 * @module engine/small/lower/plain/move
 *
 * Strided copies by plain loops.
 */
import { bytesOf } from '../../../../core/tensor.js';
import { at, atLeast, linear, Odometer, split, volumeOf } from '../../axes.js';
import { move } from '../../loops/move.js';
import type { Copy, Mover } from '../movers.js';
import { type Lowering, reader, type Site, start, type Step } from '../types.js';

function copy(site: Site, { x, axes, yFrom, xFrom }: Copy): Step {
  const [outer, inner] = split(atLeast(2, axes), 2);
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

export const mover =
  (describe: Mover): Lowering =>
  (site) => {
    const { copies, clear } = describe(site);
    const steps = copies.map((c) => copy(site, c));
    if (clear) steps.unshift(clearing(site));
    return together(steps);
  };

/** Zeroes the result. */
export function clearing({ heap, y }: Site): Step {
  const width = bytesOf(y.dtype);
  const [fixed, each] = linear(volumeOf(y.shape));
  return (n) => heap.clear(y.ptr, (fixed + each * n) * width);
}

/** Several steps as one. */
export function together(steps: readonly Step[]): Step {
  if (steps.length === 1) return steps[0];
  return (n) => {
    for (const step of steps) step(n);
  };
}
