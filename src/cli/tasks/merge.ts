/**
 * @module cli/tasks/merge
 *
 * `fim merge DIR`: the results of a folder's tasks, put together.
 */
import { resolve } from 'node:path';
import { type ExitCode, FimError } from '../../core/errors.js';
import { openTasks, requireVersion, type TaskFolder } from '../../scale/folder.js';
import { standingOf } from '../../scale/state.js';
import type { Context } from '../command.js';
import { quote } from '../../core/shell.js';
import { enter } from './enter.js';
import { kindOf } from './kinds.js';

/** Missing tasks that are named. */
const NAMED = 5;

/** Merges the tasks of `dir`. Throws `tasks/missing`. */
export async function mergeTasks(context: Context<'merge'>, dir: string): Promise<ExitCode> {
  const { version } = context;
  // A path on this line is meant from here; those of the work, from where it was prepared.
  const { out } = context.options;
  const options = { ...context.options, ...(out === undefined ? {} : { out: resolve(out) }) };
  const folder = openTasks(dir);
  requireVersion(folder, version);
  enter(folder);
  const missing = [...folder.plan.tasks.keys()].filter((index) => !folder.names(index).result);
  if (missing.length > 0) {
    if (!options.partial || missing.length === folder.plan.tasks.length) throw absent(dir, folder, missing);
    context.io.stderr.write(`warning: without ${namesOf(folder, missing)}\n`);
  }
  const kind = await kindOf(folder);
  return kind.merge(folder, { ...context, options, missing });
}

function absent(dir: string, folder: TaskFolder, missing: readonly number[]): FimError {
  const givenUp = (index: number): boolean =>
    standingOf(folder.names(index), folder.plan.attempts) === 'failed';
  return new FimError({
    code: 'tasks/missing',
    kind: 'answer-no',
    where: dir,
    rule: `has ${folder.plan.tasks.length} tasks, whose results all belong to the answer`,
    got: `no result of ${namesOf(folder, missing)}`,
    next: `fim work ${quote(dir)}${missing.some(givenUp) ? ' --retry' : ''}, or take what is there: fim merge ${quote(dir)} --partial`,
  });
}

function namesOf({ plan }: TaskFolder, indices: readonly number[]): string {
  const names = indices.slice(0, NAMED).map((index) => `task ${index} (${plan.tasks[index].name})`);
  const more = indices.length - names.length;
  return `${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
