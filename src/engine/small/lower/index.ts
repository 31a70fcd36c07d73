/**
 * @module engine/small/lower
 *
 * The lowering of every core operator.
 */
import { binary, cast, select, unary } from './elementwise.js';
import { matmul } from './matmul.js';
import { concat, duplicate, expand, pad, slice, transpose } from './move.js';
import { logSoftmaxOver, reduceMax, reduceSum, softmaxOver } from './reduce.js';
import type { Lowering } from './types.js';
import { BINARY } from '../loops/binary.js';
import { UNARY } from '../loops/unary.js';

export const LOWERINGS: ReadonlyMap<string, Lowering> = new Map<string, Lowering>([
  ...Object.keys(UNARY).map((op): [string, Lowering] => [op, unary(op)]),
  ...Object.keys(BINARY).map((op): [string, Lowering] => [op, binary(op)]),
  ['Cast', cast],
  ['Where', select],
  ['MatMul', matmul],
  ['ReduceSum', reduceSum],
  ['ReduceMax', reduceMax],
  ['Softmax', softmaxOver],
  ['LogSoftmax', logSoftmaxOver],
  ['Transpose', transpose],
  ['Expand', expand],
  ['Slice', slice],
  ['Concat', concat],
  ['Pad', pad],
  ['Copy', duplicate],
]);
