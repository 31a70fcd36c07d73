/**
 * @module cli/sweep
 *
 * A sweep by its options: the plan, the data, the engine, and the files that come of it.
 */
import { FimError } from '../core/errors.js';
import { createEngine, type EngineChoice } from '../engine/index.js';
import type { StudyData } from '../jobs/digits-networks.js';
import { csvTable, LAYER_FIELDS } from '../jobs/layer-record.js';
import { yielding } from '../jobs/yielding.js';
import { type Activation, activation } from '../model/activations.js';
import { studyFiles } from '../report/study-page.js';
import { sweepPage } from '../report/sweep.js';
import type { SettingsOf } from '../settings/table.js';
import { loadStudyData } from '../store/study-data.js';
import { writeFiles } from '../store/study-files.js';
import { SWEEP, SWEEP_QUICK, type SweepPlan, type SweepResult } from '../store/sweep.js';
import { inFlags } from './mentions.js';
import { seedsOf } from './study.js';

/** Folder where no other is named. */
export const SWEEP_FOLDER = 'runs/sweep';

/** Options that say what is swept over. */
export type SweepOptions = SettingsOf<'sweep'>;

/** The digits that the networks learn. Throws what `loadStudyData` throws. */
export function dataOf({ mnist }: SweepOptions, plan: SweepPlan): StudyData {
  const read = loadStudyData(mnist, plan);
  return { ...read, source: inFlags(read.source) };
}

/** An engine for networks of that size, which lets Ctrl-C be heard. */
export async function sweepEngine({ engine, threads }: SweepOptions): Promise<EngineChoice> {
  const made = await createEngine({ engine, threads: threads ?? 1, flops: 1e7 });
  return { ...made, engine: yielding(made.engine) };
}

/** The page, its figures and the tables, into `folder`. */
export function writeSweep(
  folder: string,
  result: SweepResult,
  { version, line }: { version: string; line: string },
): void {
  const files = studyFiles(sweepPage(result, `Made by fim ${version}: ${line}`));
  files.set('layers.csv', layersCsv(result));
  files.set(
    'sweep.json',
    `${JSON.stringify({ plan: result.plan, data: result.data, command: line }, null, 2)}\n`,
  );
  writeFiles(folder, files);
}

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

/** What is swept over. Throws `usage/scales`, `model/activation`. */
export function planOf(options: SweepOptions): SweepPlan {
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
