/**
 * @module graph/onnx/import/positions
 *
 * Positions of elements in a value read row by row, computed from indices: p = base + Σ_a i_a · stride_a, a negative index counted from
 * the end of its axis. Whole numbers are computed in float64, where they are exact. An index outside its axis becomes one that is outside
 * of everything, so that it is refused where it is used and never names another element.
 */
import { type Tensor, tensor } from '../../../core/tensor.js';
import * as b from '../../build.js';
import { constant, type Value } from '../../value.js';

/** Indices along one axis. */
export interface AxisIndices {
  readonly indices: Value;
  /** Elements of the axis. */
  readonly length: number;
  /** From one element to the next. */
  readonly stride: number;
}

/** Whole numbers as float64. */
export const whole = (x: Value): Value => b.cast(x, 'float64');
const number = (x: number): Value => b.scalar(x, 'float64');

/** Positions (int64) among `size` elements, those of all axes together. */
export function positionsOf(axes: readonly AxisIndices[], base: Tensor | null, size: number): Value {
  const checked = axes.map(({ indices, length, stride }) => {
    const i = whole(indices);
    const counted = b.where(b.less(i, number(0)), b.shift(i, length), i);
    const at = b.scale(counted, stride);
    const low = b.where(b.less(counted, number(0)), number(OUTSIDE), at);
    return b.where(b.greaterOrEqual(counted, number(length)), number(OUTSIDE), low);
  });
  const start: Value = base ? constant(base) : number(0);
  const sum = checked.reduce(b.add, start);
  return b.cast(b.minimum(number(size), sum), 'int64');
}

/** Beyond every value. */
const OUTSIDE = 2 ** 50;

/** Σ_a index_a · strides_a of every element of a value of this shape, as float64 in that shape. */
export function bases(shape: readonly number[], strides: readonly number[]): Tensor {
  const data: number[] = [];
  const size = shape.reduce((p, d) => p * d, 1);
  const index = shape.map(() => 0);
  for (let flat = 0; flat < size; flat++) {
    data.push(index.reduce((p, i, a) => p + i * strides[a], 0));
    for (let a = shape.length - 1; a >= 0; a--) {
      if (++index[a] < shape[a]) break;
      index[a] = 0;
    }
  }
  return tensor('float64', shape, data);
}
