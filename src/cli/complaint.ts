/**
 * @module cli/complaint
 *
 * Renders a failure for a terminal: the complaint in flags (cli/mentions) and without a stack, its parts under one another, and the next step after
 * a blank line as `hint: …`, so that it can be found and pasted.
 */
import { errorText } from '../core/error-text.js';
import { type Complaint, type ExitCode, FimError } from '../core/errors.js';
import { visible, visibleLines } from '../core/visible.js';
import type { Io } from './io.js';
import { fit } from './terminal/messages.js';
import { styleOf } from './terminal/style.js';
import { inFlags } from './mentions.js';

/** Under the words behind `got:` and `cause:`. */
const PARTS = ' '.repeat(9);

/** How a hint begins that is a line to be pasted, which is never broken. */
const PASTED = /^(--?\w|(fim|npm|npx|node|python3?|pip|mkdir|chmod|ls|openDataset)\b|\w+(\.\w+)*\()/;

/** True for what an aborted operation throws. */
export function isAbort(error: unknown): boolean {
  return (
    error instanceof Error &&
    (error.name === 'AbortError' || (error as { code?: unknown }).code === 'ABORT_ERR')
  );
}

/**
 * Writes `error` to `io.stderr` and returns the exit code that goes with it. `fallback` is the next step of a complaint that names
 * none.
 */
export function complain(io: Io, error: unknown, fallback?: string): ExitCode {
  const style = styleOf(io.stderr);
  const lines: string[] = [];
  let code: ExitCode = 1;
  let hint: string | undefined;
  if (error instanceof FimError && error.kind !== 'internal') {
    const { where, rule, got, cause, next } = shown(inFlags(error.complaint));
    lines.push(fit(io.stderr, `${style.red('error:')} ${where}: ${rule}`));
    if (got !== undefined) lines.push(fit(io.stderr, `  got:   ${got}`, PARTS));
    if (cause !== undefined) lines.push(fit(io.stderr, `  cause: ${cause}`, PARTS));
    code = error.exitCode;
    hint = next ?? (error.kind === 'answer-no' ? undefined : fallback);
  } else {
    lines.push(`${style.red('error:')} fim failed in a way it should not: ${visibleLines(errorText(error))}`);
    lines.push(
      fit(
        io.stderr,
        'This is a fault in fim, not in its input. Please report it with the command and this output.',
        '',
      ),
    );
    hint = io.debug ? undefined : 'run the same command with FIM_DEBUG=1 for the stack that a report needs';
  }
  if (io.debug) lines.push(...stackOf(error));
  if (hint !== undefined) {
    const line = `${style.cyan('hint:')} ${hint}`;
    lines.push('', PASTED.test(hint) ? line : fit(io.stderr, line));
  }
  io.stderr.write(`${lines.join('\n')}\n`);
  return code;
}

/** Its parts as a screen may show them, on a line each. */
const shown = (
  complaint: Complaint,
): Record<string, string | undefined> & Pick<Complaint, 'where' | 'rule'> =>
  Object.fromEntries(
    Object.entries(complaint).map(([part, text]) => [part, typeof text === 'string' ? visible(text) : text]),
  ) as Record<string, string | undefined> & Pick<Complaint, 'where' | 'rule'>;

/** The stack and those of its causes. */
function stackOf(error: unknown): string[] {
  const lines: string[] = [];
  for (let one: unknown = error; one instanceof Error; one = one.cause) {
    lines.push(...(one.stack ?? String(one)).split('\n').map((line) => `  ${line}`));
    if (one.cause instanceof Error) lines.push('  caused by');
  }
  return lines;
}
