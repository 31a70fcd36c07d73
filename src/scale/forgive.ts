/**
 * @module scale/forgive
 *
 * Forgiveness of tasks that were given up: their failures and losses are counted as claims that were released, and whoever works next takes
 * the tasks again.
 */
import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TaskFolder } from './folder.js';
import { standingOf } from './state.js';

/** How many tasks may be tried again. */
export function forgive(folder: TaskFolder): number {
  let forgiven = 0;
  for (const index of folder.plan.tasks.keys()) {
    const names = folder.names(index);
    if (standingOf(names, folder.plan.attempts) !== 'failed') continue;
    forgiven++;
    const path = folder.taskPath(index);
    for (let k = 1; k <= names.claim; k++) {
      const [failed, released] = [join(path, `failed.${k}`), join(path, `released.${k}`)];
      if (existsSync(failed)) renameSync(failed, released);
      else if (!names.ends.has(k)) writeFileSync(released, '{}\n');
    }
  }
  return forgiven;
}
