/**
 * @module studies/commands/variance
 *
 * `npm run study -- variance` (P24 Figures V–XIII, and what an error of the Fisher does to its uses).
 */
import type { ExitCode } from 'fim/core';
import { createEngine } from 'fim/engine';
import {
  LAYER_FIELDS,
  type Hooks,
  type LayerRecord,
  bandOf,
  yielding,
  csvTable,
  significant,
} from 'fim/jobs';
import { studyFiles } from 'fim/report';
import { loadStudyData } from 'fim/store';
import type { StudyContext } from '../face/context.js';
import { fillFolder } from '../face/fill.js';
import { firstSeeds } from '../face/options.js';
import { overSeeds, slopesOf, variancePage, varianceRatio } from '../report/variance.js';
import { runUses, USES_QUICK, USES_STUDY, type UsesRecord } from '../variance/uses.js';
import {
  openStudy,
  runVarianceStudy,
  VARIANCE_QUICK,
  VARIANCE_STUDY,
  type VarianceResult,
} from '../variance/variance.js';

/** Share of the time that goes into the networks. */
const NETWORKS = 0.8;

export async function reproduceVariance(context: StudyContext): Promise<ExitCode> {
  const { options, line, version } = context;
  const [base, uses] = options.quick ? [VARIANCE_QUICK, USES_QUICK] : [VARIANCE_STUDY, USES_STUDY];
  const seeds = options.seeds === undefined ? base.seeds : firstSeeds(options.seeds);
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
  const engine = yielding(made.engine);
  try {
    return await fillFolder(context, folder, async ({ signal, onProgress }) => {
      const part = (from: number, share: number): Hooks => ({
        ...(signal ? { signal } : {}),
        onProgress: (done, text) => onProgress?.(from + share * done, text),
      });
      const result = await runVarianceStudy(engine, points, study, data, part(0, NETWORKS));
      if (result === null) return null;
      const how = part(NETWORKS, 1 - NETWORKS);
      const used = await runUses(engine, points, { ...uses, seeds }, study, data, how);
      if (used === null) return null;
      const files = studyFiles(variancePage(result, used, `Made by fim ${version}: ${line}`));
      files.set('layers.csv', layersCsv(result));
      files.set('uses.json', `${JSON.stringify(used)}\n`);
      files.set('summary.json', `${JSON.stringify(summaryOf(result, used, line), null, 1)}\n`);
      return { files, reason };
    });
  } finally {
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
