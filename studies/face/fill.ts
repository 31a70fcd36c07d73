/**
 * @module studies/face/fill
 *
 * A study's folder, filled: its pieces are done as far as they are not there, by this process beside others that may work on the folder, then
 * its files are written. Progress while it goes on, and where the files are in one line.
 */
import type { ExitCode } from 'fim/core';
import { formatDuration } from 'fim/report';
import type { TaskFolder, TaskMerge } from 'fim/scale';
import { writeFiles } from 'fim/store';
import type { StudyContext } from './context.js';
import { askedOf, type StudyOptions } from './options.js';
import type { CutStudy, OpenStudy } from './piece.js';
import { changedSince, prepareStudy, resultsIn, workOnStudy } from './work.js';

const REDRAW_SECONDS = 0.2;

/** Runs the study `name`, or only prepares it. 130 where it was interrupted, 3 where pieces were given up. */
export async function fillFolder<R>(
  context: StudyContext,
  name: string,
  open: OpenStudy<R>,
): Promise<ExitCode> {
  const { options, stdout, stderr, now } = context;
  const began = now();
  const asked = askedOf(options);
  const study = await open(asked, context);
  const path = options.run ?? study.folder;
  try {
    const folder = prepareStudy(path, study, { ...context, name, asked });
    if (changedSince(folder))
      stderr.write(
        `note: the studies changed since ${path} was prepared; what is done there is of the text before. This line goes on, fim work refuses; another --run begins anew\n`,
      );
    if (options.prepare) return sayPrepared(context, path, folder);
    const code = await work(context, path, folder, study);
    if (code !== 0) return code;
    const reason = writeStudy(path, folder, study, { ...context, line: context.line });
    const seconds = now() - began;
    const page = `${path}/index.html`;
    stdout.write(options.json ? `${JSON.stringify({ folder: path, page, seconds })}\n` : `${page}\n`);
    if (!options.quiet) stderr.write(`${reason}\ndone in ${formatDuration(seconds)}\n`);
    return 0;
  } finally {
    study.dispose?.();
  }
}

async function work<R>(
  context: StudyContext,
  path: string,
  folder: TaskFolder,
  study: CutStudy<R>,
): Promise<ExitCode> {
  const { stderr, signal, line, now } = context;
  const progress = startProgress(context);
  const { finished, failures } = await workOnStudy(
    folder,
    study,
    { signal, onProgress: progress.update },
    now,
  ).finally(() => progress.end());
  for (const failure of failures) stderr.write(`failed: ${failure}\n`);
  if (finished) return 0;
  if (failures.length > 0 && !signal.aborted) {
    stderr.write(`${line}    # tries them again\n`);
    return 3;
  }
  stderr.write(`interrupted: finished pieces are kept in ${path}\n\nhint: ${line}\n`);
  return 130;
}

/** Writes a study's files from its results; what ran it, in words. */
function writeStudy<R>(
  path: string,
  folder: TaskFolder,
  study: CutStudy<R>,
  { version, line }: { readonly version: string; readonly line: string },
): string {
  const result = study.assemble(resultsIn(folder, study));
  const { files, reason } = study.filesOf(result, { by: `Made by fim ${version}: ${line}`, line });
  writeFiles(path, files);
  return reason;
}

/** Merges the tasks of a study's folder, as `fim merge` does. */
export function mergeStudy<R>(folder: TaskFolder, study: CutStudy<R>, around: TaskMerge): ExitCode {
  const { stdout, stderr, version, json, quiet } = around;
  const reason = writeStudy(folder.path, folder, study, { version, line: folder.plan.line });
  const page = `${folder.path}/index.html`;
  stdout.write(json ? `${JSON.stringify({ folder: folder.path, page })}\n` : `${page}\n`);
  if (!quiet) stderr.write(`${reason}\n`);
  return 0;
}

/** Says what was prepared, and how it is done. */
export function sayPrepared(
  { options, stdout, stderr }: StudyContext,
  path: string,
  { plan }: TaskFolder,
): ExitCode {
  const tasks = plan.tasks.length;
  const seconds = plan.tasks.reduce((sum, task) => sum + task.seconds, 0);
  stdout.write(options.json ? `${JSON.stringify({ folder: path, tasks, seconds })}\n` : `${path}\n`);
  if (options.quiet) return 0;
  stderr.write(
    [
      `${tasks} tasks, about ${formatDuration(seconds)} on one core`,
      '',
      `npx fim work ${path}     # in as many processes as there are cores, on any machine that sees the folder and this clone`,
      `npx fim status ${path}`,
      `npx fim merge ${path}    # once all are done`,
      '',
    ].join('\n'),
  );
  return 0;
}

/** What a line of progress needs. */
export type Showing = Pick<StudyContext, 'stderr' | 'now'> & {
  readonly options: Pick<StudyOptions, 'quiet'>;
};

/** A line on standard error: redrawn on a terminal, elsewhere one at every tenth part. */
export function startProgress({ options, stderr, now }: Showing): {
  update(share: number, text: string): void;
  end(): void;
} {
  let drawn = -Infinity;
  let tenth = 0;
  return {
    update(share, text) {
      const line = `${String(Math.floor(100 * share)).padStart(3)} %  ${text}`;
      if (options.quiet) return;
      if (stderr.isTTY === true) {
        if (now() - drawn < REDRAW_SECONDS) return;
        drawn = now();
        stderr.write(`\r\u001b[2K${line}`);
      } else if (Math.floor(10 * share) > tenth) {
        tenth = Math.floor(10 * share);
        stderr.write(`${line}\n`);
      }
    },
    end() {
      if (drawn > -Infinity) stderr.write('\r\u001b[2K');
      drawn = -Infinity;
    },
  };
}
