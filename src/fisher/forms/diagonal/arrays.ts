/**
 * @module fisher/forms/diagonal/arrays
 *
 * Named arrays of a diagonal, as files hold them: each in its parameter's shape.
 */
import { type Tensor, tensor } from '../../../core/tensor.js';
import type { DiagonalEstimate } from '../../estimate.js';

/** `fisher/…`, `standard_error/…`, and `label_se/…` and `data_se/…` where the two can be told apart; float64. */
export function diagonalArrays(e: DiagonalEstimate): Map<string, Tensor> {
  const arrays = new Map<string, Tensor>();
  const put = (prefix: string, name: string, shape: readonly number[], data: Float64Array | null) => {
    if (data) arrays.set(`${prefix}/${name}`, tensor('float64', shape, data));
  };
  for (const t of e.tensors) put('fisher', t.name, t.shape, t.fisher);
  for (const t of e.tensors) put('label_se', t.name, t.shape, t.labelError);
  for (const t of e.tensors) put('data_se', t.name, t.shape, t.dataError);
  for (const t of e.tensors) put('standard_error', t.name, t.shape, t.standardError);
  return arrays;
}
