/**
 * @module studies/report/variance
 *
 * The digits study as figures: by architecture and layer over the epochs, the Fisher, the deviations of both estimators, their order
 * and how far the bounds lie above; then consistency, and what an error of the Fisher does to its uses.
 */
import { type LayerRecord, type Slope, bandOf, logSlope } from 'fim/jobs';
import {
  HALF,
  type StudyFigure,
  type StudyPage,
  type StudySection,
  type XySeries,
  crosses,
  formatNumber,
  htmlTable,
  markup,
  xyStudyFigure,
} from 'fim/report';
import type { UsesRecord } from '../variance/uses.js';
import type { VarianceResult } from '../variance/variance.js';

type Pick = (layer: LayerRecord) => number | null;

/** One quantity of a layer at one epoch over all seeds. */
export function overSeeds(
  { trainings }: VarianceResult,
  architecture: string,
  layer: number,
  epoch: number,
  pick: Pick,
): number[] {
  return trainings
    .filter((t) => t.architecture === architecture)
    .map((t) => pick(t.stages[epoch].layers[layer]))
    .filter((v): v is number => v !== null);
}

/** Deviation of a mean over the study's labels. */
const scaled = (sd: number, { study }: VarianceResult) => sd / Math.sqrt(study.labels);

export const varianceRatio: Pick = (l) => (l.sd1 > 0 ? (l.sd2 / l.sd1) ** 2 : null);

export function variancePage(result: VarianceResult, uses: readonly UsesRecord[], footer: string): StudyPage {
  const { study, data } = result;
  const sections = study.architectures.map((a) => architectureSection(a.name, result));
  return {
    title: 'The variance of the Fisher during training',
    kicker: `${data.source}: ${data.trainImages} training images, ${data.inputs} test images to average over, ${study.epochs} epochs, ${study.seeds.length} seeds`,
    lead: [
      markup`<p>Means over the diagonal entries of each layer, weights and bias together. Lines are medians over seeds, bands reach from the smallest to the largest. Everything is in closed form; deviations are those of a mean over ${study.labels} labels at one input.</p>`,
      finalTable(result),
    ],
    sections: [...sections, consistency(uses), usesSection(uses)],
    footer,
  };
}

function finalTable(result: VarianceResult) {
  const { study, trainings } = result;
  const rows = study.architectures.flatMap((a) => {
    const first = trainings.find((t) => t.architecture === a.name);
    const epoch = study.epochs;
    return (first?.stages[epoch].layers ?? []).map((l, i) => {
      const shown = (pick: Pick) => {
        const values = overSeeds(result, a.name, i, epoch, pick);
        return values.length === 0 ? '–' : formatNumber(bandOf(values).middle, 3);
      };
      return [
        `${a.name} ${l.layer}`,
        shown((r) => r.fisher),
        shown((r) => scaled(r.sd1, result)),
        shown((r) => scaled(r.sd2, result)),
        shown(varianceRatio),
        shown((r) => r.ratio1Matrix),
        shown((r) => r.ratio1Tight),
        shown((r) => r.ratio2Matrix),
        shown((r) => r.ratio2Tight),
      ];
    });
  });
  const numeric = (title: string) => ({ title, numeric: true });
  const table = htmlTable(
    [
      { title: 'Layer' },
      ...['Fisher', 'sd type 1', 'sd type 2', 'V₂/V₁', 'bound/V₁', 'tightest', 'bound/V₂', 'tightest'].map(
        numeric,
      ),
    ],
    rows,
    `After ${study.epochs} epochs, medians over seeds; bound: P24 Theorem 4.1 with λ_max of the matricised M`,
  );
  return markup`<details><summary>Every layer after ${study.epochs} epochs, as a table</summary>${table}</details>`;
}

