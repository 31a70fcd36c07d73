/**
 * @module studies/report/form-error
 *
 * Estimates of ε over repeats as a page: one table a network.
 */
import { formatNumber, htmlTable, markup, type StudyPage } from 'fim/report';
import type { FormErrorCell, FormErrorSettings } from '../form-error/study.js';

export function formErrorPage(
  cells: readonly FormErrorCell[],
  { repeats, drawnRepeats = repeats, population, inputs }: FormErrorSettings,
  footer: string,
): StudyPage {
  const numeric = (title: string) => ({ title, numeric: true });
  const of = (network: string) =>
    htmlTable(
      [
        { title: 'Columns' },
        numeric('Inputs'),
        { title: 'Layer' },
        { title: 'Form' },
        ...['ε', 'Bias', 'sd', 'Error stated', 'Covered', 'At 0'].map(numeric),
      ],
      cells
        .filter((c) => c.network === network)
        .map((c) => [
          ...[c.estimator, c.m, c.layer, c.form],
          ...[c.truth, c.bias, c.sd, c.error].map((v) => formatNumber(v, 2)),
          `${Math.round(100 * c.covered)} %`,
          `${Math.round(100 * c.zero)} %`,
        ]),
      network,
    );
  const networks = [...new Set(cells.map((c) => c.network))];
  return {
    title: 'How well the error of a form is estimated',
    kicker: `Softmax networks 6-8-4 with tanh, ${inputs.join(' and ')} inputs, ${repeats} repeats of exact columns, ${drawnRepeats} of drawn ones; truth from ${population} inputs`,
    lead: [
      markup`<p>ε = ‖F − F̂‖/‖F‖ of each layer and form. Each repeat has inputs and draws of its own. Covered: share of the 95 % intervals that hold the truth.</p>`,
      networks.map(of),
    ],
    sections: [],
    footer,
  };
}
