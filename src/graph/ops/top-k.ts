import { sizeOf, stridesOf } from '../../core/tensor.js';
import { ownAxis } from '../infer.js';
import type { OnnxWriter } from '../onnx/export/writers.js';
import { type Operator, perElement } from '../operator.js';
import { shapeError } from '../value.js';
import { each, offsetAt } from './reference.js';

/**
 * Positions (int64) of the k largest, or smallest, elements along one axis, best first; of equal ones the first. They have no derivative;
 * what is picked by them has that of Gather.
 */
export const TopK: Operator = {
  name: 'TopK',
  infer: ([x], attrs) => {
    const { axis, k } = attrs as Record<string, number>;
    ownAxis('TopK', x, axis);
    const length = x.shape[axis] as number;
    if (!(k >= 0 && k <= length)) throw shapeError('TopK', [x], `cannot take ${k} of ${length} elements`);
    return { dtype: 'int64', shape: x.shape.map((d, i) => (i === axis ? k : d)) };
  },
  derivative: null,
  second: null,
  elementwise: null,
  mover: false,
  flops: perElement,
  evaluate([x], attrs, shape) {
    const { axis, k } = attrs as Record<string, number>;
    const sign = attrs.largest ? -1 : 1;
    const out = new Float64Array(sizeOf(shape));
    const [from, to] = [stridesOf(x.shape), stridesOf(shape)];
    each(
      x.shape.map((d, i) => (i === axis ? 1 : d)),
      (_flat, index) => {
        const [p, q] = [offsetAt(index, from), offsetAt(index, to)];
        const at = (i: number): number => sign * x.data[p + i * from[axis]];
        const order = Array.from({ length: x.shape[axis] }, (_, i) => i).sort(
          (i, j) => at(i) - at(j) || i - j,
        );
        for (let i = 0; i < k; i++) out[q + i * to[axis]] = order[i];
      },
    );
    return out;
  },
  onnx: { write, doubleKernel: 'yes' },
};

function write(...[e, node, [x], out]: Parameters<OnnxWriter>): void {
  const { axis, k } = node.attrs as Record<string, number>;
  const largest = node.attrs.largest ? 1 : 0;
  e.nodeWith([e.unique('values'), out], 'TopK', [x, e.integers([k])], { axis, largest, sorted: 1 });
}
