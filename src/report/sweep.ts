/**
 * @module report/sweep
 *
 * A sweep as figures: along each factor, layer by layer, the Fisher, the deviations of both estimators, their size relative to the
 * Fisher and how far the bounds lie above, with bands over initialisations; and, for width and scale, the powers that they follow.
 */
import type { LayerRecord } from '../jobs/layer-record.js';
import { bandOf, type Band } from '../jobs/spread.js';
import {
  type Factor,
  FACTORS,
  keyOf,
  type SweepPoint,
  sweepPoints,
  type SweepResult,
} from '../store/sweep.js';
import type { XySeries } from './figures/xy.js';
import { formatNumber } from './format.js';
import { htmlTable } from './html.js';
import { markup } from './markup.js';
import {
  crosses,
  HALF,
  type StudyFigure,
  type StudyPage,
  type StudySection,
  xyStudyFigure,
} from './study-page.js';

type Pick = (layer: LayerRecord) => number | null;

interface Quantity {
  readonly file: string;
  readonly title: string;
  readonly label: string;
  readonly caption: string;
  readonly pick: Pick;
}

const zero = 'What is exactly zero is said, not drawn.';
const over = (a: number, b: number): number | null => (b > 0 ? a / b : null);

const QUANTITIES: readonly Quantity[] = [
  {
    file: 'fisher',
    title: 'Fisher',
    label: 'mean F',
    caption: 'Mean of the Fisher F over the diagonal.',
    pick: (l) => l.fisher,
  },
  { file: 'sd1', title: 'Deviation of type 1', label: 'mean √V₁', caption: 'One label.', pick: (l) => l.sd1 },
  {
    file: 'sd2',
    title: 'Deviation of type 2',
    label: 'mean √V₂',
    caption: `One label. ${zero}`,
    pick: (l) => l.sd2,
  },
  {
    file: 'order',
    title: 'Order of the two',
    label: 'V₂/V₁',
    caption: `Below 1 type 2 has the smaller deviation. ${zero}`,
    pick: (l) => over(l.sd2 ** 2, l.sd1 ** 2),
  },
  {
    file: 'bound1',
    title: 'Tightest bound over V₁',
    label: 'bound/V₁',
    caption: 'Certified bounds, the smallest at each entry.',
    pick: (l) => l.ratio1Tight,
  },
  {
    file: 'bound2',
    title: 'Tightest bound over V₂',
    label: 'bound/V₂',
    caption: `Certified bounds, the smallest at each entry. ${zero}`,
    pick: (l) => l.ratio2Tight,
  },
];

const HEADINGS: Record<Factor, string> = {
  activation: 'Activation',
  depth: 'Depth',
  width: 'Width',
  scale: 'Scale of the initial weights',
};

/** Over seeds at one point, layer by layer; 0 where it is that for every seed, null where there is no value. */
export function layersAt(result: SweepResult, point: SweepPoint, pick: Pick): (Band | 0 | null)[] {
  const own = result.records.filter((r) => keyOf(r.point, r.seed) === keyOf(point, r.seed));
  return own[0].layers.map((_, i) => {
    const all = own.map((r) => pick(r.layers[i]));
    const values = all.filter((v): v is number => v !== null && v > 0);
    if (values.length > 0) return bandOf(values);
    return all.every((v) => v === 0) ? 0 : null;
  });
}

export function sweepPage(result: SweepResult, footer: string): StudyPage {
  const { plan, data } = result;
  const points = sweepPoints(plan);
  const varied = FACTORS.filter((f) => points[f].length > 1);
  const shown = varied.length > 0 ? varied : (['activation'] as const);
  const { activation, depth, width, scale } = points.activation[0].point;
  const when =
    plan.epochs === 0 ? 'at initialisation' : `after ${plan.epochs} epochs on ${data.trainImages} images`;
  return {
    title: 'How structure moves the variance of the Fisher',
    kicker: `${data.source}, ${data.inputs} test images, ${plan.seeds.length} initialisations, ${when}`,
    lead: [
      markup`<p>One factor at a time around ${activation}, ${depth} hidden layers of ${width}, scale ${scale}. Means over the diagonal entries of each layer, for one label an input, in closed form. Marks are medians over initialisations, bars reach from the smallest to the largest.</p>`,
      powers(result),
    ],
    sections: shown.map((factor) => section(result, factor)),
    footer,
  };
}

