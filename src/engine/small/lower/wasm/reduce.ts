/**
 * @module engine/small/lower/wasm/reduce
 *
 * Reductions and softmaxes by kernels. Which of the two kernels runs, along contiguous elements or across them, follows from which
 * axes are reduced and never from their lengths, so a result has the same bits in any batch. Several separate axes go one
 * position of the outer ones after the other, each added to what is there.
 */
import { bytesOf } from '../../../../core/tensor.js';
import { at, atLeast, linear, Odometer, split, volumeOf } from '../../axes.js';
import { besideAxis, reductionOf } from '../reduction.js';
import { type KernelLowering, kernelsOf } from '../types.js';

const reduction =
  (name: 'sum' | 'max'): KernelLowering =>
  (site) => {
    const kernels = kernelsOf(site, site.y.dtype)?.[name];
    if (!kernels) return null;
    const { kept, reduced } = reductionOf(site);
    const [far, near] = split(atLeast(1, reduced), 1);
    const length = near.dims[0];
    const apart = near.strides[0][0];
    const along = apart === 1;
    const [outer, inner] = split(atLeast(2, kept), along ? 1 : 2);
    const walk = new Odometer(outer);
    const over = new Odometer(far);
    const width = bytesOf(site.y.dtype);
    const [yp, xp] = [site.y.ptr, site.xs[0].ptr];
    const [m, c] = inner.dims;
    const [xm, xc] = inner.strides[1];
    const { rows, columns } = kernels;
    if (outer.dims.every((d) => d === 1) && far.dims.length === 0) {
      if (along) return (n) => rows(yp, xp, at(m, n), at(length, n), at(xm, n), 0);
      return (n) => columns(yp, xp, at(m, n), at(length, n), at(c, n), at(xm, n), at(apart, n), at(xc, n), 0);
    }
    return (n) => {
      walk.reset(n);
      for (let t = walk.total; t > 0; t--, walk.next()) {
        over.reset(n);
        const y = yp + walk.offset[0] * width;
        // Of an empty outer axis there is nothing to add, which a reduction over no elements says.
        for (let u = Math.max(1, over.total), add = 0; u > 0; u--, over.next(), add = 1) {
          const x = xp + (walk.offset[1] + over.offset[0]) * width;
          const k = over.total === 0 ? 0 : at(length, n);
          if (along) rows(y, x, at(m, n), k, at(xm, n), add);
          else columns(y, x, at(m, n), k, at(c, n), at(xm, n), at(apart, n), at(xc, n), add);
        }
      }
    };
  };

export const reduceSum = reduction('sum');
export const reduceMax = reduction('max');

const normalisation =
  (name: 'softmax' | 'logSoftmax'): KernelLowering =>
  (site) => {
    const kernel = kernelsOf(site, site.y.dtype)?.[name];
    const { y, xs, attrs } = site;
    const [x] = xs;
    const last = x.shape.length - 1;
    if (!kernel || attrs.axis !== last || besideAxis(site).dims.length > 1) return null;
    const length = x.shape[last] as number;
    const [fixed, each] = linear(volumeOf(x.shape.slice(0, -1)));
    const [yp, xp] = [y.ptr, x.ptr];
    return (n) => kernel(yp, xp, fixed + each * n, length);
  };

export const softmax = normalisation('softmax');
export const logSoftmax = normalisation('logSoftmax');
