/**
 * @module cli/reproduce/variance
 *
 * `fim reproduce variance` (P24 Figures V–XIII, and what an error of the Fisher does to its uses).
 */
import type { ExitCode } from '../../core/errors.js';
import { createEngine } from '../../engine/index.js';
import { studyFiles } from '../../report/study-page.js';
import { overSeeds, slopesOf, variancePage, varianceRatio } from '../../studies/report/variance.js';
import { csvTable, LAYER_FIELDS, type LayerRecord } from '../../jobs/layer-record.js';
import { bandOf, significant } from '../../jobs/spread.js';
import { loadStudyData } from '../../jobs/digits-networks.js';
import { runUses, USES_QUICK, USES_STUDY, type UsesRecord } from '../../studies/run/study/uses.js';
import {
  openStudy,
  runVarianceStudy,
  VARIANCE_QUICK,
  VARIANCE_STUDY,
  type VarianceResult,
} from '../../studies/run/study/variance.js';
import { writeFiles } from '../../store/study-files.js';
import type { Context } from '../command.js';
import { breathing } from '../../jobs/yielding.js';
import { finishStudy, seedsOf } from '../study.js';
import { startProgress } from '../terminal/live.js';

/** Share of the time that goes into the networks. */
const NETWORKS = 0.8;

export async function reproduceVariance(context: Context<'reproduce'>): Promise<ExitCode> {
  const { options, io, signal } = context;
  const began = io.now();
  const [base, uses] = options.quick ? [VARIANCE_QUICK, USES_QUICK] : [VARIANCE_STUDY, USES_STUDY];
  const seeds = options.seeds === undefined ? base.seeds : seedsOf(options.seeds);
  const study = { ...base, seeds };
  const data = loadStudyData(options.mnist, study);
  const folder = options.run ?? 'runs/variance';
  const points = openStudy(folder, study, data);
  const made = await createEngine({
    engine: options.engine,
    threads: options.threads ?? 1,
    flops: 2e7,
  });
  const { reason } = made;
  const engine = breathing(made.engine);
  const progress = startProgress(io, 'reproduce', options.quiet);
  try {
    const result = await runVarianceStudy(engine, points, study, data, {
      signal,
      onProgress: (share, text) => progress.update(NETWORKS * share, text),
    });
    const used =
      result &&
      (await runUses(engine, points, { ...uses, seeds }, study, data, {
        signal,
        onProgress: (share, text) => progress.update(NETWORKS + (1 - NETWORKS) * share, text),
      }));
    progress.end();
    if (result && used) {
      const files = studyFiles(
        variancePage(result, used, `Made by fim ${context.version}: ${context.commandLine}`),
      );
      files.set('layers.csv', layersCsv(result));
      files.set('uses.json', `${JSON.stringify(used)}\n`);
      files.set('summary.json', `${JSON.stringify(summaryOf(result, used, context.commandLine), null, 1)}\n`);
      writeFiles(folder, files);
    }
    return finishStudy(context, folder, used !== null, { reason, seconds: io.now() - began });
  } finally {
    progress.end();
    engine.dispose();
  }
}

function layersCsv({ trainings }: VarianceResult): string {
  return csvTable(
    ['architecture', 'seed', 'epoch', 'accuracy', 'log_probability', 'layer', ...LAYER_FIELDS],
    trainings.flatMap(({ architecture, seed, stages }) =>
      stages.flatMap(({ epoch, accuracy, logProbability, layers }) =>
        layers.map((l) => [
          ...[architecture, seed, epoch, accuracy, logProbability, l.layer],
          ...LAYER_FIELDS.map((f) => l[f]),
        ]),
      ),
    ),
  );
}

/** Medians over seeds with smallest and largest, at some epochs. */
function summaryOf(result: VarianceResult, uses: readonly UsesRecord[], command: string) {
  const { study, data, trainings } = result;
  const epochs = [...new Set([0, 1, Math.min(5, study.epochs), study.epochs])];
  const picks: Record<string, (l: LayerRecord) => number | null> = {
    fisher: (l) => l.fisher,
    sd1: (l) => l.sd1,
    sd2: (l) => l.sd2,
    'variance2/variance1': varianceRatio,
    ratio1Matrix: (l) => l.ratio1Matrix,
    ratio1Softmax: (l) => l.ratio1Softmax,
    ratio1Tight: (l) => l.ratio1Tight,
    ratio2Matrix: (l) => l.ratio2Matrix,
    ratio2Tight: (l) => l.ratio2Tight,
  };
  const layersOf = (name: string) => trainings.find((t) => t.architecture === name)?.stages[0].layers ?? [];
  return {
    command,
    study,
    data,
    bands:
      '[median, smallest, largest] over seeds; sd of one label, a mean over the study’s labels has sd/√labels',
    slopes: { inputs: slopesOf(uses, 'inInputs'), labels: slopesOf(uses, 'inLabels') },
    architectures: study.architectures.map(({ name }) => ({
      name,
      accuracy: trainings
        .filter((t) => t.architecture === name)
        .map((t) => t.stages[t.stages.length - 1].accuracy),
      epochs: epochs.map((epoch) => ({
        epoch,
        layers: layersOf(name).map((l, i) => ({
          layer: l.layer,
          ...Object.fromEntries(
            Object.entries(picks).map(([key, pick]) => {
              const values = overSeeds(result, name, i, epoch, pick);
              const { middle, low, high } = bandOf(values);
              return [key, values.length === 0 ? null : [middle, low, high].map((v) => significant(v, 4))];
            }),
          ),
        })),
      })),
    })),
  };
}
