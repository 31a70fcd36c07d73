/**
 * @module graph/onnx/import/examples-first
 *
 * A value with its examples as the first axis, N, whatever its shape: [p…, m·N, q…] is [N, p…, m, q…], and the way back to the file's
 * order. Operators that work on each example apart (look-ups, sorting, recurrent cells) are written for that one form.
 */
import * as b from '../../build.js';
import { batchAxis, type BatchDim, type Dim, N } from '../../dims.js';
import type { Value } from '../../value.js';

/** A value [N, …], its axes in the file's order but for N; one without examples is as it is. */
export interface ExamplesFirst {
  readonly value: Value;
  /** The axis that held the examples in the file, or −1. */
  readonly axis: number;
  /** Its dimension there. */
  readonly dim: BatchDim | null;
}

/** [p…, m·N, q…] as [N, p…, m, q…]; without the axis m where m is 1. */
export function examplesFirst(x: Value): ExamplesFirst {
  const axis = batchAxis(x.shape);
  if (axis < 0) return { value: x, axis, dim: null };
  const dim = x.shape[axis] as BatchDim;
  const [before, behind] = [x.shape.slice(0, axis), x.shape.slice(axis + 1)];
  const apart = b.reshape(x, [...before, N, ...rowsOf(dim), ...behind]);
  const order = apart.shape.map((_, i) => i);
  order.splice(0, 0, ...order.splice(axis, 1));
  return { value: b.permute(apart, order), axis, dim };
}

/** The rows of an example as an axis of their own; none where there is one row. */
export function rowsOf(dim: BatchDim): number[] {
  return dim.batch === 1 ? [] : [dim.batch];
}

/** [N, p…, m, q…] as [p…, m·N, q…], `axis` where the examples go and `dim` as they were. */
export function examplesBack(y: Value, axis: number, dim: BatchDim | null): Value {
  if (dim === null) return y;
  const order = y.shape.map((_, i) => i);
  order.splice(axis, 0, ...order.splice(0, 1));
  const apart = b.permute(y, order);
  const behind: Dim[] = apart.shape.slice(axis + 1 + rowsOf(dim).length);
  return b.reshape(apart, [...apart.shape.slice(0, axis), dim, ...behind]);
}
