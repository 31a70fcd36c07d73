/**
 * @module studies/commands
 *
 * `npm run study` as a function from words to an exit code: each study fills a folder with its page, its figures and its numbers.
 */
import { type ExitCode, FimError } from 'fim/core';
import type { Performer, TaskFolder, TaskMerge, TaskSurroundings } from 'fim/scale';
import type { StudyContext, Surroundings } from '../face/context.js';
import { optionsHelp, readWords } from '../face/options.js';
import { fillFolder } from '../face/fill.js';
import type { OpenStudy } from '../face/piece.js';
import { openFormError } from './form-error.js';
import { openIntervals } from './intervals.js';
import { openNonlinear } from './nonlinear.js';
import { mergeRank1, openRank1, runRank1 } from './rank1.js';
import { openRank1Cost } from './rank1-cost.js';
import { openRank1Theory } from './rank1-theory.js';
import { openRoots } from './roots.js';
import { openShipped } from './shipped.js';
import { openToy } from './toy.js';
import { openVariance } from './variance.js';

interface Study {
  /** Half a line of help. */
  readonly says: string;
  /** Cut into pieces; or with runs, tasks and files of its own. */
  readonly does: OpenStudy<unknown> | OwnStudy;
}

/** A study that is no list of pieces. */
interface OwnStudy {
  readonly run: (context: StudyContext) => Promise<ExitCode>;
  readonly open: (folder: TaskFolder, around: TaskSurroundings) => Performer;
  readonly merge: (folder: TaskFolder, around: TaskMerge) => Promise<ExitCode>;
}

/** The studies by name. */
export const STUDIES: Readonly<Record<string, Study>> = {
  variance: {
    says: 'the Fisher and the variance of both estimators while networks learn digits; half an hour',
    does: openVariance,
  },
  intervals: {
    says: 'how often intervals cover, and what runs to a target error keep; an hour or two',
    does: openIntervals,
  },
  roots: {
    says: 'what roots of random signs are worth, on trained networks and many outputs; ten minutes',
    does: openRoots,
  },
  'form-error': {
    says: 'how well the error of a form of the Fisher is estimated; ten minutes',
    does: openFormError,
  },
  nonlinear: {
    says: 'how often intervals of log-determinants, dimensions and eigenvalues cover; an hour',
    does: openNonlinear,
  },
  shipped: {
    says: 'networks that npm packages ship: read, compared with ONNX Runtime, estimated; twenty minutes, 700 MB',
    does: openShipped,
  },
  'natural-gradient-toy': {
    says: 'natural gradient descent with either estimate on two parameters; a minute',
    does: openToy,
  },
  'rank1-theory': {
    says: 'the rank-1 inverse of the Fisher where return, gradient and Fisher are exact; ten minutes',
    does: openRank1Theory,
  },
  'rank1-cost': {
    says: 'time and memory of six inverses, their invariance, the length of their steps; half an hour',
    does: openRank1Cost,
  },
  rank1: {
    says: 'SMAC and its rivals, tuned alike and run under the same conditions; an hour and more',
    does: { run: runRank1, open: openRank1, merge: mergeRank1 },
  },
};

const LINE = 'npm run study --';

function help(): string {
  const names = Object.keys(STUDIES);
  const width = Math.max(...names.map((name) => name.length));
  const studies = names.map((name) => `  ${name.padEnd(width)}  ${STUDIES[name].says}`);
  return [`${LINE} NAME [options]`, '', ...studies, '', optionsHelp(), ''].join('\n');
}

/** Runs `npm run study -- ...words`. Never throws. */
export async function runStudy(words: readonly string[], around: Surroundings): Promise<ExitCode> {
  try {
    const { names, options, given, help: asked } = readWords(words);
    if (asked) {
      around.stdout.write(help());
      return 0;
    }
    const { name, does } = studyNamed(names);
    const line = [LINE, names[0], ...given].join(' ');
    const context = { ...around, options, line };
    const code = await (typeof does === 'function' ? fillFolder(context, name, does) : does.run(context));
    return around.signal.aborted && code === 0 ? 130 : code;
  } catch (error) {
    return complain(error, around);
  }
}

/** Throws `usage/study` unless exactly one study is named. */
function studyNamed([...names]: readonly string[]): Study & { readonly name: string } {
  const [name] = names;
  if (names.length === 1 && Object.hasOwn(STUDIES, name)) return { name, ...STUDIES[name] };
  throw new FimError({
    code: 'usage/study',
    kind: 'usage',
    where: LINE,
    rule: `names one study: ${Object.keys(STUDIES).join(', ')}`,
    got: names.length === 0 ? 'none' : names.join(' '),
    next: `${LINE} --help`,
  });
}

function complain(error: unknown, { signal, stderr }: Surroundings): ExitCode {
  if (signal.aborted && error instanceof Error && error.name === 'AbortError') {
    stderr.write('interrupted\n');
    return 130;
  }
  if (error instanceof FimError && error.kind !== 'internal') {
    stderr.write(`error: ${error.message}\n`);
    return error.exitCode;
  }
  stderr.write(`error: the study failed in a way it should not\n${stackOf(error)}\n`);
  return 1;
}

const stackOf = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);
