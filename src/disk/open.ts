/**
 * @module disk/open
 *
 * Networks, data sets and files of names by their paths: the readers of floor `data` with the disk in their hands. The command line
 * and the library open them by these, so that both read the same θ and the same examples.
 */
import type { Dataset } from '../data/dataset.js';
import { parseDataset } from '../data/load.js';
import type { LoadOptions } from '../data/load-options.js';
import { parseNames } from '../data/names.js';
import { datasetFor, type OpenDatasetOptions } from '../data/open-dataset.js';
import { networkFrom, type OpenedNetwork, type OpenNetworkOptions } from '../data/open-network.js';
import { bytesOf, type FileSource } from '../data/source.js';
import type { NamesFile } from '../model/names/index.js';
import type { Network } from '../model/network.js';
import { DISK } from './disk.js';

/**
 * Reads a data set for a graph. Throws `file/…` and what `parseDataset` throws (`data/…`, the codecs' errors).
 * @throws FimError with `arrays/missing`, `csv/class-names`, `csv/header`, `csv/input-columns`, `csv/missing`, `csv/no-rows`,
 * `csv/not-a-number`, `csv/not-finite`, `csv/not-text`, `csv/quote`, `csv/target-column`, `csv/too-large`, `csv/weight-column`,
 * `csv/width`, `data/classes`, `data/columns`, `data/example-weights`, `data/floats`, `data/format`, `data/input-name`, `data/inputs`,
 * `data/integers`, `data/lengths`, `data/memory`, `data/no-axis`, `data/no-examples`, `data/no-inputs`, `data/not-finite`, `data/option`,
 * `data/overflow`, `data/parts`, `data/range`, `data/scale`, `data/shape`, `data/targets`, `data/two-readings`, `data/uint8`,
 * `deflate/damaged`, `idx/not-idx`, `idx/trailing`, `idx/truncated`, `manifest/json`, `npy/dtype`, `npy/header`, `npy/not-npy`,
 * `npy/trailing`, `npy/truncated`, `npy/version`, `parquet/compressors`, `parquet/damaged`, `parquet/missing`, `parquet/no-codec`,
 * `parquet/not-parquet`, `parquet/ragged`, `parquet/range`, `parquet/truncated`, `parquet/type`, `safetensors/dtype`, `safetensors/entry`,
 * `safetensors/header`, `safetensors/offsets`, `safetensors/truncated`, `scale/number`, `zip/damaged`, `zip/method`, `zip/not-zip`,
 * `zip/truncated`
 *
 * @example
 * ```ts
 * import { loadDataset } from 'fim';
 *
 * const dataset = loadDataset('data.npz', { inputs: [{ name: 'x', dtype: 'float32', shape: null }] });
 * console.log(dataset.n); // 7
 * ```
 */
export function loadDataset(source: FileSource, options: LoadOptions): Dataset {
  return parseDataset(source, options, DISK);
}

/**
 * Reads a file of names. Throws `file/…` and what `parseNames` throws.
 * @throws FimError with `arrays/extension`, `arrays/missing`, `data/memory`, `deflate/damaged`, `manifest/json`, `names/empty`,
 * `names/text`, `names/twice`, `npy/dtype`, `npy/header`, `npy/not-npy`, `npy/trailing`, `npy/truncated`, `npy/version`,
 * `safetensors/dtype`, `safetensors/entry`, `safetensors/header`, `safetensors/offsets`, `safetensors/truncated`, `zip/damaged`,
 * `zip/method`, `zip/not-zip`, `zip/truncated`
 */
export function readNames(source: FileSource): NamesFile {
  const { name, bytes } = bytesOf(source, DISK);
  return parseNames(bytes, name);
}

/**
 * Opens the ONNX file at a path, the external data beside it and, where named, weights from another file.
 *
 *     const { network, likelihood } = await openNetwork('model.onnx', { likelihood: 'categorical' });
 *
 * Throws `file/…` and what `networkFrom` throws (`onnx/…`, `model/…`).
 * @throws FimError with `arrays/extension`, `arrays/missing`, `data/format`, `data/memory`, `deflate/damaged`, `engine/ort-broken`,
 * `engine/ort-file`, `engine/ort-missing`, `front/batch-axis`, `front/input`, `front/output`, `front/value`, `graph/examples-coupled`,
 * `graph/shape`, `likelihood/link`, `likelihood/option`, `likelihood/unknown`, `manifest/json`, `model/glob`, `model/likelihood`,
 * `model/link`, `model/mask`, `model/no-parameters`, `names/ambiguous`, `names/buffer`, `names/empty`, `names/folded`, `names/not-found`,
 * `names/shape`, `names/text`, `names/twice`, `names/two-keys`, `npy/dtype`, `npy/header`, `npy/not-npy`, `npy/trailing`, `npy/truncated`,
 * `npy/version`, `onnx/attribute`, `onnx/batch-axis`, `onnx/batch-sizes`, `onnx/cycle`, `onnx/data-type`, `onnx/dynamic-axis`,
 * `onnx/element-type`, `onnx/empty`, `onnx/external-missing`, `onnx/external-path`, `onnx/external-range`, `onnx/fixed-batch`, `onnx/form`,
 * `onnx/functions`, `onnx/heads`, `onnx/input-name`, `onnx/input-shape`, `onnx/input-type`, `onnx/ir-version`, `onnx/kept-link`,
 * `onnx/malformed`, `onnx/missing-input`, `onnx/missing-output`, `onnx/name-twice`, `onnx/nesting`, `onnx/no-opset`, `onnx/no-output`,
 * `onnx/not-finite`, `onnx/not-onnx`, `onnx/operators`, `onnx/opset-range`, `onnx/opset-twice`, `onnx/output-shape`, `onnx/quantised`,
 * `onnx/said-shape`, `onnx/several-outputs`, `onnx/sparse`, `onnx/squashed-output`, `onnx/tensor-size`, `onnx/too-large`, `onnx/truncated`,
 * `onnx/two-readings`, `random/seed`, `random/sequence`, `safetensors/dtype`, `safetensors/entry`, `safetensors/header`,
 * `safetensors/offsets`, `safetensors/truncated`, `tensor/size`, `weights/dtype`, `weights/missing`, `weights/not-finite`, `weights/shape`,
 * `zip/damaged`, `zip/method`, `zip/not-zip`, `zip/truncated`
 *
 * @example
 * ```ts
 * import { openNetwork } from 'fim';
 *
 * const { network, likelihood, output } = await openNetwork('model.onnx', { likelihood: 'categorical' });
 * console.log(likelihood.name, [...network.inputs.keys()], output.name); // categorical [ 'x' ] h
 * ```
 */
export async function openNetwork(
  source: FileSource,
  options: OpenNetworkOptions = {},
): Promise<OpenedNetwork> {
  return networkFrom(source, options, DISK);
}

/**
 * Opens the data set at a path for a network.
 *
 *     const dataset = await openDataset('data.npz', network);
 *
 * Throws what `loadDataset` throws (`file/…`, `data/…`).
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
 *
 * @example
 * ```ts
 * import { openDataset, openNetwork } from 'fim';
 *
 * const { network } = await openNetwork('model.onnx', { likelihood: 'categorical' });
 * const dataset = await openDataset('data.npz', network);
 * console.log(dataset.n, dataset.targets?.shape); // 7 [ 7 ]
 * ```
 */
export async function openDataset(
  source: FileSource,
  network: Network,
  options: OpenDatasetOptions = {},
): Promise<Dataset> {
  return datasetFor(source, network, options, DISK);
}
