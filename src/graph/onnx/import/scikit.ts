/**
 * @module graph/onnx/import/scikit
 *
 * The one operator of `ai.onnx.ml` that belongs to a network: the scaler of a scikit-learn pipeline. Its numbers are attributes, not
 * weights, so they enter as constants: preprocessing.
 */
import { tensor } from '../../../core/tensor.js';
import * as b from '../../build.js';
import { constant, type Value } from '../../value.js';
import type { Normaliser, NormaliserTable, OpContext } from './context.js';

/** (x − offset) ⊙ scale, each one number or one a column. */
const scaler: Normaliser = (c) => {
  const x = b.cast(c.value(0), c.dtype);
  const columns = c.shape(0).at(-1);
  for (const name of ['offset', 'scale']) {
    const count = c.floats(name)?.length ?? 1;
    if (count !== 1 && count !== columns)
      throw c.refuse(`${count} numbers of "${name}" are not one a column`, 'graph/shape');
  }
  const offset = vector(c, 'offset');
  const scale = vector(c, 'scale');
  const shifted = offset ? b.sub(x, offset) : x;
  return scale ? b.mul(shifted, scale) : shifted;
};

function vector(c: OpContext, name: string): Value | null {
  const numbers = c.floats(name);
  return numbers && constant(tensor(c.dtype, numbers.length === 1 ? [] : [numbers.length], numbers), name);
}

export const SCIKIT: NormaliserTable = { Scaler: scaler };
