/**
 * @module engine/small/lower/plain/reduce
 *
 * Reductions over axes, and the two softmaxes, by plain loops.
 */
import { at, atLeast, Odometer, split } from '../../axes.js';
import { max, type ReduceLoop, sum } from '../../loops/reduce.js';
import { logSoftmax, softmax, type SoftmaxLoop } from '../../loops/softmax.js';
import { besideAxis, reductionOf } from '../reduction.js';
import { type Lowering, reader, start } from '../types.js';

/** Results that are accumulated side by side. */
const WIDTH = 512;
const acc = new Float64Array(WIDTH);

function reduction(loop: ReduceLoop, zero: number): Lowering {
  return (site) => {
    const {
      heap,
      y,
      xs: [x],
    } = site;
    const { kept, reduced } = reductionOf(site);
    const [outer, inner] = split(atLeast(1, kept), 1);
    const [far, near] = split(atLeast(1, reduced), 1);
    const out = reader(heap, y.dtype);
    const from = reader(heap, x.dtype);
    const yo = start(y);
    const xo = start(x);
    const walk = new Odometer(outer);
    const along = new Odometer(far);
    const [count, length] = [inner.dims[0], near.dims[0]];
    const [xr, xs] = [inner.strides[1][0], near.strides[0][0]];
    return (n) => {
      walk.reset(n);
      const total = at(count, n);
      const stride = at(xr, n);
      const reach = at(length, n);
      const apart = at(xs, n);
      const source = from();
      const target = out();
      for (let t = walk.total; t > 0; t--, walk.next()) {
        for (let i = 0; i < total; i += WIDTH) {
          const width = Math.min(WIDTH, total - i);
          for (let j = 0; j < width; j++) acc[j] = zero;
          const first = xo + walk.offset[1] + i * stride;
          along.reset(n);
          for (let u = along.total; u > 0; u--, along.next())
            loop(width, reach, acc, source, first + along.offset[0], stride, apart);
          for (let j = 0, o = yo + walk.offset[0] + i; j < width; j++) target[o + j] = acc[j];
        }
      }
    };
  };
}

export const reduceSum = reduction(sum, 0);
export const reduceMax = reduction(max, -Infinity);

function normalisation(loop: SoftmaxLoop): Lowering {
  return (site) => {
    const {
      heap,
      y,
      xs: [x],
      attrs,
    } = site;
    const axis = attrs.axis as number;
    const [outer, inner] = split(atLeast(1, besideAxis(site)), 1);
    const length = x.shape[axis] as number;
    const along = x.strides[axis];
    const count = inner.dims[0];
    const apart = inner.strides[0][0];
    const out = reader(heap, y.dtype);
    const from = reader(heap, x.dtype);
    const yo = start(y);
    const xo = start(x);
    const walk = new Odometer(outer);
    return (n) => {
      walk.reset(n);
      const source = from();
      const target = out();
      const rows = at(count, n);
      const stride = at(apart, n);
      const s = at(along, n);
      for (let t = walk.total; t > 0; t--, walk.next()) {
        let o = walk.offset[0];
        for (let i = 0; i < rows; i++, o += stride) loop(length, s, target, yo + o, source, xo + o);
      }
    };
  };
}

export const softmaxAlong = normalisation(softmax);
export const logSoftmaxAlong = normalisation(logSoftmax);
