/**
 * @module scale/grow
 *
 * Growth of a folder of tasks whose list may be lengthened: tasks that are there keep their places and results, new ones are added behind them.
 * A task is known by its name alone, which must mean the same work whenever the rest of the plan is the same.
 */
import { invariant } from '../core/errors.js';
import { makeFolder } from '../disk/paths.js';
import {
  hasTasks,
  openTasks,
  prepareTasks,
  requireSameWork,
  TaskFolder,
  type TaskPlan,
  writePlan,
} from './folder.js';

/**
 * Makes the folder, or adds to the one there the tasks whose names it lacks; the line and how the work is done are then those of this plan.
 * Workers that are at it go on, and see the new tasks when they open the folder again. Two processes that lengthen one list at a time are for
 * whoever reads the results to notice: a result says what it is of. Throws `tasks/of-another` where tasks of other work stand, and what
 * `prepareTasks` throws.
 * @throws FimError with `file/empty`, `file/folder`, `file/forbidden`, `file/missing`, `file/no-folder`, `file/unreadable`,
 * `file/unwritable`, `points/damaged`, `tasks/damaged`, `tasks/no-links`, `tasks/none`
 */
export function growTasks(path: string, plan: TaskPlan): TaskFolder {
  if (!hasTasks(path)) return prepareTasks(path, plan);
  const there = openTasks(path);
  requireSameWork(there, plan);
  const names = new Set(there.plan.tasks.map(({ name }) => name));
  const more = plan.tasks.filter(({ name }) => !names.has(name));
  if (more.length === 0) return there;
  const { line, directory } = plan;
  const how = plan.how === undefined ? {} : { how: plan.how };
  const grown = new TaskFolder(there.path, {
    ...{ ...there.plan, ...how, line, directory },
    tasks: [...there.plan.tasks, ...more],
  });
  invariant(
    grown.nameOf(0) === there.nameOf(0),
    there.path,
    'grows to no more tasks than its names have digits for',
  );
  for (let index = names.size; index < grown.plan.tasks.length; index++) makeFolder(grown.taskPath(index));
  writePlan(grown);
  return openTasks(path);
}
