/**
 * @module report/rl/warnings
 *
 * What a reader of a comparison must not miss.
 */
import type { Across } from './across.js';
import type { Cell } from './cells.js';
import type { CompareReport } from './types.js';

/** Sentences, none where all is well. */
export function warningsOf(report: CompareReport, cells: readonly Cell[], across: Across): string[] {
  const names = (list: readonly Cell[]): string =>
    list.map((c) => `${c.algorithm} in ${c.environment}`).join(', ');
  const having = (flag: RegExp): Cell[] => cells.filter((c) => c.flags.some((f) => flag.test(f)));
  const [none, few] = [having(/^too few seeds$/), having(/^few seeds$/)];
  const [missing, silent] = [having(/missing$/), having(/without evaluation$/)];
  // Without an evaluation there is no score of the last good parameters.
  const diverged = report.runs.filter(
    (r) => r.status === 'diverged' && typeof r.evaluation?.mean === 'number',
  );
  const failed = report.runs.filter((r) => r.status === 'failed');
  const each = (runs: CompareReport['runs']): string =>
    runs
      .map((r) => `${r.algorithm} in ${r.environment}, seed ${r.seed}${r.reason ? ` (${r.reason})` : ''}`)
      .join('; ');
  const counts = new Set(cells.map((c) => c.scores.length));
  return [
    ...(none.length > 0 ? [`Fewer than three seeds, so no interval: ${names(none)}.`] : []),
    ...(few.length > 0 ? [`Fewer than five seeds, so wide or unreliable intervals: ${names(few)}.`] : []),
    ...(diverged.length > 0
      ? [`Diverged, and scored with the last good parameters: ${each(diverged)}.`]
      : []),
    ...(failed.length > 0 ? [`Failed in their environment, and not counted: ${each(failed)}.`] : []),
    ...(silent.length > 0
      ? [`Runs without an evaluation do not count, which may flatter: ${names(silent)}.`]
      : []),
    ...(missing.length > 0 ? [`Runs are missing: ${names(missing)}.`] : []),
    ...(counts.size > 1 && none.length + few.length === 0
      ? ['Numbers of seeds differ; the IQM weights each run alike, so environments with more count more.']
      : []),
    ...(across.environments.length > 0 && across.arms.length > 0
      ? across.incomplete.map(
          (a) =>
            `${a.algorithm} is left out over environments: too few runs in ${a.environments.join(', ')}.`,
        )
      : []),
  ];
}
