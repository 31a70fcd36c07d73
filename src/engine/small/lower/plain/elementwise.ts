/**
 * @module engine/small/lower/plain/elementwise
 *
 * Functions of one, two or three values, element by element, with broadcasting.
 */
import type { Elementwise } from '../../../../graph/operator.js';
import { at, atLeast, linear, Odometer, split, volumeOf } from '../../axes.js';
import { binaryLoop } from '../../loops/binary.js';
import { castLoop, where } from '../../loops/select.js';
import { type UnaryLoop, unaryLoop } from '../../loops/unary.js';
import { elementwiseAxes } from '../elementwise.js';
import { type Lowering, reader, type Site, start, type Step } from '../types.js';

/** y = φ(x) with a loop over contiguous elements. */
function map({ heap, y, xs: [x] }: Site, loop: UnaryLoop): Step {
  const [fixed, each] = linear(volumeOf(y.shape));
  const out = reader(heap, y.dtype);
  const from = reader(heap, x.dtype);
  const yo = start(y);
  const xo = start(x);
  return (n) => loop(fixed + each * n, out(), yo, from(), xo);
}

export function unary(op: string, of: Elementwise['of']): Lowering {
  const loop = unaryLoop(op, (x) => of(x, 0, 0));
  return (site) => map(site, loop);
}

export const cast: Lowering = (site) => map(site, castLoop(site.xs[0].dtype, site.y.dtype));

export function binary(op: string, of: Elementwise['of']): Lowering {
  const loop = binaryLoop(op, (a, b) => of(a, b, 0));
  return ({ heap, y, xs }) => {
    const [a, b] = xs;
    const [outer, inner] = split(atLeast(2, elementwiseAxes(y, xs)), 2);
    const out = reader(heap, y.dtype);
    const left = reader(heap, a.dtype);
    const right = reader(heap, b.dtype);
    const yo = start(y);
    const ao = start(a);
    const bo = start(b);
    const [rows, cols] = inner.dims;
    const [, as, bs] = inner.strides;
    const block = (n: number, dy: number, da: number, db: number): void =>
      loop(
        at(rows, n),
        at(cols, n),
        out(),
        yo + dy,
        left(),
        ao + da,
        at(as[0], n),
        at(as[1], n),
        right(),
        bo + db,
        at(bs[0], n),
        at(bs[1], n),
      );
    if (outer.dims.length === 0) return (n) => block(n, 0, 0, 0);
    const walk = new Odometer(outer);
    return (n) => {
      walk.reset(n);
      for (let t = walk.total; t > 0; t--, walk.next())
        block(n, walk.offset[0], walk.offset[1], walk.offset[2]);
    };
  };
}

export const select: Lowering = ({ heap, y, xs }) => {
  const [outer, inner] = split(atLeast(1, elementwiseAxes(y, xs)), 1);
  const { views } = heap;
  const out = reader(heap, y.dtype);
  const values = reader(heap, xs[1].dtype);
  const [yo, co, ao, bo] = [start(y), start(xs[0]), start(xs[1]), start(xs[2])];
  const walk = new Odometer(outer);
  const cols = inner.dims[0];
  const [, [cs], [as], [bs]] = inner.strides;
  return (n) => {
    walk.reset(n);
    const { offset } = walk;
    for (let t = walk.total; t > 0; t--, walk.next()) {
      where(
        at(cols, n),
        out(),
        yo + offset[0],
        views.bool,
        co + offset[1],
        at(cs, n),
        values(),
        ao + offset[2],
        at(as, n),
        values(),
        bo + offset[3],
        at(bs, n),
      );
    }
  };
};