/** What is on the axis of this quantity in any architecture, so that their figures can be compared. */
function sharedRange(result: VarianceResult, pick: Pick): { range?: [number, number] } {
  let [low, high] = [Infinity, 0];
  for (const { stages } of result.trainings) {
    for (const layer of stages.flatMap((stage) => stage.layers)) {
      const value = pick(layer);
      if (value === null || !(value > 0) || !Number.isFinite(value)) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  return high > 0 ? { range: [low, high] } : {};
}

function architectureSection(name: string, result: VarianceResult): StudySection {
  const one = result.trainings.filter((t) => t.architecture === name);
  const layers = one[0]?.stages[0].layers.map((l) => l.layer) ?? [];
  const epochs = one[0]?.stages.map((s) => s.epoch) ?? [];
  const series = (pick: Pick): XySeries[] =>
    layers.map((layer, i) => ({
      name: layer,
      draw: 'line',
      points: epochs.flatMap((epoch, e) => {
        const values = overSeeds(result, name, i, e, pick);
        if (values.length === 0) return [];
        const { middle, low, high } = bandOf(values);
        return [{ x: epoch, y: middle, low, high }];
      }),
    }));
  const figure = (file: string, title: string, caption: string, label: string, pick: Pick, even = false) => {
    const own = series(pick);
    const last = epochs[epochs.length - 1];
    return xyStudyFigure(`${file}-${name}`, caption, {
      ...HALF,
      title: `${title}, ${name}`,
      description: caption,
      x: { label: 'epoch', kind: 'linear', fromZero: true },
      y: { label, kind: 'log', ...sharedRange(result, pick) },
      // A layer that is zero throughout has no place on a logarithmic axis; the key says so.
      series: own.map((s) => ({
        ...s,
        points: s.points.some((p) => p.y > 0) ? s.points.filter((p) => p.y > 0) : s.points,
      })),
      ...(even && crosses(own, 1)
        ? { references: [{ name: 'equal', through: { x: last, y: 1 }, slope: 0 }] }
        : {}),
    });
  };
  const zero = 'Layers that are exactly zero are said, not drawn.';
  const figures = [
    figure('fisher', 'Fisher', 'Mean of the Fisher F over the diagonal.', 'mean F', (l) => l.fisher),
    figure(
      'sd1',
      'Deviation of type 1',
      `Mean of √V₁, over N = ${result.study.labels} labels.`,
      '√(V₁/N)',
      (l) => scaled(l.sd1, result),
    ),
    figure(
      'sd2',
      'Deviation of type 2',
      `Mean of √V₂, over N = ${result.study.labels} labels. ${zero}`,
      '√(V₂/N)',
      (l) => scaled(l.sd2, result),
    ),
    figure(
      'order',
      'Order of the two',
      `Below 1 type 2 has the smaller deviation. ${zero}`,
      'V₂/V₁',
      varianceRatio,
      true,
    ),
    figure(
      'ratio1',
      'Bound over V₁',
      'P24 Theorem 4.1, λ_max of the matricised M.',
      'bound/V₁',
      (l) => l.ratio1Matrix,
    ),
    figure('ratio2', 'Bound over V₂', 'P24 Theorem 4.1.', 'bound/V₂', (l) => l.ratio2Matrix),
  ];
  const hidden = result.study.architectures.find((a) => a.name === name)?.hidden ?? [];
  const accuracies = one.map((t) => t.stages[t.stages.length - 1].accuracy ?? NaN);
  const { middle, low, high } = bandOf(accuracies);
  const percent = (x: number) => `${formatNumber(100 * x, 3)} %`;
  return {
    id: name,
    title: `${name}, ${hidden.length + 1} layers`,
    lead: markup`<p>Hidden widths ${hidden.join(', ')}. Test accuracy at the end ${percent(middle)} (${percent(low)} to ${percent(high)} over seeds).</p>`,
    figures: figures.filter((f): f is StudyFigure => f !== null),
  };
}

const TYPES = ['type1', 'type2'] as const;

/** Slopes of log error against log size, of both types; the repeats of all seeds together. */
export function slopesOf(
  uses: readonly UsesRecord[],
  where: 'inInputs' | 'inLabels',
): Record<(typeof TYPES)[number], Slope> {
  const slope = (type: (typeof TYPES)[number]) =>
    logSlope(
      uses[0][where][type].map(({ size }, i) => ({
        x: size,
        // Each seed has errors of its own size: in units of what it expects at the smallest.
        squared: uses.flatMap((u) => {
          const own = u[where][type];
          return own[i].squared.map((s) => s / own[0].expected);
        }),
      })),
    );
  return { type1: slope('type1'), type2: slope('type2') };
}

function consistency(uses: readonly UsesRecord[]): StudySection {
  const figure = (where: 'inInputs' | 'inLabels', title: string, label: string): StudyFigure | null => {
    const slopes = slopesOf(uses, where);
    const series = TYPES.map((type): XySeries => ({
      name: type === 'type1' ? 'type 1' : 'type 2',
      draw: 'points',
      points: uses[0][where][type].map((p, i) => {
        const all = uses.flatMap((u) => u[where][type][i].squared);
        return { x: p.size, ...rootMean(all) };
      }),
    }));
    const expected = (type: (typeof TYPES)[number]) => {
      const [p] = uses[0][where][type];
      const mean = uses.reduce((sum, u) => sum + u[where][type][0].expected, 0) / uses.length;
      return { name: 'closed form', through: { x: p.size, y: Math.sqrt(mean) }, slope: -0.5 };
    };
    const words = TYPES.map(
      (t, i) =>
        `type ${i + 1} ${formatNumber(slopes[t].slope, 3)} ± ${formatNumber(slopes[t].standardError, 1)}`,
    ).join(', ');
    const caption = `Fitted slopes: ${words}. Dashed: the error in closed form, slope −½. Bars are two standard errors.`;
    return xyStudyFigure(`consistency-${where === 'inInputs' ? 'inputs' : 'labels'}`, caption, {
      ...HALF,
      title,
      description: caption,
      x: { label, kind: 'log' },
      y: { label: 'relative error of the diagonal', kind: 'log' },
      series,
      references: TYPES.map(expected),
    });
  };
  return {
    id: 'consistency',
    title: 'Consistency',
    figures: [
      figure('inInputs', 'Error in the number of inputs', 'inputs, one label each'),
      figure('inLabels', 'Error in the number of labels', 'labels at each of the same inputs'),
    ].filter((f): f is StudyFigure => f !== null),
  };
}

/** Root of the mean of squares, with two standard errors by the delta method. */
export function rootMean(squares: readonly number[]): { y: number; low: number; high: number } {
  const { mean, se } = meanOf(squares);
  const y = Math.sqrt(mean);
  return { y, low: Math.max(y / 10, y - se / y), high: y + se / y };
}

/** Mean with its standard error. */
export function meanOf(values: readonly number[]): { mean: number; se: number } {
  const n = values.length;
  const mean = values.reduce((a, b) => a + b, 0) / n;
  const variance = values.reduce((a, b) => a + (b - mean) ** 2, 0) / Math.max(1, n - 1);
  return { mean, se: Math.sqrt(variance / n) };
}

function usesSection(uses: readonly UsesRecord[]): StudySection {
  const points = uses[0].uses.map((_, i) => uses.map((u) => u.uses[i]));
  const error = (p: (typeof points)[number]) => meanOf(p.map((u) => u.error)).mean;
  const measured = (pick: (u: UsesRecord['uses'][number]) => readonly number[]) =>
    points.map((p) => {
      const { mean, se } = meanOf(p.flatMap((u) => [...pick(u)]));
      return { x: error(p), y: mean, low: mean - 2 * se, high: mean + 2 * se };
    });
  const pair = (m: XySeries['points'], p: XySeries['points']): XySeries[] => [
    { name: 'measured', draw: 'points', points: m },
    { name: 'predicted from the standard errors', draw: 'both', points: p },
  ];
  const x = { label: 'predicted error of the diagonal, ‖se‖/‖F‖', kind: 'log' } as const;
  const bars = 'Bars are two standard errors.';
  const pruning = xyStudyFigure(
    'use-pruning',
    `Share of the exact top tenth by Fθ² that the estimate’s top tenth misses. ${bars}`,
    {
      ...HALF,
      title: 'Pruning: what the mask gets wrong',
      description: 'Missed share of a pruning mask against the predicted error of the Fisher.',
      x,
      y: { label: 'missed share of the top 10 %', kind: 'log' },
      series: pair(
        measured((u) => u.overlap.map((o) => 1 - o)),
        measured((u) => u.overlapPredicted.map((o) => 1 - o)),
      ),
    },
  );
  const penalties = points.map((p) => ({
    x: meanOf(p.map((u) => u.penaltyPredicted)).mean,
    ...rootMean(p.flatMap((u) => u.penalty.map((e) => e * e))),
  }));
  const independent = points.map((p) => ({
    x: meanOf(p.map((u) => u.penaltyPredicted)).mean,
    y: meanOf(p.map((u) => u.penaltyIndependent)).mean,
  }));
  const ewc = xyStudyFigure(
    'use-ewc',
    `Relative error of Σ F d². The prediction is that of the weighted sum, in closed form; adding up the entries’ variances as if they were independent is far too small. ${bars}`,
    {
      ...HALF,
      title: 'EWC: error of the penalty',
      description: 'Measured against predicted relative error of an EWC penalty.',
      x: { label: 'predicted relative standard error', kind: 'log' },
      y: { label: 'relative error', kind: 'log' },
      series: [
        { name: 'measured', draw: 'points', points: penalties },
        { name: 'entries taken as independent', draw: 'both', points: independent },
      ],
      references: [{ name: 'as predicted', through: { x: penalties[0].x, y: penalties[0].x }, slope: 1 }],
    },
  );
  const step = xyStudyFigure(
    'use-step',
    `KL of the diagonal natural gradient step that the estimate scales to ${uses[0].stepTarget} nats, over that of the exact diagonal. ${bars}`,
    {
      ...HALF,
      title: 'Natural gradient: KL of a step',
      description: 'Ratio of the KL of a step against the predicted error of the Fisher.',
      x,
      y: { label: 'KL, estimate over exact', kind: 'linear' },
      series: pair(
        measured((u) => u.divergence),
        measured((u) => u.divergencePredicted),
      ),
    },
  );
  return {
    id: 'uses',
    title: 'What an error of the Fisher does',
    lead: markup`<p>Type 1 on the trained network, several labels at each of the same inputs.</p>`,
    figures: [pruning, ewc, step].filter((f): f is StudyFigure => f !== null),
  };
}
