/**
 * @module jobs/open/dataset
 *
 * Data from a path, held against the inputs of a network: names, shapes and kinds must fit as they stand.
 */
import type { Dataset } from '../../data/dataset.js';
import { type InputSpec, loadDataset, type LoadOptions } from '../../data/index.js';
import { isBatch } from '../../graph/index.js';
import type { Network } from '../../model/network.js';

/** Everything of `loadDataset` but the inputs, which the network says. */
export type OpenDatasetOptions = Omit<LoadOptions, 'inputs'>;

/** The data inputs as files are held against them: one example's shape each, null where a size is not known. */
export function inputSpecs(network: Network): InputSpec[] {
  return [...network.inputs].map(([name, v]) => ({
    name,
    dtype: v.dtype,
    shape: v.shape.slice(1).map((d) => (isBatch(d) ? null : d)),
  }));
}

/**
 * Opens the data set at `path` for a network.
 *
 *     const dataset = await openDataset('data.npz', network);
 *
 * Throws what `loadDataset` throws (`file/…`, `data/…`).
 */
export async function openDataset(
  path: string,
  network: Network,
  options: OpenDatasetOptions = {},
): Promise<Dataset> {
  return loadDataset(path, { ...options, inputs: inputSpecs(network) });
}
