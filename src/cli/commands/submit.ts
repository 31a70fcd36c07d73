/**
 * @module cli/commands/submit
 *
 * `fim submit DIR`: the tasks of a folder, handed to an engine that distributes them.
 */
import { join } from 'node:path';
import { FimError } from '../../core/errors.js';
import { readBytes } from '../../disk/files.js';
import { makeFolder } from '../../disk/paths.js';
import { formatDuration } from '../../report/format.js';
import { openTasks, requireVersion, type TaskFolder } from '../../scale/folder.js';
import { forgive } from '../../scale/forgive.js';
import { writeText } from '../../store/points.js';
import type { Context, Run } from '../command.js';
import { quote } from '../../core/shell.js';
import { type Chunks, chunksOf } from '../submit/chunks.js';
import { indexedJob, yaml } from '../submit/kubernetes.js';
import { DEFAULT_LIMITS, limitsIn, slurmScripts } from '../submit/slurm.js';
import { noteSubmission, slurm, slurmOr } from '../submit/slurm-jobs.js';

/** Throws `usage/submit` for no engine, or several. */
export const run: Run<'submit'> = async (context) => {
  const { positionals, options, version } = context;
  const folder = openTasks(positionals.dir);
  requireVersion(folder, version);
  const { slurm: bySlurm, kubernetes, redis } = options;
  const engines = [bySlurm, kubernetes, redis !== undefined].filter(Boolean).length;
  if (engines !== 1) {
    throw new FimError({
      code: 'usage/submit',
      kind: 'usage',
      where: `fim submit ${positionals.dir}`,
      rule: 'names one engine',
      got: engines === 0 ? 'none' : 'several',
      next: `fim submit ${quote(positionals.dir)} --slurm`,
    });
  }
  if (redis !== undefined) return (await import('../redis/submit.js')).submitToRedis(context, folder, redis);
  return bySlurm ? submitToSlurm(context, folder) : printJob(context, folder);
};

/** `64 tasks in 2 jobs of 32, about 6 min each at most`. */
function sayChunks({ options, io }: Context<'submit'>, { plan }: TaskFolder, chunks: Chunks): void {
  if (options.quiet) return;
  const jobs = chunks.open.length;
  io.stderr.write(
    `${plan.tasks.length} tasks in ${chunks.count} ${chunks.count === 1 ? 'job' : 'jobs'} of ${chunks.size}${
      jobs === chunks.count ? '' : `, ${jobs} of them not done`
    }; about ${formatDuration(chunks.seconds)} each at most (--chunk)\n`,
  );
}

function submitToSlurm(context: Context<'submit'>, folder: TaskFolder): void {
  const { options, io } = context;
  const config = slurmOr('', 'scontrol', 'show', 'config');
  const limits = config === '' ? DEFAULT_LIMITS : limitsIn(config);
  const chunks = chunksOf(folder, options.chunk, limits.array);
  if (chunks.open.length === 0) {
    io.stderr.write(`all tasks are done: fim merge ${quote(folder.path)}\n`);
    return;
  }
  const prologue =
    options.prologue === undefined ? null : new TextDecoder().decode(readBytes(options.prologue));
  const scripts = slurmScripts(folder, chunks, options, prologue);
  sayChunks(context, folder, chunks);
  if (options.dryRun) {
    io.stdout.write(`${scripts.array}\n${scripts.merge}`);
    return;
  }
  const forgiven = forgive(folder);
  if (forgiven > 0 && !options.quiet) io.stderr.write(`${forgiven} that were given up are tried again\n`);
  makeFolder(join(folder.path, 'slurm'));
  const [array, merge] = (['array', 'merge'] as const).map((name) => {
    const file = join(folder.path, 'slurm', `${name}.sh`);
    writeText(file, scripts[name]);
    return file;
  });
  // A cluster's name may stand behind the number.
  const jobOf = (text: string): string => text.trim().split(';')[0];
  const arrayJob = jobOf(slurm('sbatch', '--parsable', array));
  const mergeJob = jobOf(slurm('sbatch', '--parsable', `--dependency=afterany:${arrayJob}`, merge));
  noteSubmission(folder, { array: arrayJob, merge: mergeJob, chunk: chunks.size });
  if (options.json)
    io.stdout.write(
      `${JSON.stringify({ array: arrayJob, merge: mergeJob, jobs: chunks.open.length, chunk: chunks.size })}\n`,
    );
  else io.stdout.write(`job ${arrayJob} does them, job ${mergeJob} merges\n`);
}

function printJob(context: Context<'submit'>, folder: TaskFolder): void {
  const { options, io, positionals } = context;
  const { image, volume } = options;
  if (image === undefined || volume === undefined) {
    throw new FimError({
      code: 'usage/submit',
      kind: 'usage',
      where: `fim submit ${positionals.dir} --kubernetes`,
      rule: 'needs an image that has fim, and the volume that holds the folder',
      got: `no ${image === undefined ? '--image' : '--volume'}`,
      next: `fim submit ${quote(positionals.dir)} --kubernetes --image registry/fim:1 --volume data`,
    });
  }
  const chunks = chunksOf(folder, options.chunk, 100_000);
  sayChunks(context, folder, chunks);
  io.stdout.write(yaml(indexedJob(folder, chunks, { ...options, image, volume })));
}
