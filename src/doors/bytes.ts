/**
 * @module doors/bytes
 *
 * The names of floor `disk` where there is no disk: readers take bytes under a name, and whatever needs a path throws `data/no-disk`,
 * which names the function.
 */
import { sha256 } from '../core/sha256.js';
import type { ArrayFile } from '../data/array-file.js';
import { openArrays } from '../data/arrays.js';
import type { Dataset } from '../data/dataset.js';
import { parseDataset } from '../data/load.js';
import type { LoadOptions } from '../data/load-options.js';
import { parseNames } from '../data/names.js';
import { datasetFor, type OpenDatasetOptions } from '../data/open-dataset.js';
import { networkFrom, type OpenedNetwork, type OpenNetworkOptions } from '../data/open-network.js';
import { bytesOf, type FileSource, noDisk, withoutDisk } from '../data/source.js';
import type { NamesFile } from '../model/names/index.js';
import type { Network } from '../model/network.js';

export { sha256 };

/** Reads a data set for a graph from bytes. Throws `data/no-disk` for a path, and what `parseDataset` throws. */
export const loadDataset = (source: FileSource, options: LoadOptions): Dataset =>
  parseDataset(source, options, withoutDisk('loadDataset'));

/** A file of named arrays from bytes. Throws `data/no-disk` for a path, and what `openArrays` throws. */
export function readArrays(source: FileSource): ArrayFile {
  const { name, bytes } = bytesOf(source, withoutDisk('readArrays'));
  return openArrays(bytes, name);
}

/** A file of names from bytes. Throws `data/no-disk` for a path, and what `parseNames` throws. */
export function readNames(source: FileSource): NamesFile {
  const { name, bytes } = bytesOf(source, withoutDisk('readNames'));
  return parseNames(bytes, name);
}

/** A network from the bytes of an ONNX file. Throws `data/no-disk` for a path, and what `networkFrom` throws. */
export const openNetwork = async (
  source: FileSource,
  options: OpenNetworkOptions = {},
): Promise<OpenedNetwork> => networkFrom(source, options, withoutDisk('openNetwork'));

/** A data set from bytes, held against a network. Throws `data/no-disk` for a path, and what `parseDataset` throws. */
export const openDataset = async (
  source: FileSource,
  network: Network,
  options: OpenDatasetOptions = {},
): Promise<Dataset> => datasetFor(source, network, options, withoutDisk('openDataset'));

/** What is nothing without a disk. */
const refusing =
  (name: string) =>
  (path?: unknown): never => {
    throw noDisk(name, typeof path === 'string' ? path : '');
  };

/** Throws `data/no-disk`; `formatArrays` gives the bytes. */
export const writeArrays = refusing('writeArrays');
/** Throws `data/no-disk`; `parseDigits` takes the files' bytes. */
export const loadDigits = refusing('loadDigits');
/** Throws `data/no-disk`; `parseDigits` takes the files' bytes. */
export const loadIdxFolder = refusing('loadIdxFolder');
/** Throws `data/no-disk`. */
export const digitsPackage = refusing('digitsPackage');
/** Throws `data/no-disk`. */
export const exists = refusing('exists');
/** Throws `data/no-disk`. */
export const isFolder = refusing('isFolder');
/** Throws `data/no-disk`. */
export const readBytes = refusing('readBytes');
/** Throws `data/no-disk`. */
export const writeAtomic = refusing('writeAtomic');
