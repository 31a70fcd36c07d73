/**
 * @module graph/onnx/import/operators/arg-max
 *
 * Operators that order elements along an axis: ArgMax and ArgMin (positions, without a derivative), Hardmax (1 at the first maximum, else 0) and
 * TopK (the k best and their positions; the values have the derivative of a choice). Source: onnx/onnx, Operators.md (ArgMax, ArgMin,
 * opset 1 to 13; Hardmax, opset 1, 11, 13; TopK, opset 1, 10, 11).
 */
import { type FloatType, isFloat, tensor } from '../../../../core/tensor.js';
import * as b from '../../../build.js';
import { isBatch } from '../../../dims.js';
import { constant, type Value } from '../../../value.js';
import type { Normaliser, OpContext } from '../context.js';
import { pick } from '../pick.js';
import { whole } from '../positions.js';
import { takeElements } from './gather-elements.js';

/** Numbers of any type, to be compared. */
const numbers = (c: OpContext, i: number): Value => {
  const x = c.value(i);
  return isFloat(x.dtype) ? x : b.cast(x, 'float64');
};

/** Length of an axis that does not hold the examples. */
function lengthOf(c: OpContext, x: Value, axis: number): number {
  const length = x.shape[axis];
  if (isBatch(length)) throw c.coupled(`axis ${axis} holds the examples`);
  if (length === 0) throw c.refuse(`axis ${axis} has no elements`, 'graph/shape');
  return length;
}

/** Position of the first best element along an axis, which keeps length 1. */
function best(x: Value, axis: number, length: number, largest: boolean, last: boolean): Value {
  if (!last) return b.topK(x, axis, 1, largest);
  const backwards = Array.from({ length }, (_, i) => length - 1 - i);
  const position = b.topK(pick(x, axis, backwards), axis, 1, largest);
  return b.cast(b.sub(b.scalar(length - 1, 'float64'), whole(position)), 'int64');
}

const argument =
  (largest: boolean): Normaliser =>
  (c) => {
    const x = numbers(c, 0);
    const axis = c.axis(c.int('axis', 0), x.shape.length);
    const position = best(x, axis, lengthOf(c, x, axis), largest, c.flag('select_last_index', false));
    if (c.flag('keepdims', true)) return position;
    return b.reshape(
      position,
      position.shape.filter((_, i) => i !== axis),
    );
  };

/** ArgMax. Throws `graph/shape`, `graph/examples-coupled`. */
export const argMax = argument(true);
/** ArgMin. Throws `graph/shape`, `graph/examples-coupled`. */
export const argMin = argument(false);

/** 1 at the first maximum along an axis. */
export function hardmaxAlong(x: Value, axis: number): Value {
  const length = x.shape[axis] as number;
  const steps = [length, ...x.shape.slice(axis + 1).map(() => 1)];
  const places = constant(
    tensor(
      'int64',
      steps,
      Array.from({ length }, (_, i) => i),
    ),
  );
  return b.indicator(b.equal(b.topK(x, axis, 1), places), x.dtype as FloatType);
}

/** Hardmax. Throws `graph/shape`, `graph/examples-coupled`. */
export const hardmax: Normaliser = (c) => {
  const x = c.real(0);
  const axis = c.axis(c.int('axis', -1), x.shape.length);
  lengthOf(c, x, axis);
  return hardmaxAlong(x, axis);
};

/** TopK: values and positions. Throws `graph/shape`, `graph/examples-coupled`. */
export const topK: Normaliser = (c) => {
  const [k] = c.has(1) ? c.integers(1, 'k') : [c.int('k', -1)];
  const x = numbers(c, 0);
  const axis = c.axis(c.int('axis', -1), x.shape.length);
  if (!(k >= 0 && k <= lengthOf(c, x, axis))) throw c.refuse(`cannot take ${k} elements`, 'graph/shape');
  const positions = b.topK(x, axis, k, c.flag('largest', true));
  return [takeElements(c, c.value(0), positions, axis), positions];
};
