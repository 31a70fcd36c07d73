/**
 * @module report/rl/csv
 *
 * The runs of a comparison as a table, one line a run, every digit kept (RFC 4180, lines end in \n). Empty: not known.
 */
import { scoreScale, normalisedScore } from '../../rl/scores.js';
import { acrossOf } from './across.js';
import { cellsOf, scoreOf } from './cells.js';
import type { CompareReport, RunSummary } from './types.js';

type Field = string | number | null | undefined;

const COLUMNS: readonly (readonly [name: string, pick: (run: RunSummary) => Field])[] = [
  ['environment', (r) => r.environment],
  ['algorithm', (r) => r.algorithm],
  ['seed', (r) => r.seed],
  ['status', (r) => r.status],
  ['reason', (r) => r.reason],
  ['steps', (r) => r.steps],
  ['evaluation_mean', (r) => r.evaluation?.mean],
  ['evaluation_standard_error', (r) => r.evaluation?.standardError],
  ['evaluation_episodes', (r) => r.evaluation?.episodes],
  ['score', normalised],
  ['return_mean', (r) => r.return?.mean],
  ['return_standard_error', (r) => r.return?.standardError],
  ['return_episodes', (r) => r.return?.episodes],
  ['seconds', (r) => r.seconds],
  ['steps_per_second', (r) => r.stepsPerSecond],
  ['updates', (r) => r.updates],
  ['seconds_per_update', (r) => r.secondsPerUpdate],
  ['median_step', (r) => r.medianStep],
  ['kl_ratio', (r) => r.klRatio],
  ['score_ratio_5', (r) => r.scoreRatio?.p5],
  ['score_ratio_50', (r) => r.scoreRatio?.p50],
  ['score_ratio_95', (r) => r.scoreRatio?.p95],
];

function normalised(run: RunSummary): number | null {
  const score = scoreOf(run);
  return score === null || scoreScale(run.environment) === null
    ? null
    : normalisedScore(run.environment, score);
}

function cell(field: Field): string {
  if (field === null || field === undefined || Number.isNaN(field)) return '';
  const text = String(field);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const line = (fields: readonly Field[]): string => `${fields.map(cell).join(',')}\n`;

/** All runs; diagnostics follow in columns of their own names. */
export function compareCsv({ runs }: CompareReport): string {
  const extra = [...new Set(runs.flatMap((r) => Object.keys(r.diagnostics ?? {})))];
  const head = line([...COLUMNS.map(([name]) => name), ...extra]);
  const rows = runs.map((r) =>
    line([...COLUMNS.map(([, pick]) => pick(r)), ...extra.map((name) => r.diagnostics?.[name])]),
  );
  return head + rows.join('');
}

/** Performance profiles: at each threshold the share of runs whose normalised score is above it, with its 95 % band. One line a point. */
export function profilesCsv(report: CompareReport): string {
  const rows = acrossOf(report, cellsOf(report)).arms.flatMap(({ algorithm, profile }) =>
    profile.thresholds.map((threshold, k) =>
      line([algorithm, threshold, profile.fraction[k], profile.low[k], profile.high[k]]),
    ),
  );
  return line(['algorithm', 'threshold', 'fraction', 'low', 'high']) + rows.join('');
}

/** The learning curves, one line a point. */
export function curvesCsv({ runs }: CompareReport): string {
  const rows = runs.flatMap((r) =>
    r.curve.steps.map((steps, i) => line([r.environment, r.algorithm, r.seed, steps, r.curve.return[i]])),
  );
  return line(['environment', 'algorithm', 'seed', 'steps', 'return']) + rows.join('');
}
