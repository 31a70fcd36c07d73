/**
 * @module graph/onnx/import/operators/center-crop-pad
 *
 * CenterCropPad brings axes to given lengths around their middle: from element ⌊(length − wanted)/2⌋ on, or with ⌊(wanted − length)/2⌋
 * zeros before, the others behind. Source: onnx/onnx, Operators.md (opset 18).
 */
import * as b from '../../../build.js';
import { isBatch } from '../../../dims.js';
import type { Value } from '../../../value.js';
import type { Normaliser } from '../context.js';

/** CenterCropPad. Throws `graph/shape`, `graph/examples-coupled`, `onnx/not-constant`. */
export const centerCropPad: Normaliser = (c) => {
  const rank = c.rank(0);
  const axes = (c.ints('axes') ?? Array.from({ length: rank }, (_, i) => i)).map((a) => c.axis(a, rank));
  const wanted = c.dims(1, 'the lengths');
  if (wanted.length !== axes.length || new Set(axes).size !== axes.length)
    throw c.refuse(`${wanted.length} lengths are not one for each of ${axes.length} axes`, 'graph/shape');
  return axes.reduce<Value>((x, axis, i) => {
    const [length, to] = [x.shape[axis], wanted[i]];
    if (isBatch(length) || isBatch(to)) {
      const same =
        isBatch(length) && (isBatch(to) ? to.batch : to / (c.reader.fixedBatch ?? NaN)) === length.batch;
      if (!same) throw c.coupled(`axis ${axis} or its length holds the examples`);
      return x;
    }
    if (!(c.limited(to) >= 0)) throw c.refuse(`makes an axis of ${to}`, 'graph/shape');
    const half = Math.floor(Math.abs(length - to) / 2);
    return to <= length ? b.slice(x, axis, half, half + to) : b.pad(x, axis, half, to - length - half);
  }, c.value(0));
};
