/**
 * @module scores/layer-scores
 *
 * Scores of a layer as a matrix [N, K, outputs, inputs] for each example and column, read as [out, in] whatever way the weight is stored.
 */
import { N, ops as b, type Value } from '../graph/index.js';
import { inputWidth, neuronCount, type Score } from './score.js';

/** Of the weight: [N, K, groups·out, in]. */
export function matrixOfLayer(weight: Score): Value {
  const whole = weight.explicit();
  const { matrix, transposed, form, parameter } = weight.site;
  const [groups, outputs, inputs, turned] = weight.input
    ? [1, neuronCount(weight), inputWidth(weight), !transposed]
    : matrix
      ? [matrix.groups, matrix.outputs, matrix.inputs, !transposed]
      : [1, parameter.shape[1] as number, parameter.shape[0] as number, form === 'embedding'];
  const K = whole.shape[1];
  if (!turned) return b.reshape(whole, [N, K, groups * outputs, inputs]);
  const stored = b.reshape(whole, [N, K, groups, inputs, outputs]);
  return b.reshape(b.swapLast(stored), [N, K, groups * outputs, inputs]);
}

/** Of a bias that goes with such a weight: one more column [N, K, outputs, 1]. */
export const biasOfLayer = (bias: Score, matrix: Value): Value =>
  b.reshape(bias.explicit(), [...matrix.shape.slice(0, 3), 1]);
