/**
 * @module jobs/weighing
 *
 * Example weights of a data set, made ready for an estimate: examples of weight 0 are not visited, so that the estimate is that of
 * the others alone; weights that are all the same are none.
 */
import { toFloat64 } from '../core/tensor.js';
import type { Dataset } from '../data/dataset.js';
import { readExampleWeights, type ReadWeights } from '../fisher/index.js';

export interface Weighing extends ReadWeights {
  /** Examples of weight above 0. */
  readonly n: number;
}

/** Reads the weights of a data set. Throws `data/example-weights`. */
export function weighingOf(dataset: Dataset): Weighing {
  const { exampleWeights: raw, n, source } = dataset;
  if (raw === null) return { weights: null, among: null, n };
  const read = readExampleWeights(toFloat64(raw), n, `${source}: example weights`);
  return { ...read, n: read.among?.length ?? n };
}

/** What was done with them, in words. */
export function weighingNotes({ weights, among, n }: Weighing, dataset: Dataset): string[] {
  if (dataset.exampleWeights === null) return [];
  return [
    ...(among === null ? [] : [`${dataset.n - n} of ${dataset.n} examples have weight 0 and are left out`]),
    ...(weights === null ? ['all example weights are equal: the plain mean'] : []),
  ];
}
