/**
 * @module cli/estimate/text
 *
 * Text of an estimate on the terminal: which Fisher on which scale, the trace with where its error comes from, and each layer's share.
 */
import type { DiagonalEstimate, NamedFigure } from '../../fisher/index.js';
import { estimatorTitle } from '../../report/estimate-data.js';
import {
  formatCount,
  formatEstimate,
  formatInterval,
  formatNumber,
  formatPercent,
} from '../../report/format.js';
import type { Writer } from '../io.js';
import { styleOf, widthOf } from '../terminal/style.js';
import { renderTable } from '../terminal/table.js';
import { inFlags } from '../mentions.js';
import { FEW } from './json.js';

/** What is written to, as far as it matters. */
type Screen = Pick<Writer, 'columns' | 'colour'>;

export function estimateText(e: DiagonalEstimate, likelihood: string, screen: Screen): string {
  const { trace } = e;
  const { columns } = screen;
  const style = styleOf(screen);
  const lines = [
    ...titleLines(e, likelihood, columns),
    `${visited(e)}${effective(e)}, ${formatCount(e.parameters)} parameters, ${e.outputs} ${e.outputs === 1 ? 'output' : 'outputs'}`,
    '',
    `${style.bold('trace')}  ${style.bold(style.cyan(formatEstimate(trace.value, trace.standardError)))}${relative(trace.value, trace.standardError)}`,
  ];
  if (trace.interval) {
    lines.push(
      `       ${formatPercent(e.level)} interval ${formatInterval(...trace.interval)}${intervalNote(e)}`,
    );
  }
  if (trace.labelError !== null && trace.dataError !== null) {
    const from = e.estimator === 'rademacher' ? 'signs' : 'labels';
    lines.push(
      `       error from ${from} ${formatNumber(trace.labelError, 2)}, from the choice of inputs ${formatNumber(trace.dataError, 2)}`,
    );
  }
  const rows = e.layers.map(({ name, trace: t }) => [
    name,
    formatEstimate(t.value, t.standardError),
    trace.value === 0 ? '–' : formatPercent(t.value / trace.value),
    t.labelError === null ? '–' : formatNumber(t.labelError, 2),
    t.dataError === null ? '–' : formatNumber(t.dataError, 2),
  ]);
  lines.push(
    '',
    renderTable(
      [
        { title: 'layer', shrink: true },
        { title: 'trace ± standard error', align: 'estimate' },
        { title: 'share', align: 'right' },
        { title: 'label', align: 'right', drop: 1 },
        { title: 'data', align: 'right', drop: 1 },
      ],
      rows,
      { width: columns, style },
    ),
  );
  lines.push(...namedLines('Σ w 𝓘_ii', e.functionals, screen), ...namedLines('wᵀ𝓘w', e.quadratics, screen));
  lines.push(...largestLines(e.largest, screen));
  lines.push(...doubtLines(e.parameterDoubts, columns));
  return `${lines.join('\n')}\n`;
}

/** The largest entries. */
function largestLines(entries: DiagonalEstimate['largest'], screen: Screen): string[] {
  if (!entries || entries.length === 0) return [];
  const rows = entries.map(({ name, index, value, standardError, interval }) => [
    index.length === 0 ? name : `${name}[${index.join(', ')}]`,
    formatEstimate(value, standardError),
    interval ? formatInterval(...interval) : '–',
  ]);
  return [
    '',
    renderTable(
      [
        { title: 'largest entries', shrink: true },
        { title: 'value ± standard error', align: 'estimate' },
        { title: '95 % interval', align: 'right', drop: 1 },
      ],
      rows,
      { width: screen.columns, style: styleOf(screen) },
    ),
  ];
}

/** Numbers that were asked for by weights of the entries. */
function namedLines(title: string, figures: readonly NamedFigure[] | undefined, screen: Screen): string[] {
  if (!figures || figures.length === 0) return [];
  const rows = figures.map((f) => [
    f.name,
    formatEstimate(f.value, f.standardError),
    f.interval ? formatInterval(...f.interval) : '–',
    f.labelError === null ? '–' : formatNumber(f.labelError, 2),
    f.dataError === null ? '–' : formatNumber(f.dataError, 2),
  ]);
  return [
    '',
    renderTable(
      [
        { title, shrink: true },
        { title: 'value ± standard error', align: 'estimate' },
        { title: 'interval', align: 'right' },
        { title: 'label', align: 'right', drop: 1 },
        { title: 'data', align: 'right', drop: 1 },
      ],
      rows,
      { width: screen.columns, style: styleOf(screen) },
    ),
  ];
}

/** Every doubt about what is a parameter, with what settling it otherwise does to the trace. */
function doubtLines(doubts: DiagonalEstimate['parameterDoubts'], columns: number): string[] {
  if (doubts.length === 0) return [];
  const rows = doubts.map((d) => [
    d.name,
    d.counted ? 'counted' : 'not counted',
    d.share === null ? '–' : signedPercent(d.share),
    inFlags(d.reason),
  ]);
  return [
    '',
    'In doubt: what the other reading would do to the trace',
    renderTable(
      [
        { title: 'parameter' },
        { title: 'now' },
        { title: 'change', align: 'right' },
        { title: 'why', shrink: true },
      ],
      rows,
      { width: columns },
    ),
  ];
}

const signedPercent = (share: number): string => `${share < 0 ? '−' : '+'}${formatPercent(Math.abs(share))}`;

/** Which Fisher on which scale: one line where it fits, else the scale on its own. */
function titleLines(e: DiagonalEstimate, likelihood: string, columns: number): string[] {
  const which = `${estimatorTitle(e)} · ${likelihood}`;
  const line = `${which} · ${e.scale}`;
  return widthOf(line) <= columns ? [line] : [which, e.scale];
}

/** Which examples went in. */
function visited(e: DiagonalEstimate): string {
  const all = formatCount(e.populationSize);
  if (e.visits === 'uniform') return `${formatCount(e.examples)} of ${all} examples`;
  return `${formatCount(e.examples)} weighted visits to ${formatCount(e.distinctExamples)} of ${all} examples`;
}

/** What an interval is worth, where that is less than it says. */
function intervalNote({ examples, trace: { expectedCoverage: covers }, level }: DiagonalEstimate): string {
  const few = examples < FEW ? ['few examples'] : [];
  const low = covers !== null && covers < level - 0.02 ? [`expected to cover ${formatPercent(covers)}`] : [];
  const all = [...few, ...low];
  return all.length === 0 ? '' : `, ${all.join(', ')}`;
}

/** What weighted examples are worth. */
function effective({ examples, effectiveExamples }: DiagonalEstimate): string {
  if (effectiveExamples === examples) return '';
  return ` (weighted, worth ${formatNumber(effectiveExamples, 4)})`;
}

function relative(value: number, error: number | null): string {
  return error === null || value === 0 ? '' : `  (${formatPercent(error / Math.abs(value))})`;
}
