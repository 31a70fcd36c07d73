/**
 * @module cli/thread/words
 *
 * The words of the main thread where the work does not end by itself: ended by a signal, out of memory, or broken.
 */
import { getHeapStatistics } from 'node:v8';
import { errorStack, errorText } from '../../core/error-text.js';
import type { ExitCode } from '../../core/errors.js';
import { visible, visibleLines } from '../../core/visible.js';

const lastKnown = (known: string | null): string =>
  known === null ? 'nothing is known yet' : `last known: ${visible(known)}`;

/** Said where the work was ended: what was last known, and the line that goes on. */
export function endedWords(seconds: number, known: string | null, goesOn: string | null): string {
  const lines = [`ended: the work did not stop by itself within ${seconds} s`, lastKnown(known)];
  if (goesOn !== null) lines.push('', `hint: ${goesOn}`);
  return `${lines.join('\n')}\n`;
}

/** What is said, and the exit code, where the thread of the work is gone without a word. */
export function lostThread(
  code: number,
  known: string | null,
  goesOn: string | null,
): { code: ExitCode; words: string } {
  const lines = [
    'error: the thread of the work: ended before its work was done',
    `  got:   exit code ${code} (${lastKnown(known)})`,
    '  cause: the system, or a module that the command runs, ended it',
  ];
  if (goesOn !== null) lines.push('', `hint: ${goesOn}`);
  return { code: 3, words: `${lines.join('\n')}\n` };
}

const MIB = 2 ** 20;

/** How Node tells of a promise rejected with what is no error. */
const REASON = /promise rejected with the reason "(.*)"\.$/;

/** A module of the user's on a command line. */
const MODULE = /\.[cm]?js$/;

/** What is said, and the exit code, where the thread of the work broke under a command line. */
export function brokenThread(
  error: unknown,
  known: string | null,
  line: readonly string[],
): { code: ExitCode; words: string } {
  if ((error as { code?: unknown } | null)?.code === 'ERR_WORKER_OUT_OF_MEMORY') {
    const limit = Math.round(getHeapStatistics().heap_size_limit / MIB);
    return {
      code: 3,
      words: `error: memory: the objects of the work must have room on JavaScript's heap\n  got:   more than its limit of about ${limit} MiB (${lastKnown(known)})\n\nhint: NODE_OPTIONS=--max-old-space-size=${2 * limit} before the same command, or fewer --examples\n`,
    };
  }
  const module = line.find((word) => MODULE.test(word));
  if (module === undefined) return { code: 1, words: `${visibleLines(errorStack(error))}\n` };
  const [text] = errorText(error).split('\n');
  const got = visible(REASON.exec(text)?.[1] ?? text);
  return {
    code: 3,
    words: `error: ${visible(module)}: nothing may be thrown outside of the calls of a module\n  got:   ${got} (${lastKnown(known)})\n  cause: a promise that nobody awaits, or a timer\n\nhint: await it in the factory, or leave timers out\n`,
  };
}
