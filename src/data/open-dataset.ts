/**
 * @module data/open-dataset
 *
 * Data held against the inputs of a network: names, shapes and kinds must fit as they stand.
 */
import { isBatch } from '../graph/index.js';
import type { Network } from '../model/network.js';
import type { InputSpec } from './conform.js';
import type { Dataset } from './dataset.js';
import { atPositions } from './position-targets.js';
import { parseDataset } from './load.js';
import type { LoadOptions } from './load-options.js';
import { behindFront } from './front-inputs.js';
import type { Files, FileSource } from './source.js';

/** Everything of `loadDataset` but the inputs, which the network says. */
export type OpenDatasetOptions = Omit<LoadOptions, 'inputs'>;

/** The data inputs as files are held against them, those of a front in place of its values: one example's shape each, null where a size is not known. */
export function inputSpecs(network: Network): InputSpec[] {
  const own = network.positions?.labels?.input;
  const { front } = network;
  const before = new Map(front?.inputs.map(({ name, value }) => [name, value]));
  const behind = [...network.inputs].filter(
    ([name]) => name !== own && !before.has(name) && !front?.axes.has(name),
  );
  return [...before, ...behind].map(([name, v]) => ({
    name,
    dtype: v.dtype,
    shape: v.shape.slice(1).map((d) => (isBatch(d) ? null : d)),
    ...(front?.feeds.get(name) ?? network.feeds?.get(name)),
  }));
}

/**
 * A data set held against the inputs of a network. Throws what `parseDataset` throws.
 * @throws FimError with `arrays/missing`, `csv/class-names`, `csv/header`, `csv/input-columns`, `csv/missing`, `csv/no-rows`,
 * `csv/not-a-number`, `csv/not-finite`, `csv/not-text`, `csv/quote`, `csv/target-column`, `csv/too-large`, `csv/weight-column`,
 * `csv/width`, `data/classes`, `data/columns`, `data/example-weights`, `data/floats`, `data/format`, `data/input-name`, `data/inputs`,
 * `data/integers`, `data/lengths`, `data/memory`, `data/no-axis`, `data/no-examples`, `data/no-inputs`, `data/not-finite`, `data/option`,
 * `data/overflow`, `data/parts`, `data/position-targets`, `data/range`, `data/scale`, `data/shape`, `data/targets`, `data/two-readings`,
 * `data/uint8`, `deflate/damaged`, `engine/ort-broken`, `engine/ort-file`, `engine/ort-missing`, `front/coupled`, `front/shape`,
 * `idx/not-idx`, `idx/trailing`, `idx/truncated`, `manifest/json`, `npy/dtype`, `npy/header`, `npy/not-npy`, `npy/trailing`,
 * `npy/truncated`, `npy/version`, `parquet/compressors`, `parquet/damaged`, `parquet/missing`, `parquet/no-codec`, `parquet/not-parquet`,
 * `parquet/ragged`, `parquet/range`, `parquet/truncated`, `parquet/type`, `safetensors/dtype`, `safetensors/entry`, `safetensors/header`,
 * `safetensors/offsets`, `safetensors/truncated`, `scale/number`, `zip/damaged`, `zip/method`, `zip/not-zip`, `zip/truncated`
 */
export async function datasetFor(
  source: FileSource,
  network: Network,
  options: OpenDatasetOptions,
  files: Files,
): Promise<Dataset> {
  const requireTargets = options.requireTargets === true || Boolean(network.positions?.labels);
  const dataset = parseDataset(source, { ...options, requireTargets, inputs: inputSpecs(network) }, files);
  return atPositions(
    network.front ? await behindFront(dataset, network, network.front, files.digest) : dataset,
    network,
  );
}
