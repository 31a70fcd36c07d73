/**
 * @module jobs/open/network
 *
 * A network from a path: reads the ONNX file, the external data beside it and, where named, weights from another file. The command
 * line and the library open networks by this one function, so that both read the same θ.
 */
import { dirname, join } from 'node:path';
import { readBytes, sha256 } from '../../data/files.js';
import { type LoadedNetwork, loadNetwork, type LoadNetworkOptions } from '../../model/load.js';
import { readMetadata } from '../../model/metadata.js';
import type { NamesFile } from '../../model/names/index.js';
import { withWeights } from '../../model/network.js';
import { readNames } from '../../data/names.js';
import { givenWeights } from './weights.js';

/** Everything of `loadNetwork` but what the path says. */
export interface OpenNetworkOptions extends Omit<LoadNetworkOptions, 'file' | 'external' | 'names'> {
  /** What θ is: a file of names (text, .npz or .safetensors), or what `readNames` made of one. */
  readonly names?: string | NamesFile | undefined;
  /** An .npz or .safetensors file whose arrays take the place of the file's own weights. */
  readonly weights?: string | undefined;
}

/** A loaded network with the path that it came from. */
export interface OpenedNetwork extends LoadedNetwork {
  /** Path of the ONNX file. */
  readonly path: string;
  /** SHA-256 of the file. */
  readonly hash: string;
}

/**
 * Opens the ONNX file at `path`.
 *
 *     const { network, likelihood } = await openNetwork('model.onnx', { likelihood: 'categorical' });
 *
 * Throws what `readBytes` (`file/…`), `loadNetwork` (`onnx/…`, `model/…`) and the reader of weights throw.
 */
export async function openNetwork(path: string, options: OpenNetworkOptions = {}): Promise<OpenedNetwork> {
  const { weights, names, ...rest } = options;
  const bytes = readBytes(path);
  const loaded = loadNetwork(bytes, {
    ...rest,
    names: typeof names === 'string' ? readNames(names) : names,
    file: path,
    external: (location) => readBytes(join(dirname(path), location)),
  });
  const opened = { ...loaded, path, hash: sha256(bytes) };
  if (weights === undefined) return opened;
  const known = readMetadata(loaded.model.metadata);
  const given = givenWeights(weights, loaded.network.h, loaded.judged, known, loaded.model.names);
  return {
    ...opened,
    network: withWeights(loaded.network, given.values),
    notes: [...loaded.notes, ...(given.note === null ? [] : [given.note])],
  };
}
