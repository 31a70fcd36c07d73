/**
 * @module studies/report/roots
 *
 * The label variances of roots of random signs as a page of one table.
 */
import { formatNumber, htmlTable, markup, type StudyPage } from 'fim/report';
import type { RootRow } from '../roots/roots.js';

const times = (x: number | null): string => (x === null ? '–' : formatNumber(x, 3));

const numeric = (title: string) => ({ title, numeric: true });

export const rootsPage = (rows: readonly RootRow[], footer: string): StudyPage => ({
  title: 'What are roots of random signs worth?',
  kicker: 'Label variance of the trace of the Fisher, in closed form',
  lead: [
    markup`<p>Signs on the class root over signs on another root, at equal passes: how many times the passes that class signs would take for the same error. Eigen: eigenvectors of I(h), beyond 256 outputs the stick-breaking root. Kernel: the root whose scores are orthogonal under the mean tangent kernel of the first twenty examples, as an estimate takes it; up to 128 outputs. Two passes: the first column exact, signs on the rest.</p>`,
    htmlTable(
      [
        { title: 'Network' },
        ...['Outputs', 'Mean largest p', 'Eigen, one pass', 'two', 'Kernel, one pass', 'two'].map(numeric),
        numeric('± %'),
      ],
      rows.map((r) => [
        r.network,
        String(r.outputs),
        r.certainty === null ? '–' : r.certainty.toFixed(3),
        ...[r.one, r.two, r.kernelOne, r.kernelTwo].map(times),
        r.error === 0 ? '0' : (100 * r.error).toFixed(0),
      ]),
      'Label variance of the trace: signs on the class root over signs on another, at equal passes',
    ),
    htmlTable(
      [
        { title: 'Network' },
        ...['Outputs', 'Exact pairs', 'Class over eigen beside them', 'Seconds an example'].map(numeric),
      ],
      rows.map((r) => [
        r.network,
        String(r.outputs),
        String(r.pairs),
        times(r.auto),
        formatNumber(r.seconds, 2),
      ]),
      'The eigen-root with as many exact pairs as auto takes, at as many passes; seconds of one pass of signs',
    ),
  ],
  sections: [],
  footer,
});
