/**
 * @module graph/onnx/import/folded-norm
 *
 * Norms of a weight that an exporter computed when the file was written. A head that divides its weight by its norm keeps the weight
 * and a constant, and the derivative through the norm is gone; where the constant's numbers are the norms, it can be put back.
 */
import { isFloat, sizeOf, type Tensor } from '../../../core/tensor.js';

/** Rounding of a norm computed in float32. */
const ROUNDING = 2e-6;

/** The axis over which `t` [.., 1, ..] holds the Euclidean norms of `w`, which it otherwise has the shape of; null where it does not. */
export function foldedNorm(t: Tensor, w: Tensor): number | null {
  if (!isFloat(t.dtype) || !isFloat(w.dtype) || t.shape.length !== w.shape.length) return null;
  const differing = w.shape.flatMap((d, i) => (d === t.shape[i] ? [] : [i]));
  const [axis] = differing;
  if (differing.length !== 1 || t.shape[axis] !== 1) return null;
  const inner = sizeOf(w.shape.slice(axis + 1));
  const length = w.shape[axis];
  for (let i = 0; i < t.data.length; i++) {
    const from = Math.floor(i / inner) * inner * length + (i % inner);
    let sum = 0;
    for (let k = 0; k < length; k++) sum += Number(w.data[from + k * inner]) ** 2;
    const norm = Math.sqrt(sum);
    if (!(Math.abs(Number(t.data[i]) - norm) <= ROUNDING * norm)) return null;
  }
  return axis;
}
