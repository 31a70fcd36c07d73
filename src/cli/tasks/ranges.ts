/**
 * @module cli/tasks/ranges
 *
 * Tasks of an estimate by ranges of parameters: which there are of each part of the visits, and what each takes.
 */
import { FimError } from '../../core/errors.js';
import { type RangeOf, rangesOf } from '../../jobs/ranges.js';
import type { Network } from '../../model/network.js';
import type { EstimateContext } from '../estimate/subject.js';

/** What a task takes of a part of the visits. */
export interface RangeTask {
  /** In its name; empty where it takes all. */
  readonly words: string;
  /** In `tasks.json`: 0 for the totals, else which of the ranges; absent: all parameters. */
  readonly range?: number;
  /** Names of its parameters; null: totals alone, undefined: all parameters. */
  readonly names: RangeOf | undefined;
}

/** The tasks of a part. Throws `estimate/ranges`, and `usage/ranges` for forms that do not go by layers. */
export function rangeTasks({ options }: Pick<EstimateContext, 'options'>, network: Network): RangeTask[] {
  const { parameterRanges: count, form } = options;
  if (count === undefined) return [{ words: '', names: undefined }];
  if (form === 'dense' || form === 'gram' || form === 'implicit')
    throw new FimError({
      code: 'usage/ranges',
      kind: 'usage',
      where: `--parameter-ranges ${count} --form ${form}`,
      rule: 'goes by layers: elements between two of them belong to no range',
      next: '--form block, or leave --parameter-ranges out',
    });
  const ranges = rangesOf(network, count);
  return [
    { words: ', totals', range: 0, names: null },
    ...ranges.map((names, i) => ({ words: `, range ${i + 1} of ${count}`, range: i + 1, names })),
  ];
}

/** Whether `--noTheta` aside, a task of the first part has the parameters θ of these names. */
export const hasTheta = ({ names }: RangeTask, parameter: string): boolean =>
  names === undefined || (names?.includes(parameter) ?? false);
