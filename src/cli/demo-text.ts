/**
 * @module cli/demo-text
 *
 * Text of the demo.
 */
import type { DiagonalEstimate, Figure } from '../fisher/index.js';
import {
  formatCount,
  formatEstimate,
  formatInterval,
  formatNumber,
  formatPercent,
} from '../report/format.js';
import type { DemoGrowth, DemoResult, DemoStage } from '../jobs/demo.js';
import { logLogFigure } from './terminal/figure.js';
import { wrap } from './terminal/style.js';
import { renderTable } from './terminal/table.js';

const interval = (f: Figure): string => (f.interval ? formatInterval(...f.interval) : '–');

/** Error from labels or signs, relative to the exact trace. */
const labelShare = (f: Figure, exact: Figure): string => formatPercent((f.labelError ?? 0) / exact.value);

/** Median over parameters of the error from labels, relative to the parameter's exact value. */
export function medianError(estimate: DiagonalEstimate, exact: DiagonalEstimate): number {
  const ratios: number[] = [];
  estimate.tensors.forEach((t, k) => {
    const { fisher } = exact.tensors[k];
    t.labelError?.forEach((e, i) => {
      if (fisher[i] > 0) ratios.push(e / fisher[i]);
    });
  });
  ratios.sort((a, b) => a - b);
  return ratios[Math.floor(ratios.length / 2)] ?? NaN;
}

/** The trained network by three estimators, each with its interval. */
export function comparison(stage: DemoStage, width: number): string {
  const row = (name: string, f: Figure) => [
    name,
    formatEstimate(f.value, f.standardError),
    interval(f),
    labelShare(f, stage.exact.trace),
  ];
  return renderTable(
    [
      { title: 'trace of the Fisher by', shrink: true },
      { title: 'value ± standard error', align: 'estimate' },
      { title: `${formatPercent(stage.exact.level)} interval`, align: 'right' },
      { title: 'from draws', align: 'right' },
    ],
    [
      row('exact sum over labels', stage.exact.trace),
      row('one label per example', stage.oneLabel.trace),
      row('one vector of signs', stage.signs.trace),
    ],
    { width },
  );
}

/** How the error grows as the network becomes confident. */
export function confidenceTable(stages: readonly DemoStage[], width: number): string {
  return renderTable(
    [
      { title: 'epoch', align: 'right' },
      { title: 'accuracy', align: 'right' },
      { title: 'off the mode', align: 'right' },
      { title: 'trace', align: 'right', group: 'one label' },
      { title: 'entry', align: 'right', group: 'one label' },
      { title: 'trace', align: 'right', group: 'signs' },
      { title: 'entry', align: 'right', group: 'signs' },
    ],
    stages.map((s) => [
      String(s.epoch),
      s.accuracy === null ? '–' : formatPercent(s.accuracy, 3),
      `${formatNumber(s.oneLabel.offModeLabels ?? 0, 2)} of ${s.oneLabel.examples}`,
      labelShare(s.oneLabel.trace, s.exact.trace),
      formatPercent(medianError(s.oneLabel, s.exact)),
      labelShare(s.signs.trace, s.exact.trace),
      formatPercent(medianError(s.signs, s.exact)),
    ]),
    { width },
  );
}

/** The error closing as 1/√N. */
export function growthFigure(growth: readonly DemoGrowth[], width: number): string {
  const last = growth[growth.length - 1];
  const relative = (error: number, g: DemoGrowth) => error / g.exact.trace.value;
  return logLogFigure({
    title: 'Error of the one-label trace, relative to the exact one, over N inputs',
    xLabel: 'N',
    yLabel: '',
    width: Math.min(64, Math.max(30, width - 16)),
    formatY: (y) => formatPercent(y),
    lines: [
      {
        name: '1/√N',
        slope: -0.5,
        through: { x: last.examples, y: relative(last.oneLabel.trace.labelError ?? 0, last) },
      },
    ],
    series: [
      {
        name: 'standard error reported',
        mark: '●',
        points: growth.map((g) => ({ x: g.examples, y: relative(g.oneLabel.trace.labelError ?? 0, g) })),
      },
      {
        name: 'how far off it was',
        mark: '×',
        points: growth.map((g) => ({
          x: g.examples,
          y: Math.abs(g.oneLabel.trace.value - g.exact.trace.value) / g.exact.trace.value,
        })),
      },
    ],
  });
}

/** The whole story. */
export function demoText(result: DemoResult, files: { model: string; data: string }, width: number): string {
  const { stages, growth } = result;
  const last = stages[stages.length - 1];
  const prose = (text: string) => wrap(text, Math.min(width, 100));
  return [
    prose(
      `A 784-64-32-10 network on handwritten digits: the Fisher of its ${formatCount(last.exact.parameters)} parameters over ${formatCount(last.exact.examples)} training images (diagonal, mean over examples, sum over outputs).`,
    ),
    '',
    `Trained, ${formatPercent(last.accuracy ?? 0, 3)} accurate:`,
    '',
    comparison(last, width),
    '',
    prose(
      'As the network becomes confident, nearly every sampled label is the likeliest one, and the few off the mode carry the Fisher. The error from one label or one vector of signs per example, both at the cost of one backward pass, relative to the exact value, of the trace and of one entry (the median over parameters):',
    ),
    '',
    confidenceTable(stages, width),
    '',
    growthFigure(growth, width),
    '',
    'Try next:',
    `  fim inspect ${files.model}`,
    `  fim estimate ${files.model} ${files.data} --estimator type1 --report fisher.html`,
    `  fim estimate ${files.model} ${files.data} --target-error 10%`,
    '',
  ].join('\n');
}
