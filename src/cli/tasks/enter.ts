/**
 * @module cli/tasks/enter
 *
 * The folder that the paths of prepared work are meant from.
 */
import type { TaskFolder } from '../../scale/folder.js';

/** Paths of the work are meant from where it was prepared, if that folder is here. */
export function enter({ plan }: TaskFolder): void {
  if (process.cwd() === plan.directory) return;
  try {
    process.chdir(plan.directory);
  } catch {
    // Another machine: the files are then found by absolute paths, or asked for by their digests.
  }
}
