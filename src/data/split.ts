/**
 * @module data/split
 *
 * Training and test examples after one fixed shuffle, and smaller data sets that are the same everywhere: both are the
 * beginning (and the rest) of a permutation that depends on the size and the seed alone.
 */
import { FimError } from '../core/errors.js';
import { permutation } from '../core/random.js';
import { takeExamples } from './dataset.js';
import type { Dataset } from './dataset.js';

/** Sizes and seed of a split. */
export interface SplitOptions {
  /** Examples for training: the first of the shuffled ones. */
  train: number;
  /** Examples for testing: the next ones. Default: all the rest. */
  test?: number | undefined;
  /** Seed of the permutation; default 0. */
  seed?: number | undefined;
}

/**
 * Shuffles once and splits. Throws `split/size` (usage) where a part would be empty or beyond the data.
 * @throws FimError with `data/index`, `data/lengths`, `data/no-axis`, `data/no-examples`, `data/no-inputs`, `data/overflow`, `random/seed`,
 * `random/sequence`
 *
 * @example
 * ```ts
 * import { makeDataset, tensor } from 'fim';
 * import { split } from 'fim/data';
 *
 * const x = tensor('float32', [10, 1], Array.from({ length: 10 }, (_, i) => i));
 * const { train, test } = split(makeDataset({ source: 'ten', inputs: new Map([['x', x]]) }), { train: 7 });
 * console.log(train.n, test.n); // 7 3
 * ```
 */
export function split(
  dataset: Dataset,
  options: SplitOptions,
): {
  /** The first `train` examples of the permutation. */
  train: Dataset;
  /** The next ones. */
  test: Dataset;
} {
  const { train, test = dataset.n - train, seed = 0 } = options;
  const sound = (count: number): boolean => Number.isInteger(count) && count >= 1;
  if (!sound(train) || !sound(test) || train + test > dataset.n) {
    throw new FimError({
      code: 'split/size',
      kind: 'usage',
      where: dataset.source,
      rule: `training and test examples are whole numbers, at least 1 each and at most ${dataset.n} together`,
      got: `${train} and ${test}`,
    });
  }
  const order = permutation(dataset.n, seed, 'split');
  const part = (from: number, to: number): Dataset =>
    takeExamples(dataset, order.subarray(from, to), `shuffled by seed ${seed}, ${from} to ${to}`);
  return { train: part(0, train), test: part(train, train + test) };
}

/**
 * `n` examples, the same for a given seed; a larger subset contains a smaller one. Throws `subset/size` (usage).
 * @throws FimError with `data/index`, `data/lengths`, `data/no-axis`, `data/no-examples`, `data/no-inputs`, `data/overflow`, `random/seed`,
 * `random/sequence`
 */
export function subset(dataset: Dataset, n: number, seed = 0): Dataset {
  if (!Number.isInteger(n) || n < 1 || n > dataset.n) {
    throw new FimError({
      code: 'subset/size',
      kind: 'usage',
      where: dataset.source,
      rule: `a subset has a whole number of examples from 1 to ${dataset.n}`,
      got: String(n),
    });
  }
  return takeExamples(
    dataset,
    permutation(dataset.n, seed, 'subset').subarray(0, n),
    `${n} chosen by seed ${seed}`,
  );
}
