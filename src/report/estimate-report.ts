/**
 * @module report/estimate-report
 *
 * A report on an estimate as one self-contained HTML file: the trace and where its error comes from, each layer's share with its
 * error, how well single parameters are known, which matter most and least, and everything needed to make it again.
 */
import { type EstimateReport, estimatorTitle, likelihoodTitle } from './estimate-data.js';
import {
  extremes,
  headline,
  layers,
  meaning,
  named,
  provenance,
  relativeErrors,
  tensors,
} from './estimate-sections.js';
import { formPictures } from './form-pictures.js';
import { formatCount } from './format.js';
import { htmlPage, htmlWarnings } from './html.js';
import { markup } from './markup.js';

/** The page. Text from the report is escaped, wherever it stands. */
export function renderEstimateReport(report: EstimateReport): string {
  const kicker = [estimatorTitle(report), likelihoodTitle(report), report.scale].join(' · ');
  const notes = [
    ...(report.interrupted
      ? [
          `Interrupted after ${formatCount(report.examples)} of ${formatCount(report.populationSize)} examples. Examples are visited in random order, so this is a valid estimate with the error that it states.`,
        ]
      : []),
    ...report.warnings,
  ];
  const footer = markup`<p>Made by fim ${report.version}${report.date === undefined ? null : ` on ${report.date}`}. Diagonal of the Fisher information matrix, ${report.scale}.</p>`;
  const asked = named(report);
  const pictures = formPictures(report.forms ?? []);
  return htmlPage({
    title: `Fisher information of ${report.model.name}`,
    kicker,
    lead: [htmlWarnings(notes), headline(report)],
    sections: [
      { id: 'layers', title: 'Layers', body: layers(report) },
      ...(asked ? [{ id: 'asked', title: 'Sums with given weights', body: asked }] : []),
      ...(pictures ? [{ id: 'forms', title: 'What is kept of each layer', body: pictures }] : []),
      { id: 'errors', title: 'How well single parameters are known', body: relativeErrors(report) },
      { id: 'extremes', title: 'Most and least informed parameters', body: extremes(report) },
      { id: 'tensors', title: 'Tensors', body: tensors(report) },
      { id: 'meaning', title: 'What this is', body: meaning(report) },
      { id: 'settings', title: 'How it was made', body: provenance(report) },
    ],
    footer,
  });
}
