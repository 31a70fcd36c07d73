/**
 * @module engine/small/lower/plain/reference
 *
 * Runs an operator that has neither kernel nor loop by its own reference (graph/operator): operands copied to float64, the result
 * rounded to its type. Right for any operator, and slow.
 */
import { isFloat, sizeOf } from '../../../../core/tensor.js';
import { concrete } from '../../../../graph/dims.js';
import type { Operator } from '../../../../graph/operator.js';
import { type Lowering, type Place, reader, start } from '../types.js';

export const reference =
  ({ evaluate }: Operator): Lowering =>
  ({ heap, y, xs, attrs }) => {
    const readers = xs.map((x) => reader(heap, x.dtype));
    const out = reader(heap, y.dtype);
    const whole = !isFloat(y.dtype);
    const numbers = (x: Place, i: number, n: number) => {
      const shape = concrete(x.shape, n);
      const from = readers[i]();
      const at = start(x);
      return { shape, data: Float64Array.from({ length: sizeOf(shape) }, (_, j) => Number(from[at + j])) };
    };
    return (n) => {
      const values = evaluate(
        xs.map((x, i) => numbers(x, i, n)),
        attrs,
        concrete(y.shape, n),
      );
      const target = out();
      const at = start(y);
      if (y.dtype === 'int64') {
        const wide = heap.views.int64;
        for (let j = 0; j < values.length; j++) wide[at + j] = BigInt(Math.trunc(values[j]));
      } else
        for (let j = 0; j < values.length; j++) target[at + j] = whole ? Math.trunc(values[j]) : values[j];
    };
  };
