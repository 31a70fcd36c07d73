/**
 * @module cli/reproduce/rank1
 *
 * `fim reproduce rank1 --preset P`: the rank-1 inverse and its rivals, tuned alike and run under the same conditions. A comparison like
 * any other (`fim rl compare`), resumable, in the folder of `--run`.
 */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { ExitCode } from '../../core/errors.js';
import { comparisonOf, PRESETS, TUNED, TUNING_SEEDS } from '../../studies/run/rank1/scale.js';
import { TUNED_CONFIGURATIONS } from '../../studies/run/rank1/tuned.js';
import { chooseConfigurations, tuningComparison, type TuningRun } from '../../studies/run/rank1/tuning.js';
import { statusOf } from '../../store/training/compare.js';
import { jobsOf } from '../../store/training/grid.js';
import { writeJson } from '../../store/points.js';
import type { Context } from '../command.js';
import { type CompareContext, runCompare } from '../compare/run.js';

export async function reproduceRank1(context: Context<'reproduce'>): Promise<ExitCode> {
  const { options } = context;
  const preset = options.preset ?? PRESETS[1];
  const folder = options.run ?? join('runs', `rank1-${preset}`);
  const workers = options.workers ?? availableParallelism();
  const asked: CompareContext = { ...context, options: { ...options, workers } };
  if (preset !== 'tune') return runCompare(asked, comparisonOf(preset, TUNED_CONFIGURATIONS), folder);
  const comparison = tuningComparison(TUNED, TUNING_SEEDS);
  const code = await runCompare(asked, comparison, folder);
  if (code !== 0) return code;
  const runs = jobsOf(comparison, folder).map((job): TuningRun => {
    const status = statusOf(job);
    const { arm, environment, seed } = job;
    const evaluation =
      status.kind === 'done'
        ? status.result.evaluation
        : status.kind === 'diverged'
          ? status.divergence.evaluation
          : null;
    return {
      arm,
      environment,
      seed,
      score: evaluation?.mean ?? -Infinity,
      diverged: status.kind === 'diverged',
    };
  });
  const path = join(folder, 'tuning.json');
  writeJson(path, chooseConfigurations(TUNED, TUNING_SEEDS, runs), 2);
  context.io.stderr.write(
    `${path}: the chosen configurations; hour and full run with those of src/studies/run/rank1/tuned.ts\n`,
  );
  return 0;
}
