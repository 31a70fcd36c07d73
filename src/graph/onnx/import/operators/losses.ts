/**
 * @module graph/onnx/import/operators/losses
 *
 * NegativeLogLikelihoodLoss −w_y x[n, y, …] of log-probabilities and SoftmaxCrossEntropyLoss, the same of logits: for each position, or
 * their sum, or their mean Σ loss/Σ w. Labels that are ignored have weight 0. Sums over the examples are refused where there are
 * examples. Source: onnx/onnx, Operators.md (opset 12, 13).
 */
import { type FloatType, isFloat, tensor } from '../../../../core/tensor.js';
import * as b from '../../../build.js';
import { isBatch } from '../../../dims.js';
import { constant, type Value } from '../../../value.js';
import type { Normaliser, OpContext } from '../context.js';

/** The loss by log-probabilities [N, C, …]. */
function likelihoodLoss(c: OpContext, x: Value): Value {
  const labels = c.value(1);
  if (isFloat(labels.dtype)) throw c.refuse('labels are integers', 'graph/shape');
  const classes = x.shape[1];
  if (classes === undefined || isBatch(classes)) throw c.refuse('takes [n, classes, …]', 'graph/shape');
  if (labels.shape.length !== x.shape.length - 1)
    throw c.refuse('labels have no axis of classes', 'graph/shape');
  const steps = [classes, ...x.shape.slice(2).map(() => 1)];
  const numbers = Array.from({ length: classes }, (_, i) => i);
  const y = b.unsqueeze(labels, [1]);
  const hot = b.equal(y, constant(tensor(labels.dtype, steps, numbers)));
  const zero = b.scalar(0, x.dtype);
  const picked = b.reduceSum(b.where(hot, x, zero), [1]);
  let weight: Value = b.indicator(b.equal(labels, labels), x.dtype as FloatType);
  if (c.has(2)) {
    const own = b.reshape(c.real(2), steps);
    weight = b.reduceSum(b.where(hot, own, zero), [1]);
  }
  if (c.attribute('ignore_index')) {
    const ignored = b.equal(labels, b.scalar(c.int('ignore_index', 0), labels.dtype));
    weight = b.where(ignored, zero, weight);
  }
  const loss = b.neg(b.mul(weight, picked));
  const reduction = c.text('reduction', 'mean');
  if (reduction === 'none') return loss;
  if (reduction !== 'sum' && reduction !== 'mean') throw c.refuse(`reduction ${reduction} is unknown`);
  if (loss.shape.some(isBatch)) throw c.coupled('the loss is one number for all examples');
  const axes = loss.shape.map((_, i) => i);
  const sum = b.reduceSum(loss, axes);
  return reduction === 'sum' ? sum : b.div(sum, b.reduceSum(weight, axes));
}

/** NegativeLogLikelihoodLoss. Throws `graph/shape`, `graph/examples-coupled`, `onnx/form`. */
export const negativeLogLikelihoodLoss: Normaliser = (c) => likelihoodLoss(c, c.real(0));

/** SoftmaxCrossEntropyLoss: the loss and the log-probabilities. Throws `graph/shape`, `graph/examples-coupled`, `onnx/form`. */
export const softmaxCrossEntropyLoss: Normaliser = (c) => {
  const x = b.logSoftmax(c.real(0), c.axis(1, c.rank(0)));
  return c.wants(0) ? [likelihoodLoss(c, x), x] : [x, x];
};
