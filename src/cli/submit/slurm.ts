/**
 * @module cli/submit/slurm
 *
 * Slurm's scripts over a folder of tasks: an array whose jobs do a chunk each, and a merge that begins when all have ended, however they
 * did. A job is told by SIGTERM before its time limit; it then gives its task back, with what it reached, and puts itself into the queue
 * again. sbatch(1), scontrol(1).
 */
import { basename, join } from 'node:path';
import type { TaskFolder } from '../../scale/folder.js';
import type { SettingsOf } from '../../settings/table.js';
import { quote } from '../../core/shell.js';
import { type Chunks, rangesOf } from './chunks.js';
import { ownLine } from './command.js';

/** Seconds before the limit at which a job is told. */
const NOTICE_SECONDS = 60;
/** Times that a job may put itself into the queue again: one that gets nothing done ends at last. */
const RESTARTS = 50;

/** Options that scripts are made of. */
export type SlurmOptions = Pick<
  SettingsOf<'submit'>,
  'partition' | 'account' | 'qos' | 'time' | 'mem' | 'cpusPerTask' | 'arrayLimit' | 'sbatchArg'
>;

/** Scripts of one submission. */
export interface SlurmScripts {
  /** Of each job of the array. */
  readonly array: string;
  /** Of the job that merges. */
  readonly merge: string;
}

/** Limits of a cluster. */
export interface SlurmLimits {
  /** Jobs that an array may have. */
  readonly array: number;
}

/** Slurm's own where nothing is known. */
export const DEFAULT_LIMITS: SlurmLimits = { array: 1001 };

/** From `scontrol show config`: an array has fewer elements than any of its limits, and the merge is a job too. */
export function limitsIn(config: string): SlurmLimits {
  const valueOf = (name: string): number =>
    Number(new RegExp(`^${name}\\s*=\\s*(\\d+)`, 'm').exec(config)?.[1] ?? Infinity);
  const most = Math.min(valueOf('MaxArraySize'), valueOf('MaxSubmitJobs') - 1, valueOf('MaxJobCount') - 1);
  return Number.isFinite(most) ? { array: Math.max(1, most) } : DEFAULT_LIMITS;
}

/** Writes both scripts as text; `prologue` is lines of shell before the work. */
export function slurmScripts(
  folder: TaskFolder,
  chunks: Chunks,
  options: SlurmOptions,
  prologue: string | null,
): SlurmScripts {
  const { path } = folder;
  const name = `fim-${basename(path).replaceAll(/[^\w.-]/g, '_')}`;
  const limit = options.arrayLimit === undefined ? '' : `%${options.arrayLimit}`;
  // The log of a job of one task lies in the task's folder, whose name has as many digits.
  const digits = folder.nameOf(0).length;
  const log = chunks.size === 1 ? join('tasks', `%${digits}a`, 'slurm-%A.out') : join('slurm', '%A_%a.out');
  const own = [
    ...where(options),
    `--cpus-per-task=${options.cpusPerTask}`,
    ...(options.time === undefined ? [] : [`--time=${options.time}`]),
    ...(options.mem === undefined ? [] : [`--mem=${options.mem}`]),
    ...options.sbatchArg,
  ];
  const before = prologue === null ? [] : [prologue.trimEnd(), ''];
  const array = [
    ...head([
      `--job-name=${name}`,
      `--array=${rangesOf(chunks.open)}${limit}`,
      `--output=${join(path, log)}`,
      '--open-mode=append',
      '--requeue',
      `--signal=B:TERM@${NOTICE_SECONDS}`,
      ...own,
    ]),
    ...before,
    `${ownLine('work', path, '--chunk', String(chunks.size), '--quiet')} &`,
    'worker=$!',
    'job="${SLURM_ARRAY_JOB_ID}_${SLURM_ARRAY_TASK_ID}"',
    'again() {',
    "  trap '' TERM",
    '  kill -TERM "$worker"',
    '  wait "$worker"',
    '  # Told of the time limit it still runs; cancelled or preempted it does not, and is left alone.',
    `  if [ "\${SLURM_RESTART_COUNT:-0}" -lt ${RESTARTS} ] &&`,
    '    scontrol -o show job "$job" 2>/dev/null | grep -q JobState=RUNNING; then',
    '    scontrol requeue "$job"',
    '  fi',
    '  exit 1',
    '}',
    'trap again TERM',
    'wait "$worker"',
    '',
  ].join('\n');
  const merge = [
    ...head([
      `--job-name=${name}-merge`,
      `--output=${join(path, 'slurm', 'merge-%j.out')}`,
      ...own.filter((arg) => !/^--array/.test(arg)),
    ]),
    ...before,
    ownLine('merge', path),
    '',
  ].join('\n');
  return { array, merge };
}

const where = ({ partition, account, qos }: SlurmOptions): string[] =>
  Object.entries({ partition, account, qos }).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}=${value}`],
  );

const head = (args: readonly string[]): string[] => [
  '#!/bin/bash',
  ...args.map((arg) => `#SBATCH ${/[\s"'\\]/.test(arg) ? quote(arg) : arg}`),
  '',
];
