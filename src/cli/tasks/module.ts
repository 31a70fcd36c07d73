/**
 * @module cli/tasks/module
 *
 * Work of a module outside of the package, such as the studies of a clone: the folder names the module, which does the tasks and merges them.
 */
import { importTaskModule, moduleOf, type TaskSurroundings } from '../../scale/task-module.js';
import type { KindContext, KindModule } from './kind.js';
import { sayCode } from './says-code.js';

const aroundOf = ({ io, signal, version }: KindContext): TaskSurroundings => ({
  ...{ stdout: io.stdout, stderr: io.stderr, signal, version },
  now: () => io.now(),
});

/** The kind. */
export const moduleKind: KindModule = {
  async open(folder, context) {
    sayCode(context.io, folder, [moduleOf(folder)]);
    const { open } = await importTaskModule(folder);
    return open(folder, aroundOf(context));
  },
  async merge(folder, context) {
    const { json, quiet } = context.options;
    if (context.missing.length > 0) {
      context.io.stderr.write(
        `${folder.path}: it needs the results of all tasks; those that are done are kept\n`,
      );
      return 1;
    }
    const { merge } = await importTaskModule(folder, { changed: true });
    return merge(folder, { ...aroundOf(context), json, quiet });
  },
};
