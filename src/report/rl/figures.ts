/**
 * @module report/rl/figures
 *
 * The figures of a comparison, for the page and as files of their own.
 */
import type { MeasuredCoverage } from '../../stats/aggregate/index.js';
import type { Markup } from '../markup.js';
import { HALF, type StudyFigure } from '../study-page.js';
import type { Across } from './across.js';
import { dotsFigure } from './dots-figure.js';
import type { Learning } from './learning.js';
import { linesFigure } from './lines-figure.js';
import { fixed, withInterval } from './words.js';

type Draw = (standalone: boolean) => Markup;
/** Place of an algorithm in the report: its colour. */
export type PlaceOf = (algorithm: string) => number;

const figure = (file: string, title: string, caption: string, draw: Draw): StudyFigure => ({
  file,
  title,
  caption,
  draw,
});

/** The smallest of measured coverages, in words. */
function leastCoverage(list: readonly (MeasuredCoverage | null | undefined)[]): string {
  const known = list.flatMap((c) => (c ? [c.coverage] : []));
  return `${fixed(100 * Math.min(...known), 0)}\u00a0%`;
}

/** Normalised IQM by algorithm. */
export function aggregateFigure({ arms, environments }: Across, place: PlaceOf): StudyFigure | null {
  if (arms.length === 0) return null;
  const title = 'Normalised IQM';
  const dots = arms.map(({ algorithm, iqm }) => ({
    name: algorithm,
    index: place(algorithm),
    value: iqm.value,
    ...(iqm.interval === null ? {} : { low: iqm.interval.low, high: iqm.interval.high }),
    note: withInterval(iqm),
  }));
  const description = `Interquartile mean of normalised scores: ${dots.map((d) => `${d.name} ${d.note}`).join('; ')}.`;
  const bars =
    arms[0].iqm.interval === null
      ? ''
      : ` Bars are 95 % bootstraps over seeds, measured to cover at least ${leastCoverage(arms.map((a) => a.iqm.interval?.coverage))}.`;
  return figure(
    'aggregate',
    title,
    `Over ${environments.length === 1 ? environments[0] : `${environments.length} environments`}; 0 is random play, 1 the reference.${bars}`,
    (standalone) => dotsFigure({ title, description, x: 'score', dots, reference: 1, standalone }),
  );
}

/** Fraction of runs above a score. */
export function profileFigure({ arms }: Across, place: PlaceOf): StudyFigure | null {
  if (arms.length === 0) return null;
  const title = 'Performance profiles';
  const least = leastCoverage(arms.map((a) => a.profile.coverage));
  const caption = `A curve above another is better at that score. Bands are pointwise 95 % bootstraps over seeds, measured to cover at least ${least} at the middle.`;
  return figure('profiles', title, caption, (standalone) =>
    linesFigure({
      title,
      description: 'Fraction of runs with a score above each value, by algorithm.',
      x: 'score τ',
      y: 'fraction of runs above τ',
      range: [0, 1],
      lines: arms.map(({ algorithm, profile }) => ({
        name: algorithm,
        index: place(algorithm),
        points: profile.thresholds.map((x, k) => ({
          x,
          y: profile.fraction[k],
          low: profile.low[k],
          high: profile.high[k],
        })),
      })),
      standalone,
    }),
  );
}

/** P(X > Y) of pairs. */
export function improvementFigure({ improvements }: Across, place: PlaceOf): StudyFigure | null {
  if (improvements.length === 0) return null;
  const title = 'Probability of improvement';
  const dots = improvements.map(({ better, than, aggregate: { value, interval } }) => ({
    name: `${better} > ${than}`,
    index: place(better),
    value,
    ...(interval === null ? {} : { low: interval.low, high: interval.high }),
    note:
      interval === null
        ? fixed(value, 2)
        : `${fixed(value, 2)} [${fixed(interval.low, 2)}, ${fixed(interval.high, 2)}]`,
  }));
  const least = leastCoverage(improvements.map((i) => i.aggregate.interval?.coverage));
  const counts = [...new Set(improvements.map((i) => i.aggregate.environments))].sort((a, b) => a - b);
  const over =
    counts.length === 1 && counts[0] === 1 ? '1 environment' : `${counts.join(' or ')} environments`;
  const caption = `The chance that a run of the first beats a run of the second in the same environment, ties ½, mean over ${over}. Bars are 95 % bootstraps over seeds, measured to cover at least ${least}; not corrected for the number of pairs.`;
  return figure('improvement', title, caption, (standalone) =>
    dotsFigure({
      title,
      description: dots.map((d) => `${d.name}: ${d.note}`).join('; '),
      x: 'probability',
      dots,
      range: [0, 1],
      reference: 0.5,
      standalone,
    }),
  );
}

/** Return against steps in one environment. */
export function learningFigure(learning: Learning, place: PlaceOf): StudyFigure | null {
  const { environment, statistic, coverage, curves } = learning;
  if (curves.length === 0) return null;
  const banded = curves.some((c) => c.points.some((p) => p.low !== undefined));
  const seeds = [...new Set(curves.map((c) => c.seeds))].sort((a, b) => a - b).join(' or ');
  const kind =
    coverage === null ? "Student's t" : `bootstrap, covers ${fixed(100 * coverage.coverage, 0)}\u00a0%`;
  const caption = `${statistic === 'mean' ? 'Mean' : 'IQM'} over ${seeds} ${seeds === '1' ? 'seed' : 'seeds'}${banded ? `; bands are pointwise 95 % (${kind}), cut at the frame` : ', too few for bands'}.`;
  return figure(`curves-${environment}`, environment, caption, (standalone) =>
    linesFigure({
      ...HALF,
      title: environment,
      description: `Training return in ${environment} against steps, by algorithm.`,
      x: 'environment steps',
      steps: true,
      y: 'return',
      lines: curves.map((c) => ({ name: c.algorithm, index: place(c.algorithm), points: c.points })),
      standalone,
    }),
  );
}
