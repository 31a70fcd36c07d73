/**
 * @module doors/scale
 *
 * The public door `fim/scale`, in Node only: work that is cut into tasks in a folder that any number of processes share. A plan of own tasks is
 * prepared, worked on, looked at, and its results read; `fim work`, `fim status`, `fim merge` and `fim submit` do the same for a plan whose
 * `how` names a module.
 */
// ---- a folder of tasks ----
export {
  ATTEMPTS,
  hasTasks,
  openTasks,
  prepareTasks,
  requireFiles,
  requireVersion,
  STALE_SECONDS,
  taskFile,
} from '../scale/folder.js';
export type { TaskFile, TaskFolder, TaskPlan } from '../scale/folder.js';
export { growTasks } from '../scale/grow.js';
export type { End, TaskNames } from '../scale/state.js';
// ---- working on them ----
export type { Performer, Task, TaskRun } from '../scale/kind.js';
export { workOn } from '../scale/work.js';
export type { WorkOptions, WorkReport } from '../scale/work.js';
export { forgive } from '../scale/forgive.js';
// ---- how far they are ----
export { statusOf } from '../scale/status.js';
export type { FailedTask, TasksStatus } from '../scale/status.js';
// ---- work of one's own module ----
export { moduleOfTasks, ofSameModule } from '../scale/task-module.js';
export type { TaskMerge, TaskModule, TaskStream, TaskSurroundings } from '../scale/task-module.js';
// ---- the runs of a comparison as tasks ----
export { performRun, placeRuns, runsOf, runTasks } from '../scale/runs.js';
export type { Job } from '../store/training/grid.js';
