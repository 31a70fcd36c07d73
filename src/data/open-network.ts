/**
 * @module data/open-network
 *
 * A network from a file: reads the ONNX graph, the external data beside it and, where named, weights and names from other files. What
 * is a path is read by `files`.
 */
import { type LoadedNetwork, loadNetwork, type LoadNetworkOptions } from '../model/load.js';
import { type Cut, openCut, quotedNames } from '../model/front/index.js';
import { readMetadata } from '../model/metadata.js';
import type { NamesFile } from '../model/names/index.js';
import { withWeights } from '../model/network.js';
import { arrayShapes } from './array-shapes.js';
import type { ArrayFile } from './array-file.js';
import { arrayFormatOf, openArrays } from './arrays.js';
import { givenWeights } from './given-weights.js';
import { parseNames } from './names.js';
import { bytesOf, type FileBytes, type Files, type FileSource } from './source.js';

/** Everything of `loadNetwork` but what the path says. */
export interface OpenNetworkOptions extends Omit<
  LoadNetworkOptions,
  'file' | 'external' | 'names' | 'arrays' | 'cut'
> {
  /** Values of the file, between commas, that the network begins at: what is before runs in ONNX Runtime, frozen. */
  readonly from?: string | undefined;
  /** What θ is: a file of names (text, .npz or .safetensors), or what `readNames` made of one. */
  readonly names?: string | FileBytes | NamesFile | undefined;
  /** An .npz or .safetensors file whose arrays take the place of the file's own weights. */
  readonly weights?: FileSource | undefined;
  /** Data whose arrays say the lengths, and the axes of the examples, that the file leaves open. */
  readonly data?: FileSource | undefined;
  /** Array of the data for an input, by the input's name, where it is not the input's own name or x. */
  readonly arrays?: Readonly<Record<string, string>> | undefined;
}

/** A loaded network with the path that it came from. */
export interface OpenedNetwork extends LoadedNetwork {
  /** Path of the ONNX file. */
  readonly path: string;
  /** SHA-256 of the file. */
  readonly hash: string;
  /** Files with weights of it, by their places beside it. */
  readonly external: readonly string[];
}

/**
 * The network of an ONNX file, or of what is behind values of it. Throws what `files` and `loadNetwork` (`onnx/…`, `model/…`) and the reader of weights throw.
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
 */
export async function networkFrom(
  source: FileSource,
  options: OpenNetworkOptions,
  files: Files,
): Promise<OpenedNetwork> {
  const { weights, names, data, from, arrays: feeding = {}, ...rest } = options;
  const { name: path, bytes } = bytesOf(source, files);
  const external = new Set<string>();
  const at = {
    ...rest,
    ...(data === undefined ? {} : { arrays: () => arrayShapes(data, feeding, files) }),
    file: path,
    external: (location: string) => {
      external.add(location);
      return files.beside(path, location);
    },
  };
  const cut = from === undefined ? undefined : await openCut(bytes, { ...at, from });
  const loaded = loadNetwork(bytes, { ...at, names: namesOf(names, files), cut });
  const opened = { ...loaded, path, hash: files.digest(bytes), external: [...external] };
  if (weights === undefined) return opened;
  const known = readMetadata(loaded.model.metadata);
  arrayFormatOf(typeof weights === 'string' ? weights : weights.name);
  const held = bytesOf(weights, files);
  const arrays = openArrays(held.bytes, held.name);
  const given = givenWeights(arrays, loaded.network.h, loaded.judged, known, loaded.model.names);
  return {
    ...opened,
    network: withWeights(loaded.network, given.values),
    notes: [...loaded.notes, ...(given.note === null ? [] : [given.note])],
    warnings: [...loaded.warnings, ...keptBefore(arrays, cut)],
  };
}

/** Arrays of a file of weights that are for what is before a cut, which has the numbers of its own file. */
function keptBefore({ names, where }: ArrayFile, cut: Cut | undefined): string[] {
  if (!cut) return [];
  const frozen = new Set(cut.front.frozen.names);
  const kept = names.filter((name) => frozen.has(name));
  return kept.length === 0
    ? []
    : [
        `${where}: ${quotedNames(kept)} ${kept.length === 1 ? 'is' : 'are'} read before ${quotedNames(cut.front.values)}, where the model’s own numbers stay`,
      ];
}

function namesOf(names: OpenNetworkOptions['names'], files: Files): NamesFile | undefined {
  if (names === undefined || (typeof names !== 'string' && 'entries' in names)) return names;
  const { name, bytes } = bytesOf(names, files);
  return parseNames(bytes, name);
}
