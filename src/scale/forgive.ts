/**
 * @module scale/forgive
 *
 * Forgiveness of tasks that were given up: their failures and losses are counted as claims that were released, and whoever works next takes
 * the tasks again. Several may forgive at a time.
 */
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writing } from './claim.js';
import type { TaskFolder } from './folder.js';
import { standingOf } from './state.js';

/**
 * How many tasks may be tried again. Throws `tasks/unwritable`.
 * @throws FimError with `tasks/damaged`
 */
export function forgive(folder: TaskFolder): number {
  let forgiven = 0;
  for (const index of folder.plan.tasks.keys()) {
    const names = folder.names(index);
    if (standingOf(names, folder.plan.attempts) !== 'failed') continue;
    forgiven++;
    const path = folder.taskPath(index);
    for (const k of names.failures)
      writing(path, () => renamed(join(path, `failed.${k}`), join(path, `released.${k}`)));
    // The last claim may be held by somebody who lives.
    for (let k = 1; k < names.claim; k++)
      if (!names.ends.has(k)) writing(path, () => writeFileSync(join(path, `released.${k}`), '{}\n'));
  }
  return forgiven;
}

/** Another who forgives may have been there first. */
function renamed(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
