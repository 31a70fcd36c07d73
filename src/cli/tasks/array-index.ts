/**
 * @module cli/tasks/array-index
 *
 * The index of this process in an array of jobs, as schedulers say it: Slurm, Kubernetes (Indexed Jobs), PBS, AWS Batch, all from 0.
 */
import { FimError } from '../../core/errors.js';
import type { TaskFolder } from '../../scale/folder.js';

/** Variables by scheduler, in the order in which they are looked at. */
export const INDEX_VARIABLES = [
  'SLURM_ARRAY_TASK_ID',
  'JOB_COMPLETION_INDEX',
  'PBS_ARRAY_INDEX',
  'AWS_BATCH_JOB_ARRAY_INDEX',
] as const;

/** The index that the environment says; undefined where this is a job of no array. */
export function arrayIndex(environment: Readonly<Record<string, string | undefined>>): number | undefined {
  for (const name of INDEX_VARIABLES) {
    const text = environment[name];
    if (text !== undefined && /^\d+$/.test(text)) return Number(text);
  }
  return undefined;
}

/** Tasks that an index stands for. */
export interface Stretch {
  /** Which of the chunks, from 0. */
  readonly index: number;
  /** Tasks in a chunk. */
  readonly chunk: number;
  /** The first task of chunk 0. */
  readonly offset: number;
}

/** Their places in the list. Throws `tasks/index` where there is none. */
export function stretchOf({ path, plan }: TaskFolder, { index, chunk, offset }: Stretch): number[] {
  const { length } = plan.tasks;
  const first = offset + index * chunk;
  if (first < length) return Array.from({ length: Math.min(chunk, length - first) }, (_, i) => first + i);
  throw new FimError({
    code: 'tasks/index',
    kind: 'usage',
    where: `index ${index} of ${path}`,
    rule: `stands for task ${first} where the tasks are 0 to ${length - 1}`,
    got: `${length} ${length === 1 ? 'task' : 'tasks'} in chunks of ${chunk}${offset > 0 ? ` from ${offset} on` : ''}`,
    next: offset < length ? `--index ${Math.ceil((length - offset) / chunk) - 1}` : '--offset 0',
  });
}
