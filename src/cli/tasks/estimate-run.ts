/**
 * @module cli/tasks/estimate-run
 *
 * `fim estimate --run DIR`: the folder of tasks is made, or found; without `--prepare` this process does the tasks that are left, beside others
 * that may, and merges. Killed at any moment, the same command goes on.
 */
import { type ExitCode, FimError } from '../../core/errors.js';
import {
  hasTasks,
  openTasks,
  requireCommand,
  requireFiles,
  requireVersion,
  type TaskFolder,
} from '../../scale/folder.js';
import { statusOf } from '../../scale/status.js';
import { workOn } from '../../scale/work.js';
import type { EstimateContext } from '../estimate/subject.js';
import { startProgress } from '../terminal/live.js';
import { estimateKind, prepareEstimate } from './estimate.js';
import { commandOf, noteHow, sayPrepared } from './prepare.js';
import { failureLines } from './words.js';

const refuse = (where: string, rule: string, got: string, next: string): FimError =>
  new FimError({ code: 'usage/run', kind: 'usage', where, rule, got, next });

/** Throws `usage/run` for what a folder is needed for. */
export function requireFolder({ given, commandLine }: EstimateContext): void {
  const lone = (['prepare', 'tasks', 'parameterRanges', 'attempts', 'staleAfter'] as const).some((name) =>
    given.has(name),
  );
  if (lone)
    throw refuse(
      'fim estimate',
      'cuts its work into tasks in a folder',
      'no --run',
      `${commandLine} --run DIR`,
    );
}

/** Throws `usage/run`, `tasks/of-another`, and what deciding and working throw. */
export async function estimateInTasks(context: EstimateContext, dir: string): Promise<ExitCode> {
  const { options, version } = context;
  if (options.report !== undefined)
    throw refuse(
      `fim estimate --run ${dir}`,
      'has no page: parts merge to figures and arrays',
      '--report',
      'leave --report out',
    );
  if (hasTasks(dir)) {
    const there = openTasks(dir);
    requireCommand(there, commandOf(context.manifest));
    noteHow(context, there);
  }
  const folder = hasTasks(dir) ? openTasks(dir) : await prepareEstimate(context, dir);
  if (folder === null) return 130;
  if (options.prepare) return sayPrepared(context, dir, folder);
  requireVersion(folder, version);
  // The line's paths are meant from here, wherever it was typed before.
  requireFiles(folder, process.cwd());
  return workAndMerge(context, folder);
}

async function workAndMerge(context: EstimateContext, folder: TaskFolder): Promise<ExitCode> {
  const { io, options, signal, version } = context;
  const { tasks } = folder.plan;
  const performer = await estimateKind.open(folder, { io, signal, version });
  const progress = startProgress(io, 'estimate', options.quiet);
  let done = [...tasks.keys()].filter((index) => folder.names(index).result).length;
  const wallTime = (): number => new Date().getTime() / 1000;
  try {
    await workOn(folder, performer, {
      signal,
      now: () => io.now(),
      wallTime,
      onProgress: (index, share) => progress.update((done + share) / tasks.length, tasks[index].name),
      onEnd: (_, end) => {
        if (end === 'done') done++;
      },
    });
  } finally {
    progress.end();
    await performer.close();
  }
  if (signal.aborted) {
    io.stderr.write(`stopped: finished parts are kept in ${folder.path}; the same command goes on\n`);
    return 130;
  }
  const { failures } = statusOf(folder, wallTime());
  if (failures.length > 0) {
    io.stderr.write(failureLines(failures, folder.path));
    return 3;
  }
  const { json, quiet, out, level, population, memory } = options;
  const asked = { json, quiet, out, level, population, memory, partial: false };
  return estimateKind.merge(folder, { io, signal, version, options: asked, given: new Set(), missing: [] });
}
