/**
 * @module data/dataset
 *
 * A data set is its inputs, by the names of the graph's inputs, and its targets if it has any; the leading axis of
 * every tensor counts examples, and an example's index on it names that example in every random draw. Values keep the
 * precision of the file (a scaled integer takes that of the graph); they are cast when a batch is made.
 */
import { FimError } from '../core/errors.js';
import type { Tensor } from '../core/tensor.js';
import { infoText } from './array-file.js';
import { takeRows } from './rows.js';

/** Inputs of N examples by name, with targets, weights and a record of where they came from. */
export interface Dataset {
  /** Where it came from, for messages: a path, or a name such as `mnist train`. */
  readonly source: string;
  /** Number of examples N. */
  readonly n: number;
  /** Inputs by the graph's names, each [N, …]. */
  readonly inputs: ReadonlyMap<string, Tensor>;
  /** Targets [N] or [N, T], or null. */
  readonly targets: Tensor | null;
  /** Weights of the examples [N], as the file has them, or null: all weigh the same. */
  readonly exampleWeights: Tensor | null;
  /** Names of the columns of its one input, where it was a table; else null. */
  readonly columns: readonly string[] | null;
  /** What was done on reading, one sentence each. */
  readonly notes: readonly string[];
  /**
   * SHA-256 of the file it was read from (of the digests of several, one a line), or null for data made in memory. That of a file that is
   * read by rows is computed when it is asked for, by one pass.
   */
  readonly hash: string | null;
  /** The file whose rows are read as they are visited; null where all lies in memory. */
  readonly reading: Reading | null;
}

/** How far a file was read. */
export interface Reading {
  /** Bytes of the file. */
  readonly size: number;
  /** Bytes that were read of it so far; more than there are where some were read again. */
  readonly bytesRead: number;
  /** Throws `file/changed` where it is not what it was when it was opened. */
  unchanged(): void;
}

/** Several files as one. */
export const readingOf = (readings: readonly Reading[]): Reading => ({
  size: readings.reduce((sum, { size }) => sum + size, 0),
  get bytesRead() {
    return readings.reduce((sum, { bytesRead }) => sum + bytesRead, 0);
  },
  unchanged: () => {
    for (const reading of readings) reading.unchanged();
  },
});

/** Parts of a data set that is made in memory. */
export interface DatasetParts {
  /** For messages: a path or a name. */
  source: string;
  /** By the graph's names, each [N, …]. */
  inputs: ReadonlyMap<string, Tensor>;
  /** [N] or [N, T]; default none. */
  targets?: Tensor | null;
  /** [N]; default: all weigh the same. */
  exampleWeights?: Tensor | null;
  /** Names of the columns of a table. */
  columns?: readonly string[] | null;
  /** What was done on reading, one sentence each. */
  notes?: readonly string[];
  /** SHA-256 of the file, or what computes it when it is asked for; default null. */
  hash?: string | null | (() => string);
  /** The file whose rows are read as they are visited; default null. */
  reading?: Reading | null;
}

/**
 * Makes a data set, checking that all tensors count the same examples.
 * Throws `data/no-inputs`, `data/no-examples`, `data/no-axis` or `data/lengths`.
 *
 * @example
 * ```ts
 * import { makeDataset, tensor } from 'fim';
 *
 * const x = tensor('float32', [2, 3], [1, 2, 3, 4, 5, 6]);
 * const y = tensor('int32', [2], [0, 1]);
 * const dataset = makeDataset({ source: 'two rows', inputs: new Map([['x', x]]), targets: y });
 * console.log(dataset.n); // 2
 * ```
 */
export function makeDataset({
  source,
  inputs,
  targets = null,
  exampleWeights = null,
  columns = null,
  notes = [],
  hash = null,
  reading = null,
}: DatasetParts): Dataset {
  const all = [
    ...inputs,
    ...(targets === null ? [] : [['targets', targets] as const]),
    ...(exampleWeights === null ? [] : [['example weights', exampleWeights] as const]),
  ];
  if (inputs.size === 0) {
    throw new FimError({
      code: 'data/no-inputs',
      where: source,
      rule: 'a data set needs at least one input',
    });
  }
  for (const [name, t] of all) {
    if (t.shape.length === 0) {
      throw new FimError({
        code: 'data/no-axis',
        where: `${source}: ${name}`,
        rule: 'the first axis of every array counts the examples',
        got: `${t.dtype} [], a single number`,
        next: 'save an array of shape [n, …]',
      });
    }
  }
  const n = all[0][1].shape[0];
  if (all.some(([, t]) => t.shape[0] !== n)) {
    throw new FimError({
      code: 'data/lengths',
      where: source,
      rule: 'all arrays must have the same number of examples, their first axis',
      got: all.map(([name, { dtype, shape }]) => infoText({ name, dtype, shape })).join(', '),
      cause: 'two parts of a split were mixed, or an array is transposed',
      next: 'save arrays of one part, examples first',
    });
  }
  if (n === 0) {
    throw new FimError({
      code: 'data/no-examples',
      where: source,
      rule: 'a data set needs at least one example',
      got: all.map(([name, { dtype, shape }]) => infoText({ name, dtype, shape })).join(', '),
      next: 'check the selection that wrote the file',
    });
  }
  const parts = { source, n, inputs, targets, exampleWeights, columns, notes, reading };
  if (typeof hash !== 'function') return { ...parts, hash };
  let known: string | undefined;
  return {
    ...parts,
    get hash() {
      return (known ??= hash());
    },
  };
}

/**
 * The same data with other targets (checked, or brought to another form). Throws `data/lengths`.
 * @throws FimError with `data/no-axis`, `data/no-examples`, `data/no-inputs`
 */
export function withTargets(dataset: Dataset, targets: Tensor | null): Dataset {
  return makeDataset({ ...dataset, targets });
}

/**
 * The examples `indices` [n], in that order, copied. `label` says which they are and follows source and hash. Throws `data/index`.
 * @throws FimError with `data/lengths`, `data/no-axis`, `data/no-examples`, `data/no-inputs`, `data/overflow`
 */
export function takeExamples(dataset: Dataset, indices: Uint32Array, label: string): Dataset {
  const wrong = indices.find((i) => i >= dataset.n);
  if (wrong !== undefined) {
    throw new FimError({
      code: 'data/index',
      kind: 'usage',
      where: dataset.source,
      rule: `an example's index lies below ${dataset.n}`,
      got: String(wrong),
    });
  }
  return makeDataset({
    source: `${dataset.source} (${label})`,
    inputs: new Map([...dataset.inputs].map(([name, t]) => [name, takeRows(t, indices)])),
    targets: dataset.targets === null ? null : takeRows(dataset.targets, indices),
    exampleWeights: dataset.exampleWeights === null ? null : takeRows(dataset.exampleWeights, indices),
    columns: dataset.columns,
    notes: dataset.notes,
    hash: dataset.hash === null ? null : `${dataset.hash} (${label})`,
  });
}
