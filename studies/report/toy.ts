/**
 * @module studies/report/toy
 *
 * The toy natural gradient descents as figures: test loss, distance from the truth, the path of one seed, and the variance of a
 * minibatch's Fisher.
 */
import type { Band } from 'fim/jobs';
import {
  HALF,
  type StudyFigure,
  type StudyPage,
  type StudySection,
  formatNumber,
  htmlTable,
  markup,
  xyStudyFigure,
} from 'fim/report';
import type { ToyKind } from '../variance/toy.js';
import type { ToyCurve, ToyResult, ToySummary } from '../variance/toy-run.js';

const WORDS: Record<ToyKind, string> = { regression: 'Regression', classification: 'Classification' };

export function toyPage(result: ToyResult, footer: string): StudyPage {
  const { settings, seeds } = result;
  return {
    title: 'Natural gradient descent with either estimate',
    kicker: `Two parameters, ${settings.train} points, minibatches of ${settings.minibatch}, step ${settings.learningRate}, ${settings.epochs} epochs, ${seeds.length} seeds`,
    lead: [
      markup`<p>Each step divides the gradient by the Fisher of its own minibatch: type 1 from one sampled label at each point, type 2 without labels, since the model is linear. Lines are medians over seeds, bands the 10th to the 90th percentile. A descent whose parameters ceased to be finite counts as infinitely bad from then on.</p>`,
      table(result.summaries),
    ],
    sections: (['regression', 'classification'] as const).map((kind) => section(kind, result)),
    footer,
  };
}

function table(summaries: readonly ToySummary[]) {
  const band = (b: Band) => `${number(b.middle)} (${number(b.low)} to ${number(b.high)})`;
  const last = (bands: readonly Band[]) => band(bands[bands.length - 1]);
  return htmlTable(
    [
      { title: 'Problem' },
      { title: 'Type' },
      { title: 'Test loss, later half', numeric: true },
      { title: 'Variance at the end', numeric: true },
      { title: 'Longest step', numeric: true },
      { title: 'Left the numbers', numeric: true },
    ],
    summaries.map((s) => [
      WORDS[s.kind],
      s.type,
      band(s.lateLoss),
      last(s.curve.variance),
      band(s.longestStep),
      s.diverged,
    ]),
    'Median (10th to 90th percentile)',
  );
}

const number = (x: number) => (Number.isFinite(x) ? formatNumber(x, 3) : '∞');

function section(kind: ToyKind, { summaries }: ToyResult): StudySection {
  const own = summaries.filter((s) => s.kind === kind);
  const name = WORDS[kind].toLowerCase();
  const curves = (pick: (c: ToyCurve) => readonly Band[]) =>
    own.map((s) => ({
      name: `type ${s.type}`,
      draw: 'line' as const,
      points: s.curve.epochs.map((x, i) => point(x, pick(s.curve)[i])),
    }));
  const over = (
    file: string,
    title: string,
    caption: string,
    label: string,
    pick: (c: ToyCurve) => readonly Band[],
  ) =>
    xyStudyFigure(`${file}-${kind}`, caption, {
      ...HALF,
      title: `${title}, ${name}`,
      description: caption,
      x: { label: 'epoch', kind: 'linear', fromZero: true },
      y: { label, kind: 'log' },
      series: curves(pick),
    });
  const figures = [
    over('loss', 'Test loss', 'Mean negative log-likelihood on the test points.', 'nats', (c) => c.loss),
    over(
      'distance',
      'Distance from the truth',
      'Distance of the parameters from those that made the data.',
      '‖θ − θ*‖',
      (c) => c.distance,
    ),
    track(kind, own),
    over(
      'variance',
      'Variance of a minibatch’s Fisher',
      'Summed over its four entries, inputs and labels together, in closed form at the parameters of each epoch.',
      'Σ Var',
      (c) => c.variance,
    ),
  ];
  return { id: kind, title: WORDS[kind], figures: figures.filter((f): f is StudyFigure => f !== null) };
}

/** A band whose upper end is infinite reaches far above what a figure shows. */
function point(x: number, { middle, low, high }: Band) {
  return { x, y: middle, low, high: Number.isFinite(high) ? high : middle };
}

function track(kind: ToyKind, own: readonly ToySummary[]): StudyFigure | null {
  const caption = `Seed ${own[0].trackSeed}, from its start; the diamond is the truth. A path ends where it is 10 away from it for the first time.`;
  return xyStudyFigure(`path-${kind}`, caption, {
    ...HALF,
    title: `Path of the parameters, ${WORDS[kind].toLowerCase()}`,
    description: caption,
    x: { label: 'θ₁', kind: 'linear' },
    y: { label: 'θ₂', kind: 'linear' },
    equalScales: true,
    series: [
      ...own.map((s) => ({
        name: `type ${s.type}`,
        draw: 'line' as const,
        points: untilFar(s.track).map(([x, y]) => ({ x, y })),
      })),
      { name: 'truth', draw: 'points', points: [{ x: 1, y: 1 }] },
    ],
  });
}

function untilFar(track: ToySummary['track']): ToySummary['track'] {
  const far = track.findIndex(([a, b]) => Math.hypot(a - 1, b - 1) > 10);
  return far < 0 ? track : track.slice(0, far);
}
