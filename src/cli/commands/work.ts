/**
 * @module cli/commands/work
 *
 * `fim work DIR`: a worker on a folder of tasks; `fim work --redis URL`: on the queues of a Redis.
 */
import { type ExitCode, FimError } from '../../core/errors.js';
import { openTasks, requireFiles, requireVersion, type TaskFolder } from '../../scale/folder.js';
import { forgive } from '../../scale/forgive.js';
import { statusOf } from '../../scale/status.js';
import { workOn, type WorkReport } from '../../scale/work.js';
import type { Context, Run } from '../command.js';
import { quote } from '../../core/shell.js';
import { arrayIndex, stretchOf } from '../tasks/array-index.js';
import { enter } from '../tasks/enter.js';
import { kindOf } from '../tasks/kinds.js';
import { failureLines } from '../tasks/words.js';
import { startProgress } from '../terminal/live.js';

/** Throws `usage/work` without a folder or a Redis, or with both. */
export const run: Run<'work'> = async (context) => {
  const { dir } = context.positionals;
  const { redis } = context.options;
  if (dir !== undefined && redis === undefined) return workOnFolder(context, dir);
  if (dir === undefined && redis !== undefined)
    return (await import('../redis/work.js')).workOnRedis(context, redis);
  throw new FimError({
    code: 'usage/work',
    kind: 'usage',
    where: 'fim work',
    rule: 'takes tasks of a folder, or of a Redis',
    got: dir === undefined ? 'neither' : 'both',
    next:
      dir === undefined
        ? 'fim work DIR, or fim work --redis redis://localhost:6379'
        : `fim work ${quote(dir)}`,
  });
};

async function workOnFolder(context: Context<'work'>, dir: string): Promise<ExitCode> {
  const { options, io, version } = context;
  const folder = openTasks(dir);
  requireIndex(context, dir);
  requireVersion(folder, version);
  enter(folder);
  requireFiles(folder);
  if (options.retry) forgive(folder);
  const report = await work(context, folder);
  const { failures } = statusOf(folder, wallTime());
  const failed = failures.filter(({ index }) => report.failed.includes(index));
  if (options.json)
    io.stdout.write(
      `${JSON.stringify({ ...report, failed: failed.length, failures: failed, left: report.left.length })}\n`,
    );
  io.stderr.write(failureLines(failed, dir));
  if (context.signal.aborted) return 130;
  if (!options.quiet && report.left.length === 0) {
    const all = report.done === folder.plan.tasks.length;
    io.stderr.write(`${report.done} done${all ? `: fim merge ${quote(dir)}` : ''}\n`);
  }
  return failed.length > 0 ? 1 : 0;
}

const wallTime = (): number => new Date().getTime() / 1000;

/** Throws `tasks/index` for parts of an index where there is none. */
function requireIndex({ given, options }: Context<'work'>, dir: string): void {
  const lone = (['chunk', 'offset'] as const).find((name) => given.has(name));
  if (lone === undefined || options.index !== undefined || arrayIndex(process.env) !== undefined) return;
  const asked = `--${lone} ${String(options[lone])}`;
  throw new FimError({
    code: 'tasks/index',
    kind: 'usage',
    where: asked,
    rule: 'says which tasks an index stands for',
    got: 'no --index, and no job of an array',
    next: `fim work ${quote(dir)} --index 0 ${asked}, or without it for all tasks`,
  });
}

async function work(
  { options, io, signal, version }: Context<'work'>,
  folder: TaskFolder,
): Promise<WorkReport> {
  const index = options.index ?? arrayIndex(process.env);
  const { offset, chunk = 1 } = options;
  const only = index === undefined ? undefined : stretchOf(folder, { index, chunk, offset });
  const all = only ?? [...folder.plan.tasks.keys()];
  const kind = await kindOf(folder);
  const performer = await kind.open(folder, { io, signal, version });
  const progress = startProgress(io, 'work', options.quiet);
  let ended = all.filter((i) => folder.names(i).result).length;
  try {
    return await workOn(folder, performer, {
      signal,
      now: () => io.now(),
      wallTime,
      ...(only === undefined ? {} : { only }),
      onProgress: (i, share) => progress.update((ended + share) / all.length, folder.plan.tasks[i].name),
      onEnd: (i, end) => {
        if (end === 'done') ended++;
        progress.update(ended / all.length, `${folder.plan.tasks[i].name}: ${end}`);
      },
    });
  } finally {
    progress.end();
    await performer.close();
  }
}
