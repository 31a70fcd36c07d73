/**
 * @module cli/estimate/request
 *
 * Request of an estimate from the flags of `fim estimate`.
 */
import type { EstimateRequest } from '../../jobs/estimate.js';
import { listOf } from './lists.js';
import { groupsAsked } from './groups.js';
import type { EstimateContext, OpenedSubject } from './subject.js';

/** Whether entries are asked for, in a file or on a page. */
export const showsEntries = ({
  out,
  report,
}: {
  readonly out?: string | undefined;
  readonly report?: string | undefined;
}): boolean => out !== undefined || report !== undefined;

/** Of the matrix: exact columns at uniform visits where nothing else is said. */
export function requestOf(
  { options, given }: Pick<EstimateContext, 'options' | 'given'>,
  { network, batch, wholeMatrix, byLayer, rows, keptNumbers, functionals, quadratics }: OpenedSubject,
): EstimateRequest {
  return {
    ...options,
    classWeights: listOf(options.classWeights),
    functionals,
    quadratics,
    exactPairs: given.has('exactPairs') ? options.exactPairs : undefined,
    ...(showsEntries(options) ? { question: 'entries' as const } : {}),
    ...(wholeMatrix || byLayer || rows ? { visits: 'uniform' as const } : {}),
    ...((wholeMatrix || byLayer || rows) && !options.estimator ? { estimator: 'exact' as const } : {}),
    batch,
    groupSums: groupsAsked(options, { network, keptNumbers, rows }),
  };
}
