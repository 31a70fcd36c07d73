/**
 * @module cli/commands/sweep
 *
 * `fim sweep`: how activation, depth, width and initial scale move the Fisher and the variance of its estimators, layer by layer.
 */
import type { ExitCode } from '../../core/errors.js';
import type { StudyData } from '../../jobs/digits-networks.js';
import { hasTasks, openTasks } from '../../scale/folder.js';
import type { Points } from '../../store/points.js';
import { openSweep, runSweep, type SweepPlan } from '../../store/sweep.js';
import type { Context, Run } from '../command.js';
import { finishStudy } from '../study.js';
import { dataOf, planOf, SWEEP_FOLDER, sweepEngine, writeSweep } from '../sweep.js';
import { sayPrepared } from '../tasks/prepare.js';
import { adoptPoints, prepareSweep } from '../tasks/sweep.js';
import { startProgress } from '../terminal/live.js';

export const run: Run<'sweep'> = async (context) => {
  const { options } = context;
  const plan = planOf(options);
  const data = dataOf(options, plan);
  const folder = options.run ?? SWEEP_FOLDER;
  if (options.prepare) return sayPrepared(context, folder, prepareSweep(context, folder, plan, data));
  const points = openSweep(folder, plan, data);
  if (hasTasks(folder)) await adoptPoints(openTasks(folder), points);
  return makeSweep(context, folder, points, plan, data);
};

/** Makes the points that are missing, and writes the page and the tables. */
async function makeSweep(
  { options, io, signal, version, commandLine }: Context<'sweep'>,
  folder: string,
  points: Points,
  plan: SweepPlan,
  data: StudyData,
): Promise<ExitCode> {
  const began = io.now();
  const { engine, reason } = await sweepEngine(options);
  const progress = startProgress(io, 'sweep', options.quiet);
  try {
    const result = await runSweep(engine, points, plan, data, {
      signal,
      onProgress: (share, text) => progress.update(share, text),
    });
    progress.end();
    if (result !== null) writeSweep(folder, result, { version, line: commandLine });
    const seconds = io.now() - began;
    return finishStudy({ options, io, commandLine }, folder, result !== null, { reason, seconds });
  } finally {
    progress.end();
    engine.dispose();
  }
}
