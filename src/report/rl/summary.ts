/**
 * @module report/rl/summary
 *
 * A comparison as JSON: every cell with its interval, the aggregate over environments, the differences, the runs without their curves.
 */
import { acrossOf } from './across.js';
import { FEWEST_SEEDS } from '../../stats/aggregate/scores.js';
import { algorithmsOf, type Cell, cellsOf, environmentsOf } from './cells.js';
import type { CompareReport } from './types.js';
import { warningsOf } from './warnings.js';

/** A figure of a cell; where its interval is null, why. */
const withReason = (figure: Cell['mean']) =>
  figure && figure.interval === null
    ? { ...figure, reason: `an interval takes ${FEWEST_SEEDS} seeds` }
    : figure;

/** Plain data, every digit kept; what is not finite becomes null where it is written as JSON. */
export function compareSummary(report: CompareReport) {
  const cells = cellsOf(report);
  const across = acrossOf(report, cells);
  return {
    title: report.title,
    ...(report.command === undefined ? {} : { command: report.command }),
    algorithms: algorithmsOf(report),
    environments: environmentsOf(report),
    cells: cells.map(({ environment, algorithm, mean, iqm, scores, flags }) => ({
      ...{ environment, algorithm, seeds: scores.length },
      ...{ mean: withReason(mean), iqm: withReason(iqm), scores, flags },
      ...(scores.length === 0 ? { reason: 'no run has a score' } : {}),
    })),
    normalised: across.arms,
    paired: across.paired,
    unpaired: across.unpaired,
    improvements: across.improvements,
    warnings: warningsOf(report, cells, across),
    runs: report.runs.map(({ curve: _, ...run }) => run),
  };
}
