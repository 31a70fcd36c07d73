/**
 * @module engine/small/lower/wasm/elementwise
 *
 * Elementwise functions by kernels: along one line, over rows of lines, or over up to six axes.
 */
import { at, type Axes, linear, volumeOf } from '../../axes.js';
import { elementwiseAxes } from '../elementwise.js';
import { type Binary, MAX_AXES, type Unary } from '../../kernels/index.js';
import { type KernelLowering, kernelsOf, type Site, type Step } from '../types.js';
import { descriptor } from './descriptor.js';

/** `Add` → `add` */
const keyOf = (op: string): string => op[0].toLowerCase() + op.slice(1);

function map({ y, xs: [x] }: Site, kernel: Unary): Step {
  const [fixed, each] = linear(volumeOf(y.shape));
  const [yp, xp] = [y.ptr, x.ptr];
  return (n) => kernel(yp, xp, fixed + each * n);
}

export const unary =
  (op: string): KernelLowering =>
  (site) => {
    if (op === 'Not') return site.kernels ? map(site, site.kernels.not) : null;
    const maps = kernelsOf(site, site.y.dtype)?.map as Readonly<Record<string, Unary>> | undefined;
    const kernel = maps?.[keyOf(op)];
    return kernel ? map(site, kernel) : null;
  };

export const cast: KernelLowering = (site) => {
  const kernel = site.kernels?.cast[site.xs[0].dtype][site.y.dtype];
  return kernel ? map(site, kernel) : null;
};

export const binary =
  (op: string): KernelLowering =>
  (site) => {
    const { y, xs } = site;
    const kernels = kernelsOf(site, xs[0].dtype);
    if (!kernels) return null;
    const families: Readonly<Record<string, Binary>> = { ...kernels.binary, ...kernels.compare };
    const family = families[keyOf(op)] as Binary | undefined;
    const axes = elementwiseAxes(y, xs);
    if (!family || axes.dims.length > MAX_AXES) return null;
    if (op === 'Mul' && xs[0].ptr === xs[1].ptr && isPlain(axes)) return map(site, kernels.map.square);
    const [yp, ap, bp] = [y.ptr, xs[0].ptr, xs[1].ptr];
    if (axes.dims.length <= 1) {
      const { line } = family;
      const [fixed, each] = linear(volumeOf(y.shape));
      const [as, bs] = [axes.strides[1][0] ?? 1, axes.strides[2][0] ?? 1];
      if (typeof as === 'number' && typeof bs === 'number')
        return (n) => line(yp, ap, bp, fixed + each * n, as, bs);
      return (n) => line(yp, ap, bp, fixed + each * n, at(as, n), at(bs, n));
    }
    if (axes.dims.length === 2) {
      const { block } = family;
      const [[r0, r1], [c0, c1]] = axes.dims.map(linear);
      const [[ar0, ar1], [ac0, ac1]] = axes.strides[1].map(linear);
      const [[br0, br1], [bc0, bc1]] = axes.strides[2].map(linear);
      return (n) =>
        block(
          yp,
          ap,
          bp,
          r0 + r1 * n,
          c0 + c1 * n,
          ar0 + ar1 * n,
          ac0 + ac1 * n,
          br0 + br1 * n,
          bc0 + bc1 * n,
        );
    }
    const { strided } = family;
    const d = descriptor(site, axes, [1, 2]);
    return (n) => strided(yp, ap, bp, d(n));
  };

/** All operands contiguous, one axis. */
function isPlain({ dims, strides }: Axes): boolean {
  return dims.length === 0 || (dims.length === 1 && strides.every(([s]) => s === 1));
}

export const select: KernelLowering = (site) => {
  const { y, xs } = site;
  const kernels = kernelsOf(site, y.dtype)?.where;
  const axes = elementwiseAxes(y, xs);
  if (!kernels || axes.dims.length > MAX_AXES) return null;
  const [yp, cp, ap, bp] = [y.ptr, xs[0].ptr, xs[1].ptr, xs[2].ptr];
  if (axes.dims.length <= 1) {
    const { line } = kernels;
    const [fixed, each] = linear(volumeOf(y.shape));
    const [cs, as, bs] = [1, 2, 3].map((k) => axes.strides[k][0] ?? 1);
    return (n) => line(yp, cp, ap, bp, fixed + each * n, at(cs, n), at(as, n), at(bs, n));
  }
  const { strided } = kernels;
  const d = descriptor(site, axes, [1, 2, 3]);
  return (n) => strided(yp, cp, ap, bp, d(n));
};
