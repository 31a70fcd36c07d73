/**
 * @module cli/matrix/figure
 *
 * A figure that is no mean, as text and as JSON: its value with error and interval beside the plug-in value, or why nothing is known of its
 * error.
 */
import { formatEstimate, formatInterval, formatNumber } from '../../report/format.js';
import { largelyCorrected, type NonlinearFigure } from '../../stats/index.js';
import type { Column } from '../terminal/table.js';

/** Columns of a table of such figures. */
export const FIGURE_COLUMNS: readonly Column[] = [
  { title: 'value ± standard error', align: 'estimate' },
  { title: 'interval', align: 'right', drop: 1 },
  { title: 'plug-in', align: 'right' },
];

/** Its cells. */
export const figureCells = ({ value, standardError, interval, plugIn }: NonlinearFigure): string[] => [
  Number.isFinite(value) ? formatEstimate(value, standardError) : '–',
  interval ? formatInterval(...interval) : '–',
  Number.isFinite(plugIn) ? formatNumber(plugIn) : '–',
];

/** A figure as JSON has it: what is not finite is null. */
export function figureJson(figure: NonlinearFigure): Record<string, unknown> {
  const { value, plugIn, standardError, interval, unresolved, probeError, residual } = figure;
  const number = (x: number): number | null => (Number.isFinite(x) ? x : null);
  return {
    value: number(value),
    plugIn: number(plugIn),
    standardError,
    interval,
    ...(probeError === undefined ? {} : { probeError }),
    ...(residual === undefined ? {} : { residual: number(residual) }),
    ...(unresolved === undefined ? {} : { unresolved }),
  };
}

/** Whether any of named figures has an error: else no word is due on how errors are found. */
export const anyError = (named: readonly (readonly [string, NonlinearFigure])[]): boolean =>
  named.some(([, { standardError }]) => standardError !== null);

/** Eigenvalues that products did not settle, with their residuals. */
export const residualNotes = (named: readonly (readonly [string, NonlinearFigure])[]): string[] =>
  named.flatMap(([name, { residual }]) =>
    residual === undefined ? [] : [`${name}: not settled, ‖Fv − μv‖ = ${formatNumber(residual)} μ`],
  );

/** What is said of named figures: those whose correction is larger than its error, and those that are not resolved, by cause. */
export function figureNotes(named: readonly (readonly [string, NonlinearFigure])[]): string[] {
  const moved = named.filter(([, f]) => largelyCorrected(f)).map(([name]) => name);
  const causes = new Map<string, string[]>();
  for (const [name, { unresolved }] of named)
    if (unresolved !== undefined) causes.set(unresolved, [...(causes.get(unresolved) ?? []), name]);
  return [
    ...(moved.length === 0
      ? []
      : [`${moved.join(', ')}: the correction is larger than its error, so the plug-in value misleads`]),
    ...[...causes].map(([cause, names]) =>
      names.length === named.length ? `no errors: ${cause}` : `${names.join(', ')}: unresolved, ${cause}`,
    ),
  ];
}
