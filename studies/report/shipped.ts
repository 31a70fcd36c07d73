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
      markup`<p>Traces at ${VISITED} random inputs, mean over examples, sum over outputs, with their standard error. Where no law of the output is known, or where a file is refused, there is none. Quantised files are refused by that name.</p>`,
      htmlTable(
        [
          { title: 'Family' },
          { title: 'Package' },
          { title: 'Largest difference', numeric: true },
          { title: 'Likelihood' },
          { title: 'Parameters', numeric: true },
          { title: 'Trace', numeric: true },
          { title: 'Standard error', numeric: true },
          { title: 'Refused' },
        ],
        rows.map(({ file, forward, estimated, refused }) => [
          file.family,
          `${file.package} ${file.version}, ${file.file}`,
          forward === null ? '–' : formatNumber(forward.difference, 2),
          estimated?.likelihood ?? '–',
          estimated === null ? '–' : String(estimated.parameters),
          estimated === null ? '–' : formatNumber(estimated.trace, 4),
          withError(estimated),
          refused ?? '',
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
