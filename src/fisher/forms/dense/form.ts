/**
 * @module fisher/forms/dense/form
 *
 * The dense matrix as a form: how its sums merge and what follows from them. Its parts are the arrays of its sums (dense-sums.ts) and
 * the counts of the loop.
 */
import { copyPart, type SumsPart, type SumsSettings } from '../sums.js';
import { requireExamples } from '../../checks.js';
import { Counts } from '../../counts.js';
import type { Form } from '../form.js';
import { denseArrays } from './arrays.js';
import { groupsOfPart, mergedGroups } from '../diagonal/group-sums.js';
import { type DenseEstimate, denseOf, mirroredGroups } from './dense.js';
import { DenseSums } from './dense-sums.js';
import type { DenseArrays } from './sums-arrays.js';

const sumsOf = (part: SumsPart, { error }: SumsSettings): DenseSums =>
  new DenseSums(part as unknown as DenseArrays, error);

/** Without the sums of groups. */
const ownPart = (part: SumsPart): SumsPart =>
  Object.fromEntries(Object.entries(part).filter(([name]) => !name.startsWith('group/')));

export const dense: Form<'dense', DenseEstimate> = {
  name: 'dense',
  merge(a, b, { settings }, spent = false) {
    const { counts: _1, doubts: _2, ...own } = spent ? ownPart(a) : copyPart(ownPart(a));
    const counts = Counts.fromArrays(a);
    counts.merge(Counts.fromArrays(b));
    const sums = sumsOf(own, settings);
    sums.merge(sumsOf(ownPart(b), settings));
    return { ...counts.toArrays(), ...own, ...mergedGroups(a, b, spent) };
  },
  estimate(part, { settings, defaults, interrupted, notes }, { population }) {
    const { estimator, labels, error, populationSize } = settings;
    requireExamples(part.examples[0], interrupted, 'dense Fisher matrix');
    const finite = (population ?? defaults.population) === 'data' ? populationSize : null;
    const decided = { estimator, labels, error, population: finite };
    const groupSums = groupsOfPart(part);
    return {
      ...denseOf(sumsOf(copyPart(ownPart(part)), settings), decided, interrupted),
      notes,
      ...(groupSums ? { groupSums: mirroredGroups(groupSums) } : {}),
    };
  },
  arrays: denseArrays,
};
