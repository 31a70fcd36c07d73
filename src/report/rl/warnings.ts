/**
 * @module report/rl/warnings
 *
 * Warnings that a reader of a comparison must not miss.
 */
import { setting } from '../../core/settings/reference.js';
import { EVALUATION_LIMIT } from '../../rl/train/evaluate.js';
import { formatCount } from '../format.js';
import type { Across } from './across.js';
import { type Cell, scoreOf } from './cells.js';
import type { CompareReport, RunSummary } from './types.js';

const named = ({ algorithm, environment, seed, reason }: RunSummary): string =>
  `${algorithm} in ${environment}, seed ${seed}${reason ? ` (${reason})` : ''}`;

/** Sentences, none where all is well. */
export function warningsOf(report: CompareReport, cells: readonly Cell[], across: Across): string[] {
  const names = (list: readonly Cell[]): string =>
    list.map((c) => `${c.algorithm} in ${c.environment}`).join(', ');
  const having = (flag: RegExp): Cell[] => cells.filter((c) => c.flags.some((f) => flag.test(f)));
  const [none, few] = [having(/^too few seeds$/), having(/^few seeds$/)];
  const [missing, silent] = [having(/missing$/), having(/without evaluation$/)];
  const diverged = report.runs.filter((r) => r.status === 'diverged');
  // Without an evaluation there is no score of the last good parameters.
  const kept = diverged.filter((r) => scoreOf(r) !== null);
  const lost = diverged.filter((r) => scoreOf(r) === null);
  const failed = report.runs.filter((r) => r.status === 'failed');
  const endless = having(/^episodes cut$/);
  const counts = new Set(cells.map((c) => c.scores.length));
  const { say = (words) => words } = report;
  return [
    ...(none.length > 0 ? [`Fewer than three seeds, so no interval: ${names(none)}.`] : []),
    ...(few.length > 0 ? [`Fewer than five seeds, so wide or unreliable intervals: ${names(few)}.`] : []),
    ...(kept.length > 0
      ? [`Diverged, and scored with the last good parameters: ${kept.map(named).join('; ')}.`]
      : []),
    ...(lost.length > 0
      ? [
          `Diverged, and without a score, since no evaluation of the last good parameters gave a number: ${lost.map(named).join('; ')}.`,
        ]
      : []),
    ...(endless.length > 0
      ? [
          `Evaluation cut episodes at ${formatCount(EVALUATION_LIMIT)} steps, since the environment has no time limit, so returns are of no whole episodes (maxSteps in the module, or ${setting('maxSteps')}): ${names(endless)}.`,
        ]
      : []),
    ...(failed.length > 0
      ? [`Failed in their environment, and not counted: ${failed.map(named).join('; ')}.`]
      : []),
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
  ].map(say);
}
