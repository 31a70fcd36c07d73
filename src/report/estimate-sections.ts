/**
 * @module report/estimate-sections
 *
 * The parts of a report on an estimate, one function each.
 */
import type { InformedEntry, Spread, TensorSummary } from './entries.js';
import { type EstimateReport, estimatorTitle, likelihoodTitle, type ReportLayer } from './estimate-data.js';
import { NARROW } from './figures/frame.js';
import { histogramFigure } from './figures/histogram.js';
import { type FigureRow, rowsFigure, rowsKind } from './figures/rows.js';
import { shareFigure } from './figures/share.js';
import {
  formatCount,
  formatDuration,
  formatEstimate,
  formatInterval,
  formatNumber,
  formatPercent,
} from './format.js';
import { htmlFacts, htmlFigure, htmlTable } from './html.js';
import { type Content, markup, type Markup } from './markup.js';

const NONE = '–';

/** A share that does not break before its sign. */
function percent(share: number): string {
  return formatPercent(share).replace(' ', '\u00a0');
}

/** Error relative to the value, or a dash. */
function relative(figure: { value: number; standardError: number | null }): string {
  if (figure.standardError === null || figure.value === 0) return NONE;
  return percent(figure.standardError / Math.abs(figure.value));
}

function error(x: number | null): string {
  return x === null ? NONE : formatNumber(x, 2);
}

function level(report: EstimateReport): string {
  return `${Number((report.level * 100).toPrecision(6))}\u00a0%`;
}

/** The number that everything adds up to. */
export function headline(report: EstimateReport): Markup {
  const { trace } = report;
  const [value, deviation] = formatEstimate(trace.value, trace.standardError).split(' ± ');
  const big = deviation === undefined ? markup`${value}` : markup`${value} <span>± ${deviation}</span>`;
  const interval =
    trace.interval === null
      ? 'standard error unknown'
      : `± one standard error · ${level(report)} interval ${formatInterval(...trace.interval)} · relative error ${relative(trace)}`;
  return markup`<div class="headline"><div><p class="muted">Trace of the Fisher</p><p class="big">${big}</p><p class="muted">${interval}</p></div>${errorShares(report)}</div>
`;
}

/** The parts of the error; drawn only where there are two. */
function errorShares(report: EstimateReport): Markup | null {
  const { labelError, dataError } = report.trace;
  if (labelError === null || dataError === null || labelError + dataError === 0) return null;
  const said = markup`<p class="muted">label error ${error(labelError)} · data error ${error(dataError)}</p>`;
  if (labelError === 0 || dataError === 0) return markup`<div>${said}</div>`;
  const parts = [
    { name: report.estimator === 'rademacher' ? 'signs' : 'labels', amount: labelError ** 2 },
    { name: 'data', amount: dataError ** 2 },
  ];
  const description = `Label error ${error(labelError)}, data error ${error(dataError)}; the shares are of the variance.`;
  const figureOf = shareFigure({ title: 'Where the error comes from', description, parts, width: 260 });
  return markup`<div><p class="muted">Where its variance comes from</p>${figureOf}${said}</div>`;
}

/** What the numbers mean; a report is read without its manual. */
export function meaning(report: EstimateReport): Markup {
  const sampled = report.estimator !== 'exact' && report.estimator !== 'empirical';
  const label = sampled
    ? 'is the error of this estimate from its own draws'
    : 'is 0, since nothing was drawn';
  const data =
    report.population === 'data'
      ? `is the error from having visited ${formatCount(report.examples)} of the ${formatCount(report.populationSize)} examples, which are taken for the whole population`
      : 'is the error from the examples being a sample of the population they stand for';
  const empirical =
    report.estimator === 'empirical'
      ? markup`<p>The empirical Fisher takes the given targets in place of the network's own distribution. It is a different matrix, not an estimate of the Fisher information.</p>`
      : null;
  return markup`<p>Entry <em>i</em> of the diagonal is 𝔼<sub>x</sub> 𝔼<sub>y∼p(y|x)</sub> (∂ log p(y|x) / ∂θ<sub>i</sub>)² under a ${likelihoodTitle(report)} likelihood, ${report.scale}. The <em>label error</em> ${label}; the <em>data error</em> ${data}. Together they make the standard error.</p>${empirical}`;
}

/** So many layers have a part of their own in the bar of shares. */
const PARTS = 5;

/** The trace as one bar, its largest layers named; null where one layer is all, or a share would be negative. */
function layerShares(report: EstimateReport): Markup | null {
  const { layers } = report;
  if (layers.length < 2 || layers.some((layer) => !(layer.value >= 0)) || !(report.trace.value > 0))
    return null;
  const sorted = [...layers].sort((a, b) => b.value - a.value);
  const own = layers.length <= PARTS + 1 ? sorted : sorted.slice(0, PARTS);
  const rest = sorted.slice(own.length);
  const parts = own.map((layer) => ({ name: layer.name, amount: layer.value }));
  if (rest.length > 0) {
    const amount = rest.reduce((sum, layer) => sum + layer.value, 0);
    parts.push({ name: `${formatCount(rest.length)} more`, amount });
  }
  const description = parts
    .map(({ name, amount }) => `${name}: ${percent(amount / report.trace.value)}`)
    .join('; ');
  const drawn = (width: number): Markup =>
    shareFigure({ title: 'Share of the trace by layer', description, parts, width });
  return htmlFigure(drawn(860), 'Each layer’s share of the trace, largest first.', drawn(NARROW));
}

