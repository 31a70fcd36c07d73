/**
 * @module data
 *
 * Files in, examples out; results and weights as files of named arrays.
 */

// Data sets: from a path, from memory, in parts.
export { dataFormatOf } from './format.js';
export type { DataFormat } from './format.js';
export { parseDataset } from './load.js';
export type { LoadOptions } from './load-options.js';
export { makeDataset, takeExamples, withTargets } from './dataset.js';
export type { Dataset, DatasetParts, Reading } from './dataset.js';
export type { InputSpec } from './conform.js';
export { split, subset } from './split.js';
export type { SplitOptions } from './split.js';
export { parseDigits } from './digits.js';
export type { DigitsFiles, DigitsOptions, DigitsPart } from './digits.js';

// Examples in batches, in a stated order or with unequal probabilities.
export { batchBytes, batches } from './batches.js';
export type { Batch, Batches, BatchOptions } from './batches.js';
export { visits } from './order.js';
export type { OrderOptions, Visits } from './order.js';
export { weightedVisits } from './weighted-visits.js';
export type { WeightedVisitOptions, WeightedVisits } from './weighted-visits.js';

// Targets as a likelihood takes them; the scale of inputs.
export { parseScale } from './scale.js';
export type { Scale } from './scale.js';

// Results and weights: files of named arrays.
export { arrayFormatOf, formatArrays, openArrays } from './arrays.js';
export type { ArrayFormat } from './arrays.js';
export { listArrays } from './array-file.js';
export type { ArrayFile, ArrayInfo } from './array-file.js';
export type { Manifest } from './manifest.js';
export { matchWeights } from './weights.js';
export type { Weights, WeightSpec } from './weights.js';
export { parseNames } from './names.js';

// Codecs: bytes to tensors and back, without a disk.
export { parseCsv } from './csv.js';
export type { CsvRoles } from './csv-roles.js';
export type { CsvTable } from './csv.js';
export { isIdx, parseIdx } from './idx.js';
export { formatNpy, parseNpy } from './npy.js';
export { formatNpz, openNpz } from './npz.js';
export { formatSafetensors, openSafetensors } from './safetensors.js';
export type { SafetensorsFile } from './safetensors.js';

// Files as readers take them: a path where there is a disk, or bytes under a name.
export { datasetFor, inputSpecs } from './open-dataset.js';
export type { OpenDatasetOptions } from './open-dataset.js';
export { networkFrom } from './open-network.js';
export type { OpenedNetwork, OpenNetworkOptions } from './open-network.js';
export { noDisk, WHOLE_UP_TO, withoutDisk } from './source.js';
export type { FileBytes, Files, FileSource, LargeFile, PartFile, Spool } from './source.js';
export type { ByteSource } from './byte-source.js';
