/**
 * @module engine/small/lower/wasm/move
 *
 * Strided copies by kernels, by the width of an element.
 */
import { bytesOf } from '../../../../core/tensor.js';
import { at, atLeast, linear, times, volumeOf } from '../../axes.js';
import { MAX_AXES } from '../../kernels/index.js';
import type { Copy, Mover } from '../movers.js';
import { clearing, together } from '../plain/move.js';
import type { KernelLowering, Site, Step } from '../types.js';
import { descriptor } from './descriptor.js';

function copy(site: Site, { x, axes, yFrom, xFrom }: Copy): Step | null {
  const width = bytesOf(site.y.dtype) as 1 | 4 | 8;
  const kernels = site.kernels?.move[width];
  if (!kernels || axes.dims.length > MAX_AXES) return null;
  const [y0, y1] = linear(times(yFrom, width));
  const [x0, x1] = linear(times(xFrom, width));
  const yp = site.y.ptr + y0;
  const xp = x.ptr + x0;
  const { dims, strides } = axes;
  if (dims.length <= 1 && strides.every(([s]) => s === undefined || s === 1)) {
    const [fixed, each] = linear(volumeOf(dims));
    return (n) => kernels.copy(yp + y1 * n, xp + x1 * n, fixed + each * n);
  }
  if (dims.length <= 2) {
    const two = atLeast(2, axes);
    const [rows, cols] = two.dims;
    const [[yr, yc], [xr, xc]] = two.strides;
    return (n) =>
      kernels.block(
        yp + y1 * n,
        xp + x1 * n,
        at(rows, n),
        at(cols, n),
        at(yr, n),
        at(yc, n),
        at(xr, n),
        at(xc, n),
      );
  }
  const d = descriptor(site, axes, [0, 1]);
  return (n) => kernels.strided(yp + y1 * n, xp + x1 * n, d(n));
}

export const mover =
  (describe: Mover): KernelLowering =>
  (site) => {
    const { copies, clear } = describe(site);
    const steps: Step[] = clear ? [clearing(site)] : [];
    for (const c of copies) {
      const step = copy(site, c);
      if (!step) return null;
      steps.push(step);
    }
    return together(steps);
  };
