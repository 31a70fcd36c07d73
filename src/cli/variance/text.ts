/**
 * @module cli/variance/text
 *
 * Text of `fim variance`: layers entry by entry, then as blocks, then why.
 */
import { formatCount, formatEstimate, formatNumber } from '../../report/format.js';
import type { BlockError } from '../../jobs/block-errors.js';
import type { Jackknifed } from '../../jobs/profile.js';
import type { SampleSize } from '../../jobs/sample-sizes.js';
import type { BlockReport, VarianceReport } from '../../jobs/variance-report.js';
import type { Writer } from '../io.js';
import { inFlags } from '../mentions.js';
import { reasonOf } from './json.js';
import { styleOf, wrap } from '../terminal/style.js';
import { renderTable } from '../terminal/table.js';

/** The whole of it. */
export function varianceText(report: VarianceReport, likelihood: string, screen: Writer): string {
  const { structure, advice } = report;
  const width = screen.columns;
  const inputs = formatCount(structure.examples);
  return [
    wrap(
      `Fisher and deviations of one label, mean over the diagonal of each layer and ${inputs} inputs · ${likelihood}`,
      width,
    ),
    '',
    entryTable(report, screen),
    '',
    wrap(
      `Whole blocks in Frobenius norm: the Fisher’s, and the standard errors of its estimates by one label at each of the ${inputs} inputs${probeWords(report)}; inputs for a relative error of ${percent(report.goal.target)}, root mean square (and at ${percent(report.goal.level)} by Chebyshev)`,
      width,
    ),
    '',
    blockTable(report, screen),
    '',
    ...lawLines(report).map((line) => wrap(line, width)),
    ...structure.layers.map((l, i) =>
      wrap(
        `${l.name}: ${advice.layers[i].estimator}. ${inFlags(reasonOf(l, advice.layers[i]))}`,
        width - 2,
        '  ',
      ),
    ),
    wrap(`all: ${advice.whole.estimator}. ${inFlags(advice.whole.reason)}`, width - 2, '  '),
    '',
  ].join('\n');
}

function entryTable({ structure: { layers }, advice }: VarianceReport, screen: Writer): string {
  const figure = (f: Jackknifed | null) =>
    f ? formatEstimate(f.value, Number.isFinite(f.se) ? f.se : null) : '–';
  const bound = (f: Jackknifed | null, name: string | null) =>
    f ? `${formatEstimate(f.value, null)} ${name ?? ''}` : '–';
  return renderTable(
    [
      { title: 'layer', shrink: true },
      { title: 'Fisher', align: 'estimate' },
      { title: 'sd type 1', align: 'estimate' },
      { title: 'bound', align: 'right', drop: 1 },
      { title: 'sd type 2', align: 'estimate' },
      { title: 'bound', align: 'right', drop: 1 },
      { title: 'use' },
      { title: 'paper', drop: 2 },
    ],
    layers.map((l, i) => [
      l.name,
      figure(l.fisher),
      figure(l.sd1),
      bound(l.bound1, l.bound1Name),
      figure(l.sd2),
      bound(l.bound2, l.bound2Name),
      advice.layers[i].estimator,
      l.paperRule,
    ]),
    { width: screen.columns, style: styleOf(screen) },
  );
}

function blockTable({ layers, whole }: VarianceReport, screen: Writer): string {
  const row = ({ block, sizes }: BlockReport, name: string): string[] => {
    const mean = block.moments?.mean ?? null;
    return [
      name,
      mean ? formatNumber(Math.sqrt(mean.value), 3) : '–',
      errorText(block.frobenius1),
      sizeText(sizes.block.type1),
      errorText(block.frobenius2),
      sizeText(sizes.block.type2),
    ];
  };
  return renderTable(
    [
      { title: 'block', shrink: true },
      { title: 'norm', align: 'right' },
      { title: 'type 1', align: 'estimate' },
      { title: 'inputs', align: 'right', drop: 1 },
      { title: 'type 2', align: 'estimate' },
      { title: 'inputs', align: 'right', drop: 1 },
    ],
    [...layers.map((l) => row(l, l.block.name)), row(whole, 'all')],
    { width: screen.columns, style: styleOf(screen) },
  );
}

const errorText = ({ value, se }: BlockError): string =>
  value === null ? '–' : se === 0 || se === null ? formatNumber(value, 3) : formatEstimate(value, se);

const sizeText = (size: SampleSize | null): string =>
  size ? `${formatCount(size.variance)} (${formatCount(size.chebyshev)})` : '–';

/** `10 %`. */
const percent = (share: number): string => `${formatNumber(100 * share, 3).replace(/\.?0+$/, '')} %`;

function probeWords({ repeats }: VarianceReport): string {
  const said = [
    ...(repeats.type1 === null ? [] : [`type 1 from ${repeats.type1} repeats of two labels`]),
    ...(repeats.type2 === null ? [] : [`type 2 from ${repeats.type2} repeats of random signs`]),
  ];
  return said.length === 0 ? '' : ` (${said.join(', ')}, ± their own error)`;
}

function lawLines({ laws, whole }: VarianceReport): string[] {
  const { mean, median } = laws.whitened;
  const labels = whole.sizes.labels.block.type1;
  const missing = [whole.block.frobenius1.missing, whole.block.frobenius2.missing].filter((m) => m !== null);
  return [
    ...[...new Set(missing)],
    ...(mean !== null && median !== null
      ? [
          `One label’s squared error in the Fisher’s own metric: ${formatNumber(mean, 3)} on average, median ${formatNumber(median, 3)}, for every block whose Jacobian has full rank`,
        ]
      : []),
    ...(labels === null
      ? []
      : [`Labels an input at least cost, whole network by type 1: ${formatNumber(labels, 2)}`]),
    '',
  ];
}
