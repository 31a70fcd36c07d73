/**
 * @module cli/commands/merge
 *
 * `fim merge FILE…`: parts of a work put together: the shards of an estimate, or the results of a folder of tasks.
 */
import { isFolder } from '../../disk/paths.js';
import { hasTasks } from '../../scale/folder.js';
import type { Run } from '../command.js';
import { mergeFiles } from '../estimate/merge.js';
import { mergeTasks } from '../tasks/merge.js';

export const run: Run<'merge'> = (context) => {
  const { file } = context.positionals;
  return file.length === 1 && isFolder(file[0]) && hasTasks(file[0])
    ? mergeTasks(context, file[0])
    : mergeFiles(context);
};
