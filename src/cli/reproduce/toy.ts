/**
 * @module cli/reproduce/toy
 *
 * `fim reproduce natural-gradient-toy` (P24 Figure 1).
 */
import type { ExitCode } from '../../core/errors.js';
import { studyFiles } from '../../report/study-page.js';
import { toyPage } from '../../studies/report/toy.js';
import { csvTable } from '../../jobs/layer-record.js';
import { Points } from '../../store/points.js';
import { TOY, type ToySettings } from '../../studies/run/study/toy.js';
import { runToy, type ToyResult } from '../../studies/run/study/toy-run.js';
import { writeFiles } from '../../store/study-files.js';
import type { Context } from '../command.js';
import { finishStudy, seedsOf } from '../study.js';
import { startProgress } from '../terminal/live.js';

const SEEDS = 20;
const QUICK: ToySettings = { ...TOY, train: 32, test: 128, epochs: 8 };

export async function reproduceToy(context: Context<'reproduce'>): Promise<ExitCode> {
  const { options, io, signal } = context;
  const began = io.now();
  const folder = options.run ?? 'runs/natural-gradient-toy';
  const settings = options.quick ? QUICK : TOY;
  const points = new Points(folder, { study: 'natural-gradient-toy', ...settings });
  const progress = startProgress(io, 'reproduce', options.quiet);
  try {
    const result = await runToy(points, settings, seedsOf(options.seeds ?? (options.quick ? 3 : SEEDS)), {
      signal,
      onProgress: (share, text) => progress.update(share, text),
    });
    progress.end();
    if (result !== null) {
      const files = studyFiles(toyPage(result, `Made by fim ${context.version}: ${context.commandLine}`));
      files.set('curves.csv', curvesCsv(result));
      files.set('summary.json', `${JSON.stringify(summaryOf(result, context.commandLine), null, 2)}\n`);
      writeFiles(folder, files);
    }
    return finishStudy(context, folder, result !== null, {
      reason: 'plain code, no engine',
      seconds: io.now() - began,
    });
  } finally {
    progress.end();
  }
}

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