function section(result: SweepResult, factor: Factor): StudySection {
  const figures = QUANTITIES.map((q) => {
    const series = seriesOf(result, factor, q);
    return xyStudyFigure(`${factor}-${q.file}`, q.caption, {
      ...HALF,
      title: q.title,
      description: `${q.title} by layer along ${factor}. ${q.caption}`,
      x:
        factor === 'width' || factor === 'scale'
          ? {
              label: factor === 'width' ? 'units of a hidden layer' : 'scale of the initial weights',
              kind: 'log',
            }
          : { label: factor === 'depth' ? 'layer, counted from the output' : 'layer', kind: 'linear' },
      y: { label: q.label, kind: 'log' },
      series,
      ...(q.file === 'order' && crosses(series, 1)
        ? { references: [{ name: 'equal', through: { x: 1, y: 1 }, slope: 0 }] }
        : {}),
    });
  });
  return {
    id: factor,
    title: HEADINGS[factor],
    figures: figures.filter((f): f is StudyFigure => f !== null),
  };
}

const seriesOf = (result: SweepResult, factor: Factor, q: Quantity): XySeries[] =>
  factor === 'width' || factor === 'scale' ? alongValues(result, factor, q) : alongLayers(result, factor, q);

const xy = (x: number, b: Band | 0 | null) =>
  b === null ? { x, y: NaN } : b === 0 ? { x, y: 0 } : { x, y: b.middle, low: b.low, high: b.high };

/** One series a value; x is the layer, counted from the output where depths differ. */
function alongLayers(result: SweepResult, factor: Factor, q: Quantity): XySeries[] {
  return sweepPoints(result.plan)[factor].map(({ value, point }) => {
    const layers = layersAt(result, point, q.pick);
    return {
      name: factor === 'depth' ? `${value} hidden` : String(value),
      draw: 'both',
      // A layer without a value keeps its place on the axis.
      points: layers.map((b, i) => {
        const x = factor === 'depth' ? i - layers.length + 1 : i + 1;
        return xy(x, b);
      }),
    };
  });
}

/** One series a layer; x is the value. */
function alongValues(result: SweepResult, factor: Factor, q: Quantity): XySeries[] {
  const values = sweepPoints(result.plan)[factor];
  const columns = values.map(({ value, point }) => ({
    value: Number(value),
    layers: layersAt(result, point, q.pick),
  }));
  return columns[0].layers.map((_, i) => ({
    name: `layer ${i + 1}`,
    draw: 'both',
    points: columns.map(({ value, layers }) => xy(value, layers[i])),
  }));
}

/** Least squares slope of log median against log value. */
export function powerOf(all: readonly { x: number; y: number }[]): number | null {
  const points = all.filter(({ y }) => y > 0);
  if (points.length < 2) return null;
  const logs = points.map(({ x, y }) => [Math.log(x), Math.log(y)] as const);
  const mean = (k: 0 | 1) => logs.reduce((sum, l) => sum + l[k], 0) / logs.length;
  const [mx, my] = [mean(0), mean(1)];
  const sxx = logs.reduce((sum, [x]) => sum + (x - mx) ** 2, 0);
  return logs.reduce((sum, [x, y]) => sum + (x - mx) * (y - my), 0) / sxx;
}

function powers(result: SweepResult) {
  const rows = (['width', 'scale'] as const).flatMap((factor) => {
    if (sweepPoints(result.plan)[factor].length < 2) return [];
    const series = QUANTITIES.slice(0, 3).map((q) => alongValues(result, factor, q));
    return series[0].map((s, i) => [
      `${HEADINGS[factor]}, ${s.name}`,
      ...series.map((own) => {
        const power = powerOf(own[i].points);
        return power === null ? '–' : formatNumber(power, 2);
      }),
    ]);
  });
  if (rows.length === 0) return null;
  const numeric = (title: string) => ({ title, numeric: true });
  return htmlTable(
    [{ title: 'Along' }, numeric('Fisher'), numeric('sd type 1'), numeric('sd type 2')],
    rows,
    'Powers: slope of the logarithm of the median against the logarithm of the factor',
  );
}
