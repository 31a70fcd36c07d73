/**
 * @module report/spectrum-report
 *
 * A spectrum of a Fisher as one self-contained page: the density of the eigenvalues with its band, the largest ones with their intervals,
 * the figures of the whole and of each layer.
 */
import { zeroWarnings } from '../fisher/warnings.js';
import type { MatrixFigures, SpectrumFigures } from '../matrix/index.js';
import type { NonlinearFigure } from '../stats/index.js';
import { xyFigure } from './figures/xy.js';
import { formatCount, formatEstimate, formatInterval, formatNumber, formatPercent } from './format.js';
import { htmlFacts, htmlFigure, htmlPage, htmlTable, htmlWarnings } from './html.js';
import { markup, type Markup } from './markup.js';

/** All that is said of a spectrum. */
export interface SpectrumFound {
  /** The numbers. */
  readonly figures: MatrixFigures;
  /** λ. */
  readonly damping: number;
  /** Of the intervals, in (0, 1). */
  readonly level: number;
  /** How the matrix is held. */
  readonly form: string;
  /** P. */
  readonly parameters: number;
  /** Groups of examples. */
  readonly groups: number;
  /** How it was estimated; null: not said. */
  readonly estimator: string | null;
  /** Examples that went in; null: not said. */
  readonly examples: number | null;
  /** Of which file or network. */
  readonly of: string;
  /** Whether a signal ended it before all was known. */
  readonly interrupted?: boolean;
  /** What its numbers do not say by themselves. */
  readonly notes?: readonly string[];
}

/** What a reader of the numbers alone has to know. */
export const spectrumWarnings = ({ figures, notes = [] }: SpectrumFound): string[] => [
  ...notes,
  ...zeroWarnings(figures.trace.value),
];

/** What the page says of itself. */
export interface SpectrumPageFacts {
  /** Of fim. */
  readonly version: string;
  /** The line that makes it again. */
  readonly commandLine: string;
}

/** Least share per decade that is drawn, in eigenvalues. */
const FLOOR = 0.1;

/** The page. */
export function renderSpectrumReport(found: SpectrumFound, facts: SpectrumPageFacts): string {
  const { figures, damping, form, parameters, groups, estimator, examples, of, level } = found;
  const over = examples === null ? '' : ` · ${formatCount(examples)} examples`;
  const by = estimator === null ? '' : ` · ${estimator}`;
  const drawn = densityOf(found);
  const errors =
    groups > 0
      ? `${formatPercent(level)} intervals by a jackknife over ${groups} groups of examples`
      : 'no errors: there are no sums by group of examples';
  return htmlPage({
    title: 'Spectrum of a Fisher',
    kicker: `${of} · ${form}${by}${over} · ${formatCount(parameters)} parameters`,
    lead: [htmlWarnings(spectrumWarnings(found)), markup`<p>λ = ${formatNumber(damping)}; ${errors}.</p>`],
    sections: [
      ...(drawn ? [{ id: 'density', title: 'Density of the eigenvalues', body: drawn }] : []),
      { id: 'figures', title: 'Figures', body: figureTable(figures) },
      ...(figures.layers.length > 1
        ? [{ id: 'layers', title: 'Layer by layer', body: layersOf(figures.layers) }]
        : []),
      {
        id: 'settings',
        title: 'How it was made',
        body: htmlFacts([{ name: 'Command', value: markup`<code>${facts.commandLine}</code>` }]),
      },
    ],
    footer: markup`<p>Made by fim ${facts.version}.</p>`,
  });
}

function densityOf({ figures: { density, top }, parameters }: SpectrumFound): Markup | null {
  if (!density) return null;
  const { at, shift, width, figures } = density;
  const floor = FLOOR / parameters;
  const up = (share: number): number => Math.max(floor, share);
  const line = figures.map(({ value, interval }, i) => ({
    x: 10 ** at[i],
    y: up(value),
    ...(interval ? { low: up(interval[0]), high: up(interval[1]) } : {}),
  }));
  const plain = figures.map(({ plugIn }, i) => ({ x: 10 ** at[i], y: up(plugIn) }));
  const drawing = (narrow: boolean): Markup =>
    xyFigure({
      title: 'Density of the eigenvalues',
      description: `Share of the ${parameters} eigenvalues per decade of μ + λ, with a band of its intervals; the largest is ${formatNumber(top[0]?.value ?? NaN)}.`,
      x: { label: `eigenvalue + ${formatNumber(shift)}`, kind: 'log' },
      y: { label: 'share per decade', kind: 'log' },
      series: [
        { name: 'corrected, with its interval', points: line, draw: 'line' },
        { name: 'plug-in', points: plain, draw: 'line' },
      ],
      ...(narrow ? { width: 420, height: 320 } : {}),
    });
  const caption = markup`Share of the eigenvalues per decade, smoothed by a normal of ${formatNumber(width, 2)} decades; ${formatNumber(shift)} is added to each, and zeros lie there. What is less than a tenth of an eigenvalue per decade is drawn as that. The band: intervals of the corrected value.`;
  return htmlFigure(drawing(false), caption, drawing(true));
}

const numeric = (title: string) => ({ title, numeric: true });

const cell = (figure: NonlinearFigure | undefined): string =>
  figure && Number.isFinite(figure.value) ? formatEstimate(figure.value, figure.standardError) : '–';

function figureTable(figures: SpectrumFigures): Markup {
  const named: readonly (readonly [string, NonlinearFigure])[] = [
    ['trace', figures.trace],
    ['Frobenius norm', figures.frobenius],
    ['log det(F + λI)', figures.logdet],
    ['effective dimension', figures.effectiveDimension],
    ...figures.top.map((figure, k) => [`eigenvalue ${k + 1}`, figure] as const),
  ];
  return htmlTable(
    [
      { title: 'Figure' },
      numeric('Value ± standard error'),
      numeric('Interval'),
      numeric('Plug-in'),
      { title: '', wrap: true },
    ],
    named.map(([name, figure]) => [
      name,
      cell(figure),
      figure.interval ? formatInterval(...figure.interval) : '–',
      Number.isFinite(figure.plugIn) ? formatNumber(figure.plugIn) : '–',
      figure.unresolved ?? '',
    ]),
  );
}

const layersOf = (layers: MatrixFigures['layers']): Markup =>
  htmlTable(
    [
      { title: 'Layer' },
      ...['Trace', 'Frobenius norm', 'log det(F + λI)', 'Effective dimension', 'Largest eigenvalue'].map(
        numeric,
      ),
    ],
    layers.map(({ name, trace, frobenius, logdet, effectiveDimension, top }) => [
      name,
      ...[trace, frobenius, logdet, effectiveDimension, top[0]].map(cell),
    ]),
    'Each layer by itself, the square of the matrix that it has on the diagonal.',
  );
