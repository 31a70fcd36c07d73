/**
 * @module data/open-dataset
 *
 * Data held against the inputs of a network: names, shapes and kinds must fit as they stand.
 */
import { isBatch } from '../graph/index.js';
import type { Network } from '../model/network.js';
import type { InputSpec } from './conform.js';
import type { Dataset } from './dataset.js';
import { type LoadOptions, parseDataset } from './load.js';
import type { Files, FileSource } from './source.js';

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

/** A data set held against the inputs of a network. Throws what `parseDataset` throws. */
export function datasetFor(
  source: FileSource,
  network: Network,
  options: OpenDatasetOptions,
  files: Files,
): Dataset {
  return parseDataset(source, { ...options, inputs: inputSpecs(network) }, files);
}
