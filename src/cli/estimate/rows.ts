/**
 * @module cli/estimate/rows
 *
 * `--form gram`: the rows of the Fisher of the examples beside its diagonal, as arrays, JSON and a line of text.
 */
import { FimError } from '../../core/errors.js';
import { ESTIMATORS } from '../../fisher/estimators/table.js';
import type { DiagonalEstimate } from '../../fisher/index.js';
import { gramBeside, type GramMade } from '../../jobs/matrix/gram.js';
import { formatCount } from '../../report/format.js';
import type { RootChoice } from '../../likelihood/roots/index.js';
import type { EstimateSubject } from '../../jobs/request.js';
import type { Run } from '../command.js';
import { startProgress } from '../terminal/live.js';
import { listOf } from './lists.js';

type EstimateContext = Parameters<Run<'estimate'>>[0];

/** Whether rows are kept; before anything is computed. Throws `usage/rows`. */
export function checkRows(options: EstimateContext['options']): boolean {
  const { form, estimator, visits, run, targetError } = options;
  const refuse = (where: string, rule: string, next: string): FimError =>
    new FimError({ code: 'usage/rows', kind: 'usage', where, rule, next });
  if (form === 'implicit')
    throw refuse(
      '--form implicit',
      'holds nothing that a file could have',
      'fim spectrum MODEL DATA --form implicit',
    );
  if (form !== 'gram') return false;
  if (run !== undefined && targetError !== undefined)
    throw refuse(
      '--form gram --run --target-error',
      'goes with a number of examples: the merge of a folder may add visits, whose rows no part has',
      '--examples N in place of --target-error, or leave --run out',
    );
  if (visits === 'weighted')
    throw refuse(
      '--form gram --visits weighted',
      'visits uniformly',
      '--visits uniform, or leave --form out',
    );
  if (estimator === 'auto' || (estimator !== undefined && ESTIMATORS[estimator].curved))
    throw refuse(
      `--form gram --estimator ${estimator}`,
      'has the estimators that are made of scores: exact, type1, rademacher, empirical',
      '--estimator exact, or leave --form out',
    );
  return true;
}

/** Runs it, with a live line: rows of the examples so far where it was interrupted, without groups; null before there are any. */
export async function rowsBeside(
  { options, io, signal }: EstimateContext,
  subject: EstimateSubject & { readonly batch: number },
  diagonal: DiagonalEstimate,
  root: RootChoice | undefined,
): Promise<GramMade | null> {
  const { batch } = subject;
  const progress = startProgress(io, 'gram', options.quiet);
  const { order, memory } = options;
  try {
    const made = await gramBeside(
      subject,
      diagonal,
      { order, root, batch, memory, classWeights: listOf(options.classWeights) },
      { signal, step: (share) => progress.update(share, 'rows') },
    );
    if (!made.interrupted) return made;
    const arrays = new Map([...made.arrays].filter(([name]) => name !== 'groups/examples'));
    return made.examples === 0 ? null : { ...made, arrays };
  } finally {
    progress.end();
  }
}

/** Fields of `--json`. */
export const rowsJson = ({ layers, arrays, interrupted, examples }: GramMade): Record<string, unknown> => ({
  form: 'gram',
  ...(interrupted ? { formExamples: examples } : {}),
  forms: layers,
  rows: rowsOf(arrays),
});

/** What is kept, in a line. */
export const rowsText = ({ arrays, examples }: GramMade): string =>
  `${formatCount(rowsOf(arrays))} rows over ${formatCount(examples)} examples, ${formatCount(numbersOf(arrays))} numbers\n`;

const own = (arrays: GramMade['arrays']) =>
  [...arrays].filter(([name]) => /^gram\/.*\/G$|^gram\/(?!.*\/A$)/.test(name) && name !== 'gram/columns');

const rowsOf = (arrays: GramMade['arrays']): number => own(arrays)[0]?.[1].shape[0] ?? 0;

const numbersOf = (arrays: GramMade['arrays']): number =>
  [...arrays].reduce((sum, [name, { data }]) => sum + (name.startsWith('gram/') ? data.length : 0), 0);
