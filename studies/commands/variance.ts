/**
 * @module studies/commands/variance
 *
 * `npm run study -- variance` (P24 Figures V–XIII, and what an error of the Fisher does to its uses).
 */
import { createEngine } from 'fim/engine';
import { LAYER_FIELDS, type LayerRecord, bandOf, yielding, csvTable, significant } from 'fim/jobs';
import { studyFiles } from 'fim/report';
import { loadStudyData } from 'fim/store';
import { firstSeeds } from '../face/options.js';
import type { OpenStudy } from '../face/piece.js';
import { overSeeds, slopesOf, variancePage, varianceRatio } from '../report/variance.js';
import { USES_QUICK, USES_STUDY, usesPieces, type UsesRecord } from '../variance/uses.js';
import {
  trainingPieces,
  VARIANCE_QUICK,
  VARIANCE_STUDY,
  type VarianceResult,
  varianceResult,
  varianceSettings,
} from '../variance/variance.js';

interface Found {
  readonly result: VarianceResult;
  readonly used: readonly UsesRecord[];
}

export const openVariance: OpenStudy<Found> = async (asked) => {
  const [base, uses] = asked.quick ? [VARIANCE_QUICK, USES_QUICK] : [VARIANCE_STUDY, USES_STUDY];
  const seeds = asked.seeds === undefined ? base.seeds : firstSeeds(asked.seeds);
  const study = { ...base, seeds };
  const data = loadStudyData(asked.mnist, study);
  const made = await createEngine({ engine: asked.engine, threads: asked.threads ?? 1, flops: 2e7 });
  const { reason } = made;
  const engine = yielding(made.engine);
  const trainings = trainingPieces(engine, study, data);
  const used = usesPieces(engine, { ...uses, seeds }, study, data);
  return {
    ...{ folder: 'runs/variance', settings: varianceSettings(study, data), pieces: [...trainings, ...used] },
    assemble: (results) => ({
      result: varianceResult(study, data, results.of(trainings)),
      used: results.of(used),
    }),
    filesOf({ result, used: records }, { by, line }) {
      const files = studyFiles(variancePage(result, records, by));
      files.set('layers.csv', layersCsv(result));
      files.set('uses.json', `${JSON.stringify(records)}\n`);
      files.set('summary.json', `${JSON.stringify(summaryOf(result, records, line), null, 1)}\n`);
      return { files, reason };
    },
    dispose: () => engine.dispose(),
  };
};

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
