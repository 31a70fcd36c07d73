/**
 * @module report/rl/summary
 *
 * A comparison as JSON: every cell with its interval, the aggregate over environments, the differences, the runs without their curves.
 */
import { acrossOf } from './across.js';
import { algorithmsOf, cellsOf, environmentsOf } from './cells.js';
import type { CompareReport } from './types.js';
import { warningsOf } from './warnings.js';

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
      ...{ mean, iqm, scores, flags },
    })),
    normalised: across.arms,
    paired: across.paired,
    unpaired: across.unpaired,
    improvements: across.improvements,
    warnings: warningsOf(report, cells, across),
    runs: report.runs.map(({ curve: _, ...run }) => run),
  };
}
