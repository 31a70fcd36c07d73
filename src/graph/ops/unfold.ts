import { sizeOf } from '../../core/tensor.js';
import { floatType, ownAxis } from '../infer.js';
import { writeUnfold } from '../onnx/export/windows.js';
import { free, type Operator, STRAIGHT } from '../operator.js';
import { shapeError } from '../value.js';
import { wellFormed, windowMap, windowPlaces } from './window-map.js';

/**
 * Each window's elements beside each other: [p…, length…] → [p…, kernel…, count…], zeros where a window reaches beyond the axis
 * (graph/ops/window-map). Linear. Reverse: Fold of the cotangent; forward: Unfold of the tangent.
 */
export const Unfold: Operator = {
  name: 'Unfold',
  infer: ([x], attrs) => {
    const map = windowMap(attrs);
    const lead = x.shape.length - (map.length?.length ?? 0);
    if (!wellFormed(map) || lead < 0 || map.length.some((d, i) => x.shape[lead + i] !== d))
      throw shapeError('Unfold', [x], `takes windows along ${String(map.length?.length)} last axes`);
    map.length.forEach((_, i) => ownAxis('Unfold', x, lead + i));
    return {
      dtype: floatType('Unfold', [x]),
      shape: [...x.shape.slice(0, lead), ...map.kernel, ...map.count],
    };
  },
  derivative: {
    vjp: (ctx, { attrs }, ct) => [ctx.b.apply('Fold', [ct], attrs)],
    jvp: (ctx, { attrs }, [t]) => t && ctx.b.apply('Unfold', [t], attrs),
  },
  second: STRAIGHT,
  elementwise: null,
  mover: true,
  flops: free,
  evaluate([x], attrs, shape) {
    const map = windowMap(attrs);
    const places = windowPlaces(map);
    const out = new Float64Array(sizeOf(shape));
    const block = sizeOf(map.length);
    for (let o = 0, from = 0; o < out.length; o += places.length, from += block)
      for (let j = 0; j < places.length; j++) out[o + j] = places[j] < 0 ? 0 : x.data[from + places[j]];
    return out;
  },
  onnx: { write: writeUnfold, doubleKernel: 'yes' },
};
