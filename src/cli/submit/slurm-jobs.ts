/**
 * @module cli/submit/slurm-jobs
 *
 * Jobs that were submitted for a folder, and what Slurm says became of them: by its accounting (sacct) where it keeps one, else by what
 * the controller still remembers (scontrol).
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { FimError } from '../../core/errors.js';
import { exists } from '../../disk/paths.js';
import type { TaskFolder } from '../../scale/folder.js';
import { readJson, writeJson } from '../../store/points.js';

/** One submission. */
export interface SlurmSubmission {
  /** Number of the array's job. */
  readonly array: string;
  /** Number of the job that merges. */
  readonly merge: string;
  /** Tasks a job of the array. */
  readonly chunk: number;
}

/** A job that did not end well, or has not ended. */
export interface SlurmJob {
  /** As Slurm writes it: 12_3. */
  readonly job: string;
  /** Index in the array. */
  readonly index: number;
  /** TIMEOUT, OUT_OF_MEMORY, PREEMPTED, NODE_FAIL, RUNNING, PENDING, … */
  readonly state: string;
}

const fileOf = ({ path }: TaskFolder): string => join(path, 'slurm', 'jobs.json');

/** What was submitted for a folder, the latest last. */
export function submissionsOf(folder: TaskFolder): readonly SlurmSubmission[] {
  return exists(fileOf(folder)) ? (readJson(fileOf(folder)) as SlurmSubmission[]) : [];
}

/** Adds a submission to the folder's list. */
export function noteSubmission(folder: TaskFolder, submission: SlurmSubmission): void {
  writeJson(fileOf(folder), [...submissionsOf(folder), submission], 1);
}

/** What a program of Slurm's prints. Throws `submit/slurm`. */
export function slurm(program: string, ...args: readonly string[]): string {
  try {
    return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    const { code, stderr } = error as { code?: unknown; stderr?: string };
    const absent = code === 'ENOENT';
    throw new FimError(
      {
        code: 'submit/slurm',
        where: program,
        rule: 'jobs are submitted where the programs of Slurm are',
        got: absent ? 'no such program' : (stderr?.trim() ?? String(error)),
        next: absent
          ? 'go to a login node of the cluster, or look with --dry-run'
          : 'mend what Slurm says, then submit again',
      },
      { cause: error },
    );
  }
}

/** Limits and states are of use where there are any. */
export function slurmOr(otherwise: string, program: string, ...args: readonly string[]): string {
  try {
    return slurm(program, ...args);
  } catch {
    return otherwise;
  }
}

/** States of the jobs of the last submission that are not COMPLETED; empty where Slurm knows none of them. */
export function jobsOf(folder: TaskFolder): SlurmJob[] {
  const last = submissionsOf(folder).at(-1);
  if (last === undefined) return [];
  const accounted = readAccounting(
    slurmOr('', 'sacct', '-X', '-n', '-P', '-o', 'JobID,State', '-j', last.array),
  );
  const found =
    accounted.length > 0 ? accounted : readJobs(slurmOr('', 'scontrol', '-o', 'show', 'job', last.array));
  return found.filter(({ state }) => state !== 'COMPLETED').sort((a, b) => a.index - b.index);
}

/** `12_3|TIMEOUT`, a line each; `CANCELLED by 0` is said in one word. */
export function readAccounting(text: string): SlurmJob[] {
  return text.split('\n').flatMap((line) => {
    const [, job, index, state] = /^(\d+_(\d+))\|([A-Z_]+)/.exec(line) ?? [];
    return job === undefined ? [] : [{ job, index: Number(index), state }];
  });
}

/** `JobId=14 ArrayJobId=12 ArrayTaskId=3 … JobState=TIMEOUT …`, a line each; of a range that waits, its first. */
export function readJobs(text: string): SlurmJob[] {
  return text.split('\n').flatMap((line) => {
    const of = (name: string): string | undefined => new RegExp(`\\b${name}=(\\w+)`).exec(line)?.[1];
    const [array, index, state] = [of('ArrayJobId'), of('ArrayTaskId'), of('JobState')];
    if (array === undefined || index === undefined || state === undefined) return [];
    return [{ job: `${array}_${index}`, index: Number.parseInt(index, 10), state }];
  });
}
