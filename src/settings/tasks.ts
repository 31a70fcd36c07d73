/**
 * @module settings/tasks
 *
 * Settings of work that is cut into tasks: how it is prepared, and who takes which.
 */
import { PREPARES } from './jobs.js';
import type { Row } from './row.js';

export const TASKS = {
  prepare: {
    kind: 'boolean',
    commands: [...PREPARES, 'reproduce'],
    group: 'tasks',
    help: 'cut the work into tasks in its folder, and stop: `fim work DIR` does them, in any number of processes',
  },
  tasks: {
    kind: 'integer',
    min: 1,
    max: 100000,
    commands: ['estimate'],
    group: 'tasks',
    metavar: 'N',
    unit: 'tasks',
    help: 'into how many parts the visits are cut; what is kept of a killed run',
    defaultText: '16, with `parameterRanges` as many as make that many tasks',
  },
  parameterRanges: {
    kind: 'integer',
    min: 1,
    max: 10000,
    commands: ['estimate'],
    group: 'tasks',
    metavar: 'R',
    unit: 'ranges',
    help: 'cut the parameters too, by layers, into so many ranges: a task holds sums of its own alone',
    long: 'For networks whose sums one machine does not hold. Each part of the visits is then `parameterRanges` + 1 tasks with the same draws: one for each range, which goes back as far as its layers, and one for the totals over all parameters, which holds no entry. Not of `form: dense`, `gram` and `implicit`.',
  },
  attempts: {
    kind: 'integer',
    min: 1,
    max: 100,
    commands: PREPARES,
    group: 'tasks',
    help: 'failures after which a task is given up',
    defaultText: '3',
  },
  staleAfter: {
    kind: 'number',
    min: 1,
    commands: PREPARES,
    group: 'tasks',
    metavar: 'S',
    unit: 'seconds',
    help: 'silence of a worker after which another takes its task over',
    defaultText: '60',
  },
  index: {
    kind: 'integer',
    min: 0,
    commands: ['work'],
    group: 'tasks',
    metavar: 'I',
    help: 'do one task, or one chunk of them, counted from 0, and no other',
    defaultText: 'that of the array that this is a job of, else all',
    long: 'Where it is not given, SLURM_ARRAY_TASK_ID, JOB_COMPLETION_INDEX, PBS_ARRAY_INDEX and AWS_BATCH_JOB_ARRAY_INDEX are read, in this order.',
  },
  offset: {
    kind: 'integer',
    min: 0,
    commands: ['work'],
    group: 'tasks',
    metavar: 'I',
    help: 'task that the first chunk begins with',
    default: 0,
  },
  chunk: {
    kind: 'integer',
    min: 1,
    commands: ['work', 'submit'],
    group: 'tasks',
    metavar: 'N',
    unit: 'tasks',
    help: 'how many tasks an index stands for: I × N to I × N + N − 1',
    defaultText: '1',
    perCommand: {
      submit: { help: 'how many tasks a job does', defaultText: 'as many as take five minutes' },
    },
  },
  retry: {
    kind: 'boolean',
    commands: ['work'],
    group: 'tasks',
    help: 'try tasks again that were given up',
  },
} as const satisfies Record<string, Row>;
