/**
 * @module cli/matrix/spectrum
 *
 * Text and JSON of `fim spectrum`.
 */
import type { SpectralDensity, SpectrumFigures } from '../../matrix/index.js';
import { zeroWarnings } from '../../fisher/warnings.js';
import { formatCount, formatEstimate, formatNumber } from '../../report/format.js';
import { type SpectrumFound, spectrumWarnings } from '../../report/spectrum-report.js';
import type { NonlinearFigure } from '../../stats/index.js';
import type { Writer } from '../io.js';
import { styleOf, wrap } from '../terminal/style.js';
import { renderTable } from '../terminal/table.js';
import { anyError, FIGURE_COLUMNS, figureCells, figureJson, figureNotes, residualNotes } from './figure.js';

export function spectrumJson(found: SpectrumFound): Record<string, unknown> {
  const { figures, damping, form, groups, parameters, estimator, examples, interrupted = false } = found;
  return {
    form,
    parameters,
    estimator,
    examples,
    groups,
    damping,
    ...numbersJson(figures),
    layers: figures.layers.map((layer) => ({ name: layer.name, ...numbersJson(layer) })),
    density: figures.density && densityJson(figures.density),
    warnings: spectrumWarnings(found),
    interrupted,
  };
}

const numbersJson = (figures: SpectrumFigures): Record<string, unknown> => ({
  trace: figureJson(figures.trace),
  frobenius: figureJson(figures.frobenius),
  logdet: figureJson(figures.logdet),
  effectiveDimension: figureJson(figures.effectiveDimension),
  top: figures.top.map(figureJson),
});

/** The grid is of μ + shift; values are shares of the eigenvalues per decade. */
function densityJson({ at, shift, width, figures }: SpectralDensity): Record<string, unknown> {
  const causes = new Set(figures.flatMap(({ unresolved }) => unresolved ?? []));
  return {
    grid: [...at].map((t) => 10 ** t),
    value: figures.map((f) => f.value),
    plugIn: figures.map((f) => f.plugIn),
    standardError: figures.map((f) => f.standardError),
    ...(causes.size === 0 ? {} : { unresolved: [...causes].join('; ') }),
    shift,
    widthInDecades: width,
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
    ...(figures.layers.length > 1 ? [layersTable(figures.layers, screen), ''] : []),
    ...(named.every(([, { standardError }]) => standardError === 0)
      ? [wrap('errors: none, since all of the data were visited and they are all there is', width)]
      : groups > 0 && anyError(named)
        ? [wrap(`errors: a jackknife over ${groups} groups of examples, with its correction`, width)]
        : []),
    ...(groups > 0
      ? []
      : [wrap('no errors: the file holds no sums of groups of examples for this form', width)]),
    ...residualNotes(named).map((line) => wrap(line, width)),
    ...(groups > 0 ? figureNotes(named).map((line) => wrap(line, width)) : []),
    ...zeroWarnings(trace.value).map((line) => wrap(line, width)),
    '',
  ].join('\n');
}

/** A line for each layer. */
function layersTable(layers: SpectrumFound['figures']['layers'], screen: Writer): string {
  const cell = (figure: NonlinearFigure | undefined): string =>
    figure && Number.isFinite(figure.value) ? formatEstimate(figure.value, figure.standardError) : '–';
  return renderTable(
    [
      { title: 'layer' },
      { title: 'trace', align: 'estimate' },
      { title: 'norm', align: 'estimate', drop: 2 },
      { title: 'log det', align: 'estimate', drop: 3 },
      { title: 'eff. dimension', align: 'estimate' },
      { title: 'eigenvalue 1', align: 'estimate', drop: 1 },
    ],
    layers.map(({ name, trace, frobenius, logdet, effectiveDimension, top }) => [
      name,
      ...[trace, frobenius, logdet, effectiveDimension, top[0]].map(cell),
    ]),
    { width: screen.columns, style: styleOf(screen) },
  );
}
