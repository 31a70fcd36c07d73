/**
 * @module cli/estimate/groups
 *
 * Sums by group of examples in the file of an estimate: whether they are kept, how many and of what, or why there are none.
 */
import { setting } from '../../core/settings/reference.js';
import type { DenseEstimate, DiagonalEstimate } from '../../fisher/index.js';
import { groupsFor, whyNoGroups } from '../../jobs/grouped.js';
import { LARGEST_GROUPED } from '../../jobs/shard.js';
import { parameterCount } from '../../model/network.js';
import { inFlags } from '../mentions.js';
import type { Messages } from '../terminal/messages.js';
import type { EstimateContext, OpenedSubject } from './subject.js';

/** What is known beside the estimate: why none are kept; null: they are. */
interface Told {
  readonly noGroups: string | null;
}

/** What came of it; `dense` is null where the matrix was not asked for. */
interface Found {
  readonly estimate: Pick<DiagonalEstimate, 'groupSums' | 'visits' | 'notes'>;
  readonly dense: { readonly estimate: Pick<DenseEstimate, 'groupSums'> } | null;
}

/** Groups of examples whose sums go into a file, of the diagonal and of the forms beside it; 0: none. */
export function groupsAsked(
  options: EstimateContext['options'],
  subject: Pick<OpenedSubject, 'network' | 'keptNumbers' | 'rows'>,
): number {
  const { out, run, memory } = options;
  // Parts of a folder are merged into a file whose name may come with the merge.
  if (out === undefined && run === undefined) return 0;
  const P = parameterCount(subject.network);
  return whyUngrouped(options, subject) === null ? groupsFor(P, memory, P + subject.keptNumbers) : 0;
}

/** Why a file has no sums by group of examples; null: it has. */
export function whyUngrouped(
  { noGroups, memory, order }: EstimateContext['options'],
  { network, keptNumbers, rows }: Pick<OpenedSubject, 'network' | 'keptNumbers' | 'rows'>,
): string | null {
  if (noGroups) return setting('noGroups', true);
  if (rows && order === 'file')
    return 'rows in the order of the file would be in groups of neighbours, which may be alike';
  const P = parameterCount(network);
  return whyNoGroups(P, memory, P + keptNumbers);
}

/** Why a file has none. */
function reasonOf({ estimate }: Found, { noGroups }: Told): string {
  if (noGroups !== null) return noGroups;
  const noted = estimate.notes.find((note) => note.startsWith(NOTED));
  return noted ? noted.slice(NOTED.length) : 'the estimate was interrupted';
}

/** The beginning of notes of a merge on them. */
const NOTED = 'sums by group of examples: ';

const WITHOUT_MATRIX = `the matrix has none above ${LARGEST_GROUPED} parameters`;

const lacksMatrix = ({ dense }: Found): boolean => dense !== null && dense.estimate.groupSums === undefined;

/** Fields of the manifest. */
export function groupsManifest(found: Found, facts: Told): Record<string, unknown> {
  const { groupSums, visits } = found.estimate;
  if (!groupSums) return { groups: null, noGroups: inFlags(reasonOf(found, facts)) };
  const of = groupSums.byInput ? 'inputs' : visits === 'weighted' ? 'visits' : 'examples';
  return {
    groups: { count: groupSums.count, of },
    ...(lacksMatrix(found) ? { noGroups: WITHOUT_MATRIX } : {}),
  };
}

/** Says where a file lacks them, unless it was asked to. */
export function sayGroups(messages: Messages, path: string, found: Found, facts: Told): void {
  const why = found.estimate.groupSums
    ? lacksMatrix(found)
      ? WITHOUT_MATRIX
      : null
    : reasonOf(found, facts);
  if (why === null || why === setting('noGroups', true)) return;
  messages.say(`${path} lacks sums by group of examples, from which later uses tell errors: ${why}`);
}
