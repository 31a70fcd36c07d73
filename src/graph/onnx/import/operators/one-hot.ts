/**
 * @module graph/onnx/import/operators/one-hot
 *
 * OneHot: y[…, j, …] is `on` where j is the index, else `off`; indices −depth … −1 count from the end, others outside are off everywhere.
 * Source: onnx/onnx, Operators.md (OneHot, opset 9, 11).
 */
import { tensor } from '../../../../core/tensor.js';
import * as b from '../../../build.js';
import { constant, type Value } from '../../../value.js';
import type { Normaliser } from '../context.js';

/** OneHot. Throws `graph/shape`, `onnx/axis`, `onnx/not-constant`. */
export const oneHot: Normaliser = (c) => {
  const depth = c.limited(Math.trunc(c.knownNumber(1, 'the depth')));
  const values = c.value(2);
  const given = c.value(0);
  const indices = given.dtype === 'int64' ? given : b.cast(given, 'int64');
  const axis = c.axis(c.int('axis', -1), indices.shape.length + 1);
  const wide = b.unsqueeze(indices, [axis]);
  const steps = [depth, ...wide.shape.slice(axis + 1).map(() => 1)];
  const places = (from: number): Value =>
    constant(
      tensor(
        'int64',
        steps,
        Array.from({ length: depth }, (_, i) => i + from),
      ),
    );
  const [off, on] = [0, 1].map((i) => b.reshape(b.slice(values, 0, i, i + 1), []));
  const negative = b.where(b.equal(wide, places(-depth)), on, off);
  return b.where(b.equal(wide, places(0)), on, negative);
};
