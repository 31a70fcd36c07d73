/**
 * @module fisher/forms/layers/rows
 *
 * Rows u [N, K, G, R, d] of the items of a form that goes by layers, in a graph of K cotangents: what each matrix of second moments is made of.
 */
import { sizeOf } from '../../../core/tensor.js';
import { N, ops as b, type Value } from '../../../graph/index.js';
import { biasOfLayer, matrixOfLayer } from '../../../scores/layer-scores.js';
import type { Score, Sharing } from '../../../scores/index.js';
import type { FactorRows } from '../../../scores/score.js';
import type { LayerItem } from './items.js';

/** The scores of an item's parameters. */
export interface ItemScores {
  readonly weight: Score;
  readonly bias: Score | null;
}

/** Inputs [N, G, R, in] of an item of that kind. */
export const inputRows = (scores: ItemScores, sharing: Sharing): Value => factorRows(scores, sharing).a;

/** The same at some positions after the others. */
export const inputParts = (scores: ItemScores, sharing: Sharing): readonly Value[] =>
  factorRows(scores, sharing).parts;

const factorRows = ({ weight, bias }: ItemScores, sharing: Sharing): FactorRows =>
  weight.factorRows(bias !== null, sharing) as FactorRows;

/** Rows of an item of any other kind. */
export function itemRows(item: LayerItem, scores: ItemScores, sharing: Sharing): Value {
  const { weight, bias } = scores;
  if (item.kind === 'gradients') return (weight.factorRows(false, sharing) as { g: Value }).g;
  const K = weight.neurons.shape[1];
  if (item.plain) return b.reshape(weight.explicit(), [N, K, 1, 1, item.width]);
  const matrix = matrixOfLayer(weight);
  const whole = bias ? b.concat([matrix, biasOfLayer(bias, matrix)], 3) : matrix;
  const [, , outputs, inputs] = whole.shape as readonly [unknown, unknown, number, number];
  if (item.kind === 'units') return b.reshape(whole, [N, K, outputs, 1, inputs]);
  return b.reshape(whole, [N, K, 1, 1, sizeOf([outputs, inputs])]);
}
