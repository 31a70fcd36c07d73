/**
 * @module studies/report/intervals
 *
 * The tables of the coverage study as a page.
 */
import { formatNumber, htmlTable, markup, type StudyPage } from 'fim/report';
import type { CoverageCell } from '../intervals/coverage.js';
import type { EntryRatioRow } from '../intervals/entry-ratios.js';
import type { CoverageResult, NetworkRow } from '../intervals/study.js';
import type { TargetCell } from '../intervals/targets.js';

const percent = (share: number | null): string => (share === null ? '–' : (100 * share).toFixed(1));

export function coveragePage(result: CoverageResult, footer: string): StudyPage {
  const { settings, cells, targets, networks, entries } = result;
  const error = (100 * Math.sqrt((0.95 * 0.05) / settings.repeats)).toFixed(1);
  return {
    title: 'Do the intervals cover?',
    kicker: `Trace of the Fisher of a network on 1,797 digits, 95 % intervals, ${settings.repeats} repeats: ± ${error} points`,
    lead: [
      markup`<p>Population data: n of the file's examples. Population distribution: the file is the law, and each repeat has a file drawn from it, of 1,797 examples or, where all are visited, of n. Expected: what the estimate itself foretells. Errors and widths are relative to the truth; bias is the mean error in its own standard errors.</p>`,
      networkTable(networks),
      targetTable(targets, settings.targets),
      entryTable(entries, settings.repeats),
    ],
    sections: networks.map(({ network: name }) => ({
      id: name,
      title: name,
      lead: [
        gainTable(cells.filter((c) => c.network === name && c.population === 'data')),
        table(cells.filter((c) => c.network === name)),
      ],
      figures: [],
    })),
    footer,
  };
}

const networkTable = (networks: readonly NetworkRow[]) =>
  htmlTable(
    [
      { title: 'Network' },
      { title: 'Trace', numeric: true },
      { title: 'Mean largest p', numeric: true },
      { title: 'Skewness of tr F(x)', numeric: true },
      { title: 'Deviation over mean', numeric: true },
    ],
    networks.map((n) => [
      n.network,
      formatNumber(n.truth, 4),
      n.certainty.toFixed(3),
      formatNumber(n.skewness, 2),
      formatNumber(n.deviation, 2),
    ]),
    'Networks',
  );

const targetTable = (targets: readonly TargetCell[], runs: number) =>
  htmlTable(
    [
      { title: 'Network' },
      { title: 'Estimator' },
      { title: 'Target, %', numeric: true },
      { title: 'Reported at most that, %', numeric: true },
      { title: 'True error at most that, %', numeric: true },
      { title: 'Within 1.96 of it, %', numeric: true },
      { title: 'Refused, %', numeric: true },
      { title: 'Weighted, %', numeric: true },
      { title: 'Visits, median', numeric: true },
      { title: 'RMS error over target', numeric: true },
    ],
    targets.map((t) => [
      t.network,
      t.arm,
      percent(t.target),
      percent(t.reported),
      percent(t.true),
      percent(t.within),
      percent(t.refused),
      percent(t.weighted),
      String(t.median),
      formatNumber(t.rms, 2),
    ]),
    `Runs to a target error, ${runs} of each: shares ± ${(100 * Math.sqrt(0.09 / runs)).toFixed(1)} points at 90 %`,
  );

const entryTable = (entries: readonly EntryRatioRow[], repeats: number) =>
  htmlTable(
    [
      { title: 'Network' },
      { title: 'Layer' },
      { title: 'Entries', numeric: true },
      { title: '5 %', numeric: true },
      { title: 'Median', numeric: true },
      { title: '95 %', numeric: true },
      { title: 'Largest', numeric: true },
      { title: 'Above 1, %', numeric: true },
      { title: 'Above 2, %', numeric: true },
    ],
    entries.map((e) => [
      e.network,
      e.layer,
      String(e.entries),
      ...[e.low, e.median, e.high, e.worst].map((r) => formatNumber(r, 2)),
      percent(e.worse),
      percent(e.twice),
    ]),
    `Variance of single entries, 50 weighted visits over 50 uniform ones, exact columns; mean of ${repeats} repeats`,
  );

/** Root mean square error of weighted over that of uniform visits. */
const gainTable = (cells: readonly CoverageCell[]) =>
  htmlTable(
    [
      { title: 'Estimator' },
      { title: 'n', numeric: true },
      { title: 'Weighted over uniform', numeric: true },
    ],
    cells
      .filter((c) => c.visits === 'weighted')
      .map((c) => {
        const uniform = cells.find((u) => u.visits === 'uniform' && u.arm === c.arm && u.n === c.n);
        return [c.arm, String(c.n), uniform ? formatNumber(c.rms / uniform.rms, 2) : '–'];
      }),
    `RMS error, population data; ± ${(100 / Math.sqrt(cells[0]?.repeats ?? 1)).toFixed(0)} % of each number`,
  );

const table = (cells: readonly CoverageCell[]) =>
  htmlTable(
    [
      { title: 'Population' },
      { title: 'Visits' },
      { title: 'Estimator' },
      { title: 'n', numeric: true },
      { title: 'Covered, %', numeric: true },
      { title: 'Expected, %', numeric: true },
      { title: 'RMS error', numeric: true },
      { title: 'Width', numeric: true },
      { title: 'SE²/error²', numeric: true },
      { title: 'Bias', numeric: true },
    ],
    cells.map((c) => [
      c.population,
      c.visits,
      c.arm,
      String(c.n),
      percent(c.covered),
      percent(c.foretold),
      formatNumber(c.rms, 2),
      formatNumber(c.width, 2),
      formatNumber(c.ratio, 2),
      c.bias.toFixed(1),
    ]),
    'Coverage',
  );