/** Rows with their intervals; what is written beside a row is what is drawn. */
function layerFigure(
  report: EstimateReport,
  title: string,
  label: string,
  per: (layer: ReportLayer) => number,
  stacked: boolean,
): Markup {
  const rows = report.layers.map((layer): FigureRow => {
    const value = layer.value / per(layer);
    if (!layer.interval) return { name: layer.name, value, note: formatNumber(value) };
    const [low, high] = layer.interval;
    const ends = [low / per(layer), high / per(layer)] as const;
    const note = `${formatNumber(value)}  ${formatInterval(...ends)}`;
    return { name: layer.name, value, low: ends[0], high: ends[1], note };
  });
  const kind = rowsKind(rows.map((row) => row.value));
  return rowsFigure({
    title: `${title}: ${estimatorTitle(report)}`,
    description: rows.map((row) => `${row.name}: ${row.note}`).join('; '),
    rows,
    x: { label: `${label}${kind === 'log' ? ' (logarithmic axis)' : ''}`, kind },
    stacked,
  });
}

/** Per layer: shares of the trace, the trace, the mean entry, and all of it as a table. */
export function layers(report: EstimateReport): Markup {
  const known = report.trace.interval !== null;
  const drawn = known ? `, with ${level(report)} intervals` : '';
  const traces = (stacked: boolean): Markup =>
    layerFigure(report, 'Trace by layer', stacked ? 'trace' : `trace, ${report.scale}`, () => 1, stacked);
  const entries = (stacked: boolean): Markup =>
    layerFigure(
      report,
      'Mean entry by layer',
      'trace over the number of parameters',
      (layer) => layer.parameters,
      stacked,
    );
  const table = htmlTable(
    [
      { title: 'Layer', code: true },
      { title: 'Parameters', numeric: true, extra: true },
      { title: 'Trace ± standard error', numeric: true },
      { title: 'Relative', numeric: true, extra: true },
      { title: 'Label error', numeric: true, extra: true },
      { title: 'Data error', numeric: true, extra: true },
      { title: 'Share', numeric: true },
      { title: 'Per parameter', numeric: true, extra: true },
    ],
    report.layers.map((layer) => [
      layer.name,
      formatCount(layer.parameters),
      formatEstimate(layer.value, layer.standardError),
      relative(layer),
      error(layer.labelError),
      error(layer.dataError),
      report.trace.value === 0 ? NONE : percent(layer.value / report.trace.value),
      formatNumber(layer.value / layer.parameters, 3),
    ]),
  );
  const caption = `Sum of the diagonal over each layer's weights and biases${drawn}. Errors account for the correlation of parameters within an example.`;
  const each = `Mean of the diagonal's entries in each layer${drawn}: what is left when layers of different size are compared.`;
  return markup`${layerShares(report)}${htmlFigure(traces(false), caption, traces(true))}<details><summary>Per parameter</summary>${htmlFigure(entries(false), each, entries(true))}</details>${table}`;
}

/** Numbers that were asked for by weights of the entries; null: none. */
export function named(report: EstimateReport): Markup | null {
  const all = [
    ...(report.functionals ?? []).map((f) => ({ ...f, kind: 'Σ w 𝓘_ii' })),
    ...(report.quadratics ?? []).map((f) => ({ ...f, kind: 'wᵀ𝓘w' })),
  ];
  if (all.length === 0) return null;
  return htmlTable(
    [
      { title: 'Name', code: true },
      { title: 'What' },
      { title: 'Value ± standard error', numeric: true },
      { title: `${level(report)} interval`, numeric: true, extra: true },
      { title: 'Label error', numeric: true, extra: true },
      { title: 'Data error', numeric: true, extra: true },
    ],
    all.map((f) => [
      f.name,
      f.kind,
      formatEstimate(f.value, f.standardError),
      f.interval ? formatInterval(...f.interval) : NONE,
      error(f.labelError),
      error(f.dataError),
    ]),
    'By the weights that were given; the errors are those of the sums, from their terms example by example.',
  );
}

