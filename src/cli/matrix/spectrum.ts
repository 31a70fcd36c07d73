/**
 * @module cli/matrix/spectrum
 *
 * Text and JSON of `fim spectrum`.
 */
import type { MatrixFigures } from '../../matrix/index.js';
import { formatCount, formatNumber } from '../../report/format.js';
import type { Writer } from '../io.js';
import { styleOf, wrap } from '../terminal/style.js';
import { renderTable } from '../terminal/table.js';
import { anyError, FIGURE_COLUMNS, figureCells, figureJson, figureNotes } from './figure.js';

/** All that is said of a spectrum. */
export interface SpectrumFound {
  readonly figures: MatrixFigures;
  readonly damping: number;
  readonly level: number;
  /** How the matrix is held. */
  readonly form: string;
  readonly parameters: number;
  /** Groups of examples. */
  readonly groups: number;
  readonly estimator: string | null;
  readonly examples: number | null;
  /** Of which file or network. */
  readonly of: string;
  readonly interrupted?: boolean;
}

export function spectrumJson(found: SpectrumFound): Record<string, unknown> {
  const { figures, damping, form, groups, parameters, estimator, examples, interrupted = false } = found;
  return {
    form,
    parameters,
    estimator,
    examples,
    groups,
    damping,
    trace: figureJson(figures.trace),
    frobenius: figureJson(figures.frobenius),
    logdet: figureJson(figures.logdet),
    effectiveDimension: figureJson(figures.effectiveDimension),
    top: figures.top.map(figureJson),
    interrupted,
  };
}

export function spectrumText(found: SpectrumFound, screen: Writer): string {
  const { figures, damping, form, groups, parameters, examples, estimator, of } = found;
  const { trace, frobenius, logdet, effectiveDimension, top } = figures;
  const named = [
    ['trace', trace],
    ['Frobenius norm', frobenius],
    ['log det(F + λI)', logdet],
    ['effective dimension', effectiveDimension],
    ...top.map((figure, k) => [`eigenvalue ${k + 1}`, figure] as const),
  ] as const;
  const width = screen.columns;
  const over = examples === null ? '' : `, ${formatCount(examples)} examples`;
  const by = estimator === null ? '' : `, ${estimator}`;
  return [
    wrap(
      `${of}: ${form} Fisher${by}, ${formatCount(parameters)} parameters${over}, λ = ${formatNumber(damping)}`,
      width,
    ),
    '',
    renderTable(
      [{ title: '' }, ...FIGURE_COLUMNS],
      named.map(([name, figure]) => [name, ...figureCells(figure)]),
      { width, style: styleOf(screen) },
    ),
    '',
    ...(groups > 0 && anyError(named)
      ? [wrap(`errors: a jackknife over ${groups} groups of examples, with its correction`, width)]
      : []),
    ...(groups > 0
      ? []
      : [wrap('no errors: the file holds no sums of groups of examples for this form', width)]),
    ...(groups > 0 ? figureNotes(named).map((line) => wrap(line, width)) : []),
    '',
  ].join('\n');
}
