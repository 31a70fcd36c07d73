/**
 * @module studies/commands
 *
 * `npm run study` as a function from words to an exit code: each study fills a folder with its page, its figures and its numbers.
 */
import { type ExitCode, FimError } from 'fim/core';
import type { StudyContext, Surroundings } from '../face/context.js';
import { optionsHelp, readWords } from '../face/options.js';
import { reproduceFormError } from './form-error.js';
import { reproduceIntervals } from './intervals.js';
import { reproduceNonlinear } from './nonlinear.js';
import { reproduceRank1 } from './rank1.js';
import { reproduceRank1Cost } from './rank1-cost.js';
import { reproduceRank1Theory } from './rank1-theory.js';
import { reproduceRoots } from './roots.js';
import { reproduceShipped } from './shipped.js';
import { reproduceToy } from './toy.js';
import { reproduceVariance } from './variance.js';

interface Study {
  /** Half a line of help. */
  readonly says: string;
  readonly run: (context: StudyContext) => Promise<ExitCode>;
}

/** The studies by name. */
export const STUDIES: Readonly<Record<string, Study>> = {
  variance: {
    says: 'the Fisher and the variance of both estimators while networks learn digits; half an hour',
    run: reproduceVariance,
  },
  intervals: {
    says: 'how often intervals cover, and what runs to a target error keep; an hour or two',
    run: reproduceIntervals,
  },
  roots: {
    says: 'what roots of random signs are worth, on trained networks and many outputs; ten minutes',
    run: reproduceRoots,
  },
  'form-error': {
    says: 'how well the error of a form of the Fisher is estimated; ten minutes',
    run: reproduceFormError,
  },
  nonlinear: {
    says: 'how often intervals of log-determinants, dimensions and eigenvalues cover; an hour',
    run: reproduceNonlinear,
  },
  shipped: {
    says: 'networks that npm packages ship: read, compared with ONNX Runtime, estimated; twenty minutes, 700 MB',
    run: reproduceShipped,
  },
  'natural-gradient-toy': {
    says: 'natural gradient descent with either estimate on two parameters; a minute',
    run: reproduceToy,
  },
  'rank1-theory': {
    says: 'the rank-1 inverse of the Fisher where return, gradient and Fisher are exact; ten minutes',
    run: reproduceRank1Theory,
  },
  'rank1-cost': {
    says: 'time and memory of six inverses, their invariance, the length of their steps; half an hour',
    run: reproduceRank1Cost,
  },
  rank1: {
    says: 'SMAC and its rivals, tuned alike and run under the same conditions; an hour and more',
    run: reproduceRank1,
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
    const study = studyNamed(names);
    const line = [LINE, names[0], ...given].join(' ');
    const code = await study.run({ ...around, options, line });
    return around.signal.aborted && code === 0 ? 130 : code;
  } catch (error) {
    return complain(error, around);
  }
}

/** Throws `usage/study` unless exactly one study is named. */
function studyNamed(names: readonly string[]): Study {
  if (names.length === 1 && Object.hasOwn(STUDIES, names[0])) return STUDIES[names[0]];
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
