/**
 * @module cli/tasks/says-code
 *
 * Words on the modules that a folder of tasks names, which run as code in whoever works on it.
 */
import { visible } from '../../core/visible.js';
import type { TaskFolder } from '../../scale/folder.js';
import type { Io } from '../io.js';

/** Says that each runs as code, before it does. */
export function sayCode({ stderr }: Io, { path }: TaskFolder, modules: readonly string[]): void {
  for (const module of modules)
    stderr.write(visible(`note: ${module} runs as code, as ${path}/tasks.json says`) + '\n');
}
