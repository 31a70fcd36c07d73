/**
 * @module graph/onnx/import/operators/global-average-pool
 *
 * GlobalAveragePool averages each channel over all its positions: y[n, c, 1, …] = mean over the axes behind the channels. Source:
 * onnx/onnx, Operators.md (GlobalAveragePool, opset 1; the meaning never changed).
 */
import * as b from '../../../build.js';
import type { Normaliser } from '../context.js';

/** Means over the axes behind [N, C]. Throws `graph/shape` where there are none. */
export const globalAveragePool: Normaliser = (c) => {
  const x = c.real(0);
  if (x.shape.length < 3)
    throw c.refuse('averages over the axes behind [N, C], of which there are none', 'graph/shape');
  const axes = x.shape.map((_, i) => i).slice(2);
  return b.reduceMean(x, axes, true);
};
