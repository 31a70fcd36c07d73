/**
 * @module studies/commands/toy
 *
 * `npm run study -- natural-gradient-toy` (P24 Figure 1).
 */
import { csvTable } from 'fim/jobs';
import { studyFiles } from 'fim/report';
import { firstSeeds } from '../face/options.js';
import type { OpenStudy } from '../face/piece.js';
import { toyPage } from '../report/toy.js';
import { TOY, type ToySettings } from '../variance/toy.js';
import { type ToyResult, toyStudy } from '../variance/toy-run.js';

const SEEDS = 20;
const QUICK: ToySettings = { ...TOY, train: 32, test: 128, epochs: 8 };

export const openToy: OpenStudy<ToyResult> = ({ quick, seeds: asked }) => {
  const settings = quick ? QUICK : TOY;
  const seeds = firstSeeds(asked ?? (quick ? 3 : SEEDS));
  return {
    folder: 'runs/natural-gradient-toy',
    ...toyStudy(settings, seeds),
    filesOf(result, { by, line }) {
      const files = studyFiles(toyPage(result, by));
      files.set('curves.csv', curvesCsv(result));
      files.set('summary.json', `${JSON.stringify(summaryOf(result, line), null, 2)}\n`);
      return { files, reason: 'plain code, no engine' };
    },
  };
};

function curvesCsv({ summaries }: ToyResult): string {
  const bands = ['loss', 'distance', 'variance'] as const;
  return csvTable(
    ['problem', 'type', 'epoch', ...bands.flatMap((b) => [b, `${b}_p10`, `${b}_p90`])],
    summaries.flatMap(({ kind, type, curve }) =>
      curve.epochs.map((epoch, i) => [
        kind,
        type,
        epoch,
        ...bands.flatMap((b) => [curve[b][i].middle, curve[b][i].low, curve[b][i].high]),
      ]),
    ),
  );
}

/** Infinite numbers become null in JSON. */
function summaryOf({ settings, seeds, summaries }: ToyResult, command: string) {
  return {
    command,
    settings,
    seeds: seeds.length,
    bands: 'median, 10th and 90th percentile over seeds; null: not finite',
    summaries: summaries.map(({ kind, type, lateLoss, longestStep, diverged, curve }) => ({
      kind,
      type,
      lateLoss,
      longestStep,
      diverged,
      varianceAtStart: curve.variance[0],
      varianceAtEnd: curve.variance[curve.variance.length - 1],
    })),
  };
}
