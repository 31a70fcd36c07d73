/**
 * @module cli/study
 *
 * Studies by name, the line that runs one, and how commands that fill a folder end: what was written, or how to go on.
 */
import { type ExitCode, FimError } from '../core/errors.js';
import { didYouMean } from '../core/suggest.js';
import { formatDuration } from '../report/format.js';
import type { Context } from './command.js';

/** 0 … n − 1. */
export const seedsOf = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** The studies that a clone of the repository can run. */
export const STUDIES = [
  'variance',
  'natural-gradient-toy',
  'intervals',
  'form-error',
  'nonlinear',
  'roots',
  'shipped',
  'rank1-theory',
  'rank1-cost',
  'rank1',
] as const;
/** Name of a study. */
export type StudyName = (typeof STUDIES)[number];

/** `name` as a study's; `where` is the line that named it. Throws `usage/study`. */
export function studyNamed(name: string, where: string): StudyName {
  const study = STUDIES.find((one) => one === name);
  if (study !== undefined) return study;
  throw new FimError({
    code: 'usage/study',
    kind: 'usage',
    where,
    rule: `studies are ${STUDIES.join(', ')}`,
    ...didYouMean(name, STUDIES),
  });
}

/** The line that runs in a clone of the repository what `fim reproduce …` names. */
export const studyLine = (commandLine: string): string =>
  commandLine.replace(/^fim reproduce /, 'npm run study -- ');

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
