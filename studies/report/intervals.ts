/**
 * @module studies/report/intervals
 *
 * The tables of the coverage study as a page.
 */
import { formatNumber, htmlTable, markup, type StudyPage } from 'fim/report';
import type { CoverageCell, CoverageResult } from '../intervals/study.js';

const percent = (share: number | null): string => (share === null ? '–' : (100 * share).toFixed(1));

export function coveragePage(result: CoverageResult, footer: string): StudyPage {
  const { settings, cells, targets } = result;
  const error = (100 * Math.sqrt((0.95 * 0.05) / settings.repeats)).toFixed(1);
  const networks = [...new Set(cells.map((c) => c.network))];
  return {
    title: 'Do the intervals cover?',
    kicker: `Trace of the Fisher of a network on 1,797 digits, 95 % intervals, ${settings.repeats} repeats: ± ${error} points`,
    lead: [
      markup`<p>Population data: n of the file's examples. Population distribution: the file is the law, and each repeat has a file drawn from it. Expected: what the estimate itself foretells. Errors and widths are relative to the truth.</p>`,
      htmlTable(
        [
          { title: 'Network' },
          { title: 'Estimator' },
          { title: 'Target, %', numeric: true },
          { title: 'Reported at most that, %', numeric: true },
          { title: 'Within 1.96 of it, %', numeric: true },
          { title: 'Refused, %', numeric: true },
          { title: 'Visits, median', numeric: true },
        ],
        targets.map((t) => [
          t.network,
          t.arm,
          percent(t.target),
          percent(t.reported),
          percent(t.within),
          percent(t.refused),
          String(t.median),
        ]),
        `Runs to a target error, ${settings.targets} of each`,
      ),
    ],
    sections: networks.map((name) => ({
      id: name,
      title: name,
      lead: [table(cells.filter((c) => c.network === name))],
      figures: [],
    })),
    footer,
  };
}

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
    ]),
    'Coverage',
  );
