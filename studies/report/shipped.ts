/**
 * @module studies/report/shipped
 *
 * The table of the networks that npm packages ship as a page.
 */
import { formatNumber, htmlTable, markup, type StudyPage } from 'fim/report';
import { type Estimated, VISITED } from '../shipped/estimated.js';
import { accepted, AGREES, type Row } from '../shipped/study.js';

export function shippedPage(rows: readonly Row[], footer: string): StudyPage {
  const float = rows.filter(({ file }) => file.float);
  const taken = float.filter(accepted).length;
  return {
    title: 'Networks that npm packages ship',
    kicker: `${taken} of ${float.length} float files read, their outputs as ONNX Runtime's within ${formatNumber(AGREES, 1)}`,
    lead: [
      markup`<p>Largest difference from ONNX Runtime, over the largest number of its output, over 1 of probabilities. Traces at ${VISITED} random inputs, mean over examples, sum over outputs, with their standard error. Where no law of the output is known, or where a file is refused, there is none. Quantised files are refused by that name. Packages, versions, files and the whole refusals stand in shipped.csv.</p>`,
      htmlTable(
        [
          { title: 'Family' },
          { title: 'Difference', numeric: true },
          { title: 'Likelihood' },
          { title: 'Parameters', numeric: true },
          { title: 'Trace', numeric: true },
          { title: 'Error', numeric: true },
          { title: 'Refused' },
        ],
        rows.map(({ file, forward, estimated, refused }) => [
          file.family,
          forward === null ? '–' : formatNumber(forward.difference, 2),
          estimated?.likelihood ?? '–',
          estimated === null ? '–' : String(estimated.parameters),
          estimated === null ? '–' : formatNumber(estimated.trace, 4),
          withError(estimated),
          refused?.split(':')[0] ?? '',
        ]),
        'Files',
      ),
    ],
    sections: [],
    footer,
  };
}

const withError = (estimated: Estimated | null): string => {
  const error = estimated?.standardError ?? null;
  return error === null ? '–' : formatNumber(error, 2);
};
