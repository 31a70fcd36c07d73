/**
 * @module cli/study
 *
 * How commands that fill a folder end: what was written, or how to go on.
 */
import type { ExitCode } from '../core/errors.js';
import { formatDuration } from '../report/format.js';
import type { Context } from './command.js';

/** 0 … n − 1. */
export const seedsOf = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

type StudyContext = Pick<Context<'sweep'>, 'io' | 'commandLine'> & {
  readonly options: { readonly quiet: boolean; readonly json: boolean };
};

/** Says where the results are. 130 where the run was interrupted. */
export function finishStudy(
  { options, io, commandLine }: StudyContext,
  folder: string,
  finished: boolean,
  { reason, seconds }: { reason: string; seconds: number },
): ExitCode {
  if (!finished) {
    io.stderr.write(`interrupted: finished points are kept in ${folder}\n\nhint: ${commandLine}\n`);
    return 130;
  }
  if (options.json) {
    io.stdout.write(`${JSON.stringify({ folder, page: `${folder}/index.html`, seconds })}\n`);
  } else io.stdout.write(`${folder}/index.html\n`);
  if (!options.quiet) io.stderr.write(`${reason}\ndone in ${formatDuration(seconds)}\n`);
  return 0;
}
