/**
 * @module cli/commands/sweep
 *
 * `fim sweep`: how activation, depth, width and initial scale move the Fisher and the variance of its estimators, layer by layer.
 */
import { inFlags } from '../mentions.js';
import { FimError } from '../../core/errors.js';
import { createEngine } from '../../engine/index.js';
import { type Activation, activation } from '../../model/activations.js';
import { sweepPage } from '../../report/sweep.js';
import { studyFiles } from '../../report/study-page.js';
import { csvTable, LAYER_FIELDS } from '../../jobs/layer-record.js';
import { writeFiles } from '../../store/study-files.js';
import { loadStudyData } from '../../store/study-data.js';
import {
  openSweep,
  runSweep,
  SWEEP,
  SWEEP_QUICK,
  type SweepPlan,
  type SweepResult,
} from '../../store/sweep.js';
import type { Context, Run } from '../command.js';
import { yielding } from '../../jobs/yielding.js';
import { finishStudy, seedsOf } from '../study.js';
import { startProgress } from '../terminal/live.js';

const FOLDER = 'runs/sweep';

export const run: Run<'sweep'> = async (context) => {
  const { options, io, signal } = context;
  const began = io.now();
  const plan = planOf(context);
  const read = loadStudyData(options.mnist, plan);
  const data = { ...read, source: inFlags(read.source) };
  const folder = options.run ?? FOLDER;
  const points = openSweep(folder, plan, data);
  const made = await createEngine({
    engine: options.engine,
    threads: options.threads ?? 1,
    flops: 1e7,
  });
  const { reason } = made;
  const engine = yielding(made.engine);
  const progress = startProgress(io, 'sweep', options.quiet);
  try {
    const result = await runSweep(engine, points, plan, data, {
      signal,
      onProgress: (share, text) => progress.update(share, text),
    });
    progress.end();
    if (result !== null) {
      const files = studyFiles(sweepPage(result, `Made by fim ${context.version}: ${context.commandLine}`));
      files.set('layers.csv', layersCsv(result));
      files.set(
        'sweep.json',
        `${JSON.stringify({ plan, data: result.data, command: context.commandLine }, null, 2)}\n`,
      );
      writeFiles(folder, files);
    }
    return finishStudy(context, folder, result !== null, { reason, seconds: io.now() - began });
  } finally {
    progress.end();
    engine.dispose();
  }
};

function layersCsv({ records }: SweepResult): string {
  return csvTable(
    [
      'activation',
      'depth',
      'width',
      'scale',
      'seed',
      'epoch',
      'accuracy',
      'position',
      'layer',
      ...LAYER_FIELDS,
    ],
    records.flatMap(({ point: p, seed, epoch, accuracy, layers }) =>
      layers.map((l, i) => [
        ...[
          p.activation,
          p.depth,
          p.width,
          p.scale,
          seed,
          epoch,
          accuracy,
          `${i + 1}/${layers.length}`,
          l.layer,
        ],
        ...LAYER_FIELDS.map((f) => l[f]),
      ]),
    ),
  );
}

function planOf({ options }: Context<'sweep'>): SweepPlan {
  const base = options.quick ? SWEEP_QUICK : SWEEP;
  const or = <T>(given: readonly T[] | undefined, otherwise: readonly T[]) =>
    given && given.length > 0 ? given : otherwise;
  for (const name of options.activations) activation(name);
  return {
    ...base,
    activations: or(options.activations as readonly Activation[], base.activations),
    depths: or(options.depths, base.depths),
    widths: or(options.widths, base.widths),
    scales: or(options.scales.map(positive), base.scales),
    seeds: options.seeds === undefined ? base.seeds : seedsOf(options.seeds),
    epochs: options.afterEpochs,
    inputs: options.examples ?? base.inputs,
  };
}

function positive(text: string): number {
  const x = Number(text);
  if (x > 0 && Number.isFinite(x)) return x;
  throw new FimError({
    code: 'usage/scales',
    kind: 'usage',
    where: `--scales ${text}`,
    rule: 'scales are positive numbers',
    got: text,
    next: '--scales 1,0.5,2',
  });
}
