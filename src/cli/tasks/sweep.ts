/**
 * @module cli/tasks/sweep
 *
 * A sweep as tasks: one a point and seed, each gives the record that the point's file holds.
 */
import { parseJson } from '../../core/json.js';
import { relative } from 'node:path';
import { FimError } from '../../core/errors.js';
import type { StudyData } from '../../jobs/digits-networks.js';
import type { TaskFolder } from '../../scale/folder.js';
import type { Points } from '../../store/points.js';
import {
  measurePoint,
  openSweep,
  runSweep,
  type SweepPlan,
  type SweepRecord,
  type SweepTask,
  sweepTasks,
} from '../../store/sweep.js';
import type { Context } from '../command.js';
import { fromManifest } from '../manifest.js';
import type { ParsedCommand } from '../parse.js';
import { dataOf, planOf, type SweepOptions, sweepEngine, writeSweep } from '../sweep.js';
import type { KindModule } from './kind.js';
import { manifestIn, prepareFolder } from './prepare.js';

/** The options that a folder's work was prepared with. */
const optionsIn = (folder: TaskFolder): SweepOptions =>
  (fromManifest(manifestIn(folder)) as ParsedCommand<'sweep'>).options;

/** One task a point and seed. */
export function prepareSweep(
  context: Context<'sweep'>,
  folder: string,
  plan: SweepPlan,
  data: StudyData,
): TaskFolder {
  // A folder of points of other settings is refused before anything is prepared in it.
  openSweep(folder, plan, data);
  const tasks = sweepTasks(plan).map((task) => ({
    name: task.key,
    seconds: secondsOf(task, plan),
    input: { point: { ...task.point }, seed: task.seed },
  }));
  return prepareFolder(context, folder, { kind: 'sweep', tasks, decided: { data: data.hash } });
}

/** Measured on one core of 2024: a start, then passes over the inputs and the epochs by the number of weights. */
function secondsOf({ point: { depth, width } }: SweepTask, plan: SweepPlan): number {
  const weights = 784 * width + (depth - 1) * width * width + 10 * width;
  return 0.1 + weights * (plan.inputs * 1.5e-7 + plan.epochs * plan.trainImages * 2e-9);
}

/** Throws `tasks/data` where the digits are not those that the work was prepared with. */
function dataIn(folder: TaskFolder, options: SweepOptions, plan: SweepPlan): StudyData {
  const data = dataOf(options, plan);
  const { data: hash } = folder.plan.decided as { readonly data: string };
  if (data.hash === hash) return data;
  throw new FimError({
    code: 'tasks/data',
    where: data.source,
    rule: `are the digits of the tasks in ${folder.path}: ${hash.slice(0, 12)}…`,
    got: `${data.hash.slice(0, 12)}…`,
    cause: 'other files, or another version of the package of digits',
    next: 'put them back, or prepare the work again in another folder',
  });
}

/** Records that tasks made, as points of the sweep. */
export async function adoptPoints(folder: TaskFolder, points: Points): Promise<void> {
  for (const [index, { name }] of folder.plan.tasks.entries()) {
    const bytes = folder.result(index);
    if (bytes !== null) await points.get(name, async () => recordOf(bytes));
  }
}

const recordOf = (bytes: Uint8Array): SweepRecord =>
  parseJson(new TextDecoder().decode(bytes)) as SweepRecord;

/** The kind. */
export const sweepKind: KindModule = {
  async open(folder) {
    const options = optionsIn(folder);
    const plan = planOf(options);
    const data = dataIn(folder, options, plan);
    const { engine } = await sweepEngine(options);
    return {
      async perform({ task, signal }) {
        const { point, seed } = task.input as unknown as Pick<SweepTask, 'point' | 'seed'>;
        const record = await measurePoint(engine, plan, data, { key: task.name, point, seed }, signal);
        return record === null ? null : new TextEncoder().encode(JSON.stringify(record));
      },
      close: () => engine.dispose(),
    };
  },
  async merge(folder, { io, version, options: { json }, missing }) {
    const options = optionsIn(folder);
    const plan = planOf(options);
    const data = dataIn(folder, options, plan);
    const path = relative(process.cwd(), folder.path) || '.';
    const points = openSweep(path, plan, data);
    await adoptPoints(folder, points);
    if (missing.length > 0) {
      io.stderr.write(`${path}: its page needs all points; those that are done are kept\n`);
      return 1;
    }
    const { engine } = await sweepEngine(options);
    try {
      const result = await runSweep(engine, points, plan, data);
      if (result !== null) writeSweep(path, result, { version, line: folder.plan.line });
    } finally {
      engine.dispose();
    }
    io.stdout.write(
      json ? `${JSON.stringify({ folder: path, page: `${path}/index.html` })}\n` : `${path}/index.html\n`,
    );
    return 0;
  },
};
