/**
 * @module graph/onnx/import/operators/fused/embed
 *
 * EmbedLayerNormalization is the foot of BERT: rows of the word, position and segment tables by the ids, their sum normalised over its last
 * axis; positions count from 0 where they are not given. Source: microsoft/onnxruntime, ContribOperators.md.
 */
import * as b from '../../../../build.js';
import type { Value } from '../../../../value.js';
import type { Normaliser, OpContext } from '../../context.js';
import { isFolded, type Item } from '../../items.js';
import { pick } from '../../pick.js';
import { indicesOf } from '../gather.js';
import { lengthOf } from '../heads.js';
import { affine, standard } from './norms.js';

/** Rows of the table of operand `t` by the ids of operand `i`: [N, S, D]. */
function rows(c: OpContext, t: number, i: number): Value {
  const table = c.real(t);
  if (!isFolded(c.item(i))) return b.gather(table, indicesOf(c, i), 0);
  return b.reshape(pick(table, 0, c.integers(i, 'ids')), [...c.shape(i), table.shape[1]]);
}

/** EmbedLayerNormalization; its second output, the number of tokens, is not made. Throws `graph/shape`. */
export const embedLayerNormalization: Normaliser = (c) => {
  const length = lengthOf(c, c.shape(0), 1);
  const places = c.has(8) ? rows(c, 3, 8) : b.slice(c.real(3), 0, 0, length);
  const words = b.add(rows(c, 2, 0), places);
  const sum = c.has(1) && c.has(4) ? b.add(words, rows(c, 4, 1)) : words;
  const { y } = standard(sum, [2], c.float('epsilon', 1e-12), true);
  const normalised = affine(c, y, 5, 6);
  const outputs: Item[] = c.wants(1) ? [normalised] : [normalised, sum, sum];
  return outputs;
};
