/**
 * @module disk/open
 *
 * Networks, data sets and files of names by their paths: the readers of floor `data` with the disk in their hands. The command line
 * and the library open them by these, so that both read the same θ and the same examples.
 */
import type { Dataset } from '../data/dataset.js';
import { type LoadOptions, parseDataset } from '../data/load.js';
import { parseNames } from '../data/names.js';
import { datasetFor, type OpenDatasetOptions } from '../data/open-dataset.js';
import { networkFrom, type OpenedNetwork, type OpenNetworkOptions } from '../data/open-network.js';
import { bytesOf, type FileSource } from '../data/source.js';
import type { NamesFile } from '../model/names/index.js';
import type { Network } from '../model/network.js';
import { DISK } from './disk.js';

/** Reads a data set for a graph. Throws `file/…` and what `parseDataset` throws (`data/…`, the codecs' errors). */
export function loadDataset(source: FileSource, options: LoadOptions): Dataset {
  return parseDataset(source, options, DISK);
}

/** Reads a file of names. Throws `file/…` and what `parseNames` throws. */
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
 */
export async function openDataset(
  source: FileSource,
  network: Network,
  options: OpenDatasetOptions = {},
): Promise<Dataset> {
  return datasetFor(source, network, options, DISK);
}
