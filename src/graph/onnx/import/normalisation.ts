/**
 * @module graph/onnx/import/normalisation
 *
 * Normalisations as they act at inference: BatchNormalization with its running statistics is an affine map of each channel,
 * LayerNormalization stays inside one example.
 */
import * as b from '../../build.js';
import type { Value } from '../../value.js';
import type { Normaliser, NormaliserTable, OpContext } from './context.js';
import { isWeights } from './items.js';
import { modulePath } from './names.js';

/** A per-channel vector against [N, C, …]: as it is for rank 2, with 1s behind it for more. */
function perChannel(v: Value, rank: number): Value {
  const behind = Math.max(rank - 2, 0);
  return b.unsqueeze(
    v,
    Array.from({ length: behind }, (_, i) => 1 + i),
  );
}

/**
 * A running statistic. Statistics of a normalisation that never ran are zeros and ones, as are shifts and scales, and exporters keep
 * one tensor for all of them: where it is read as anything else too, the statistic is a tensor of its own.
 */
function statistic(c: OpContext, i: number, what: string): Value {
  const item = c.item(i);
  if (!isWeights(item) || !c.reader.readElsewhere(item.name)) {
    c.mark(i, 'running-statistic');
    return c.vector(i);
  }
  const owner = modulePath(c.node.name);
  const name = `${owner === '' ? item.name : owner}.${what}`;
  c.reader.mark(name, 'running-statistic');
  return c.reader.materialise({ ...item, name, mergedInto: item.name });
}

/** (x − mean)/√(var + ε) ⊙ scale + shift */
const batchNormalization: Normaliser = (c) => {
  if (c.flag('training_mode', false) || c.wants(1)) {
    throw c.refuse(
      'training mode normalises by the statistics of the batch, which couples its examples',
      'graph/examples-coupled',
      'export in evaluation mode (for PyTorch, model.eval() before torch.onnx.export)',
    );
  }
  c.mark(1, 'norm-scale');
  c.mark(2, 'norm-shift');
  const x = c.real(0);
  const rank = x.shape.length;
  const [scale, shift] = [1, 2].map((i) => perChannel(c.vector(i), rank));
  const mean = perChannel(statistic(c, 3, 'running_mean'), rank);
  const variance = perChannel(statistic(c, 4, 'running_var'), rank);
  const deviation = b.sqrt(b.shift(variance, c.float('epsilon', 1e-5)));
  return b.add(b.mul(b.div(b.sub(x, mean), deviation), scale), shift);
};

/** (x − mean)/√(var + ε) ⊙ scale + shift, mean and variance over the axes from `axis` on. */
const layerNormalization: Normaliser = (c) => {
  c.mark(1, 'norm-scale');
  if (c.has(2)) c.mark(2, 'norm-shift');
  const x = c.real(0);
  const rank = x.shape.length;
  const from = c.axis(c.int('axis', -1), rank);
  const axes = Array.from({ length: rank - from }, (_, i) => from + i);
  const mean = b.reduceMean(x, axes, true);
  const centred = b.sub(x, mean);
  const variance = b.reduceMean(b.square(centred), axes, true);
  const inverse = b.reciprocal(b.sqrt(b.shift(variance, c.float('epsilon', 1e-5))));
  const scaled = b.mul(b.mul(centred, inverse), c.value(1));
  return [c.has(2) ? b.add(scaled, c.value(2)) : scaled, mean, inverse];
};

/** At inference it passes its input on. */
const dropout: Normaliser = (c) => {
  if (c.has(2) && c.number(2) !== 0) {
    throw c.refuse(
      'training mode drops units at random',
      'onnx/training-mode',
      'export in evaluation mode (for PyTorch, model.eval() before torch.onnx.export)',
    );
  }

  return c.item(0);
};

export const NORMALISATION: NormaliserTable = {
  BatchNormalization: batchNormalization,
  LayerNormalization: layerNormalization,
  Dropout: dropout,
};
