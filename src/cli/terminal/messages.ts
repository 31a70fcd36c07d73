/**
 * @module cli/terminal/messages
 *
 * Words beside the result, on standard error: notes, warnings, and details for those who ask. Broken at spaces to the width of the
 * terminal, further lines indented; one line each where nobody watches, so that they can be searched.
 */
import { visibleLines } from '../../core/visible.js';
import type { EngineChoice } from '../../engine/index.js';
import type { Io, Writer } from '../io.js';
import { styleOf, widthOf, wrap } from './style.js';
import { inFlags } from '../mentions.js';

export interface Messages {
  /** What was done on the way that may matter to a reader of the numbers; not with `--quiet`. */
  note(text: string): void;
  /** What was planned or is under way; not with `--quiet`. */
  say(text: string): void;
  /** How it was computed: only with `--verbose`. */
  detail(text: string): void;
  /** What the result must not be read without: always. */
  warn(text: string): void;
}

const INDENT = '  ';

/** `text` for a stream: broken at spaces where it has a width of its own, else as it is. */
export function fit(writer: Writer, text: string, indent = INDENT): string {
  if (!writer.fitted || widthOf(text) <= writer.columns) return text;
  return wrap(text, writer.columns - indent.length, indent);
}

/** Which engine runs it: a detail, unless a faster one could be installed. */
export function sayEngine(messages: Messages, { reason, ortMissing = false }: EngineChoice): void {
  if (ortMissing) messages.note(reason);
  else messages.detail(reason);
}

/**
 * Messages on `io.stderr`.
 *
 * @param log Where lines go instead, e.g. above a live line.
 */
export function messagesOf(
  io: Io,
  { quiet = false, verbose = false }: { readonly quiet?: boolean; readonly verbose?: boolean },
  log: (line: string) => void = (line) => io.stderr.write(`${line}\n`),
): Messages {
  const { yellow, bold } = styleOf(io.stderr);
  const write = (label: string, text: string) =>
    log(fit(io.stderr, `${label}${visibleLines(inFlags(text))}`));
  return {
    note: (text) => (quiet ? undefined : write(`${bold('note:')} `, text)),
    say: (text) => (quiet ? undefined : write('', text)),
    detail: (text) => (verbose && !quiet ? write('', text) : undefined),
    warn: (text) => write(`${yellow('warning:')} `, text),
  };
}
