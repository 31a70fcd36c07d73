/**
 * @module graph/onnx/export/shapes
 *
 * Shapes with a symbolic batch as ONNX has them: a literal where nothing is symbolic, -1 where exactly one dimension is, and a
 * small computation on Shape where that cannot say it (a -1 beside a 0, or two symbolic dimensions).
 */
import { FimError, invariant } from '../../../core/errors.js';
import { batchAxis, type Dim, isBatch, type Shape, showShape } from '../../dims.js';
import type { Value } from '../../value.js';
import type { Emitter } from './emitter.js';

/** Name of the batch dimension in exported files. */
export const BATCH_NAME = 'n';

/** A dimension of an input or output: a number, `n`, or `4*n`. */
export function dimParam(d: Dim): number | string {
  if (typeof d === 'number') return d;
  return d.batch === 1 ? BATCH_NAME : `${d.batch}*${BATCH_NAME}`;
}

/** An int64 vector with the target shape of a Reshape of `x`. Throws `onnx/empty-shape`. */
export function targetShape(e: Emitter, x: Value, shape: Shape): { name: string; allowzero: boolean } {
  const symbolic = shape.filter(isBatch).length;
  const empty = shape.includes(0);
  if (empty && e.opset < 14) {
    throw new FimError({
      code: 'onnx/empty-shape',
      kind: 'usage',
      where: `export of a Reshape to ${showShape(shape)}`,
      rule: 'opset 13 has no way to say a dimension of length 0',
      next: 'export with opset 14 or newer',
    });
  }
  if (symbolic === 0) return { name: e.integers(shape as number[]), allowzero: empty };
  if (symbolic === 1 && !empty) {
    return { name: e.integers(shape.map((d) => (isBatch(d) ? -1 : d))), allowzero: false };
  }
  return { name: computedShape(e, x, shape), allowzero: empty };
}

/** The shape by arithmetic on the number of examples, read off `x`. */
export function computedShape(e: Emitter, x: Value, shape: Shape): string {
  const axis = batchAxis(x.shape);
  invariant(axis >= 0, `export of a shape ${showShape(shape)}`, 'needs a value that depends on the examples');
  const own = x.shape[axis] as { batch: number };
  let n = e.node('Gather', [e.node('Shape', [e.name(x)]), e.integers([axis])], { axis: 0 });
  if (own.batch !== 1) n = e.node('Div', [n, e.integers([own.batch])]);
  const parts = shape.map((d) => {
    if (!isBatch(d)) return e.integers([d]);
    return d.batch === 1 ? n : e.node('Mul', [n, e.integers([d.batch])]);
  });
  return e.node('Concat', parts, { axis: 0 });
}
