/**
 * @module studies/report/nonlinear
 *
 * Coverage of the intervals of numbers that are no means, as a page: one table a way of visiting.
 */
import { formatNumber, htmlTable, markup, type StudyPage } from 'fim/report';
import { DESIGNS, type DesignName } from '../nonlinear/samples.js';
import type { NonlinearCell, NonlinearSettings } from '../nonlinear/study.js';

const percent = (share: number | null): string => (share === null ? '–' : `${Math.round(100 * share)} %`);

export function nonlinearPage(
  cells: readonly NonlinearCell[],
  { population }: NonlinearSettings,
  footer: string,
): StudyPage {
  const numeric = (title: string) => ({ title, numeric: true });
  const titles = [
    'Repeats',
    'Truth',
    'Bias / sd',
    'Plug-in covers',
    'Unresolved',
    'Covers',
    'Left bias / sd',
    'Width',
  ];
  const tableOf = (design: DesignName) =>
    htmlTable(
      [{ title: 'Network' }, numeric('Visits'), { title: 'Figure' }, ...titles.map(numeric)],
      cells
        .filter((c) => c.design === design)
        .map((c) => [
          ...[c.network, c.n, c.figure, c.repeats, formatNumber(c.truth)],
          c.plugInSd > 1e-9 ? formatNumber(c.plugInBias / c.plugInSd, 2) : '0',
          percent(c.plugInCovered),
          percent(c.unresolved),
          percent(c.covered),
          c.sd > 1e-9 ? formatNumber(c.bias / c.sd, 2) : '0',
          c.width === null ? '–' : formatNumber(c.width, 2),
        ]),
      DESIGNS[design],
    );
  const designs = (Object.keys(DESIGNS) as DesignName[]).filter((d) => cells.some((c) => c.design === d));
  return {
    title: 'Intervals of what is no mean of a Fisher',
    kicker: `Softmax networks 6-8-4 with tanh, 92 parameters, λ = .01; truth from ${population} inputs`,
    lead: [
      markup`<p>Bias / sd: of the plug-in value. Plug-in covers: share of plug-in ± 1.96 errors that hold the truth. Unresolved: share of repeats in which no interval is given; covers: of the others. Width: median, over that of an interval that knows bias and spread.</p>`,
      designs.map(tableOf),
    ],
    sections: [],
    footer,
  };
}
