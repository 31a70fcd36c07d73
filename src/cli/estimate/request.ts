/**
 * @module cli/estimate/request
 *
 * Request of an estimate from the flags of `fim estimate`.
 */
import type { EstimateRequest } from '../../jobs/estimate.js';
import { groupsFor } from '../../jobs/grouped.js';
import { parameterCount } from '../../model/network.js';
import { listOf } from './facts.js';
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
  { network, batch, wholeMatrix, byLayer, functionals, quadratics }: OpenedSubject,
): EstimateRequest {
  return {
    ...options,
    classWeights: listOf(options.classWeights),
    functionals,
    quadratics,
    exactPairs: given.has('exactPairs') ? options.exactPairs : undefined,
    ...(showsEntries(options) ? { question: 'entries' as const } : {}),
    ...(wholeMatrix || byLayer ? { visits: 'uniform' as const } : {}),
    ...((wholeMatrix || byLayer) && !options.estimator ? { estimator: 'exact' as const } : {}),
    batch,
    groupSums:
      options.out === undefined || options.noGroups ? 0 : groupsFor(parameterCount(network), options.memory),
  };
}
