/**
 * @module fisher/forms/dense/arrays
 *
 * Named arrays of a dense Fisher, as files hold them.
 */
import { type Tensor, tensor } from '../../../core/tensor.js';
import type { DenseEstimate } from './dense.js';

/** `fisher_dense`, `label_se_dense`, `data_se_dense` [P, P] and `groups/fisher_dense` [G, P, P]: parameters in the file's order, each row by row. */
export function denseArrays(e: DenseEstimate): Map<string, Tensor> {
  const P = e.parameters;
  const arrays = new Map<string, Tensor>([['fisher_dense', tensor('float64', [P, P], e.fisher)]]);
  if (e.labelError) arrays.set('label_se_dense', tensor('float64', [P, P], e.labelError));
  if (e.dataError) arrays.set('data_se_dense', tensor('float64', [P, P], e.dataError));
  const sums = e.groupSums?.tensors.get('fisher_dense');
  if (e.groupSums && sums)
    arrays.set('groups/fisher_dense', tensor('float64', [e.groupSums.count, P, P], sums));
  return arrays;
}
