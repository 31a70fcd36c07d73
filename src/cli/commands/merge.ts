/**
 * @module cli/commands/merge
 *
 * `fim merge FILE…`: parts of a work put together; here the shards of an estimate.
 */
import type { Run } from '../command.js';
import { mergeFiles } from '../estimate/merge.js';

export const run: Run<'merge'> = mergeFiles;