/** How well single parameters are known. */
export function relativeErrors(report: EstimateReport): Markup {
  const { relativeErrors: found, zeros } = report.entries;
  const zeroNote =
    zeros === 0
      ? null
      : markup`<p>${zeros === 1 ? '1 entry is' : `${formatCount(zeros)} entries are`} exactly 0: on these data no score reaches those parameters. They are not in the figure.</p>`;
  if (found === null) {
    return markup`<p>The errors of single entries are not known for this estimate${report.error === 'sampled' ? ': two draws per example are the least that show them' : ''}.</p>${zeroNote}`;
  }
  const half = percent(found.median);
  const drawn = (width: number): Markup =>
    histogramFigure({
      width,
      title: `Relative error over parameters: ${estimatorTitle(report)}`,
      description: `Half of ${found.entries} parameters have a relative error of at most ${half}, nine tenths of at most ${percent(found.ninetieth)}.`,
      edges: found.edges.map((edge) => edge * 100),
      counts: found.counts,
      x: {
        label: `relative standard error in per cent${width < 500 ? '' : ', logarithmic axis'}`,
        kind: 'log',
      },
      yLabel: 'parameters',
      lines: [
        { value: found.median * 100, name: 'median' },
        { value: found.ninetieth * 100, name: '90 %' },
      ],
    });
  const says = markup`<p>Half of the parameters' entries are known to ${half} or better, nine tenths to ${percent(found.ninetieth)} or better.</p>`;
  return markup`${says}${htmlFigure(drawn(860), 'Standard error over value, each parameter counted once. The outermost bars include what lies beyond them.', drawn(NARROW))}${zeroNote}`;
}

/** The two ends of the diagonal. */
export function extremes(report: EstimateReport): Markup {
  const { mostInformed, leastInformed } = report.entries;
  const table = (title: string, rows: readonly InformedEntry[]): Markup =>
    markup`<div><h3>${title}</h3>${htmlTable(
      [
        { title: 'Parameter', code: true },
        ...(report.upperEndsOnly
          ? [{ title: 'At most, 95\u00a0%', numeric: true }]
          : [
              { title: 'Value ± standard error', numeric: true },
              { title: '95\u00a0% interval', numeric: true, extra: true },
            ]),
      ],
      rows.map((row) => {
        const high = row.interval ? formatNumber(row.interval[1], 3) : NONE;
        if (report.upperEndsOnly) return [entryName(row), high];
        const interval = row.interval ? formatInterval(...row.interval) : NONE;
        return [entryName(row), formatEstimate(row.value, row.standardError), interval];
      }),
    )}</div>`;
  return markup`<p>The largest entries mark the parameters on which the output depends most; the smallest that are not 0, by the upper ends of their intervals, mark those that could be changed, to second order, at the least cost.</p><div class="pair">${table('Most informed', mostInformed)}${table('Least informed', leastInformed)}</div>`;
}

/** `fc1.weight[3, 17]`. */
function entryName(entry: InformedEntry): string {
  return entry.index.length === 0 ? entry.tensor : `${entry.tensor}[${entry.index.join(', ')}]`;
}

/** Every tensor: its trace, and the spread of its entries. */
export function tensors(report: EstimateReport): Markup {
  const summaries = new Map(
    report.entries.tensors.map((summary): [string, TensorSummary] => [summary.name, summary]),
  );
  const spread = (one: Spread | null | undefined): Content =>
    one === null || one === undefined
      ? NONE
      : `${formatNumber(one.least, 2)} · ${formatNumber(one.median, 2)} · ${formatNumber(one.most, 2)}`;
  return htmlTable(
    [
      { title: 'Tensor', code: true },
      { title: 'Shape', numeric: true, extra: true },
      { title: 'Trace ± standard error', numeric: true },
      { title: 'Entries: least · median · most', numeric: true, extra: true },
      { title: 'Label error', numeric: true, extra: true },
      { title: 'Data error', numeric: true, extra: true },
      { title: 'Relative', numeric: true, extra: true },
    ],
    report.tensors.map((tensor) => {
      const summary = summaries.get(tensor.name);
      const median = summary?.medianRelativeError;
      return [
        tensor.name,
        tensor.shape.length === 0 ? 'scalar' : tensor.shape.join(' × '),
        formatEstimate(tensor.value, tensor.standardError),
        spread(summary?.value),
        error(summary?.labelError?.median ?? null),
        error(summary?.dataError?.median ?? null),
        median === null || median === undefined ? NONE : percent(median),
      ];
    }),
    'Label, data and relative errors are those of the median entry.',
  );
}

/** A digest in letters of one width, anything else as it is. */
const mono = (value: string): Content =>
  /^[0-9a-f]{12,}$/.test(value) ? markup`<code>${value}</code>` : value;

/** The model and what was asked of it. */
export function provenance(report: EstimateReport): Markup {
  const { model } = report;
  const facts = [
    { name: 'Model', value: model.name },
    { name: 'Parameters', value: formatCount(model.parameters) },
    { name: 'Outputs', value: formatCount(model.outputs) },
    { name: 'Examples', value: `${formatCount(report.examples)} of ${formatCount(report.populationSize)}` },
    ...(report.seconds === undefined ? [] : [{ name: 'Time', value: formatDuration(report.seconds) }]),
    ...model.facts.map((fact) => ({ ...fact, value: mono(fact.value) })),
  ];
  const settings = report.settings.map((fact) => ({ ...fact, name: markup`<code>${fact.name}</code>` }));
  return markup`<p>The command that made this page:</p><pre><code>${report.commandLine}</code></pre><h3>Model and data</h3>${htmlFacts(facts)}<details><summary>Every setting, defaults included</summary>${htmlFacts(settings)}</details>`;
}
