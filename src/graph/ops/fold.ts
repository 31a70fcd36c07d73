import { sizeOf } from '../../core/tensor.js';
import { floatType, ownAxis } from '../infer.js';
import { writeFold } from '../onnx/export/windows.js';
import { type Operator, STRAIGHT } from '../operator.js';
import { shapeError } from '../value.js';
import { wellFormed, windowMap, windowPlaces } from './window-map.js';

/**
 * The transpose of Unfold: [p…, kernel…, count…] → [p…, length…], each element added where its window took it from, padding left out
 * (graph/ops/window-map). Linear. Reverse: Unfold of the cotangent; forward: Fold of the tangent.
 */
export const Fold: Operator = {
  name: 'Fold',
  infer: ([y], attrs) => {
    const map = windowMap(attrs);
    const behind = wellFormed(map) ? [...map.kernel, ...map.count] : [];
    const lead = y.shape.length - behind.length;
    if (behind.length === 0 || lead < 0 || behind.some((d, i) => y.shape[lead + i] !== d))
      throw shapeError('Fold', [y], 'takes elements and windows along the last axes');
    behind.forEach((_, i) => ownAxis('Fold', y, lead + i));
    return { dtype: floatType('Fold', [y]), shape: [...y.shape.slice(0, lead), ...map.length] };
  },
  derivative: {
    vjp: (ctx, { attrs }, ct) => [ctx.b.apply('Unfold', [ct], attrs)],
    jvp: (ctx, { attrs }, [t]) => t && ctx.b.apply('Fold', [t], attrs),
  },
  second: STRAIGHT,
  elementwise: null,
  mover: false,
  flops: ({ inputs: [y] }, size) => size(y.shape),
  evaluate([y], attrs, shape) {
    const map = windowMap(attrs);
    const places = windowPlaces(map);
    const out = new Float64Array(sizeOf(shape));
    const block = sizeOf(map.length);
    for (let o = 0, to = 0; o < y.data.length; o += places.length, to += block)
      for (let j = 0; j < places.length; j++) if (places[j] >= 0) out[to + places[j]] += y.data[o + j];
    return out;
  },
  onnx: { write: writeFold, doubleKernel: 'yes' },
};
