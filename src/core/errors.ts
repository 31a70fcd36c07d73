/**
 * @module core/errors
 *
 * One shape for every complaint: where it happened, which rule was broken, what was got, the likely cause,
 * and the next step as something that can be pasted. A failure is a value with a code, never a bare string. Settings are
 * mentioned as core/settings/reference writes them: each face says them in its own way.
 */

import { visible } from './visible.js';
import { type Mention, mentionsIn } from './settings/reference.js';

/** Process exit codes of the command line: 0 done, 1 the answer is no, 2 usage, 3 bad input, 130 interrupted. */
export type ExitCode = 0 | 1 | 2 | 3 | 130;

/** Stable families of failure; each has one exit code. */
export type FimErrorKind = 'usage' | 'bad-input' | 'answer-no' | 'unsupported' | 'internal';

const EXIT: Record<FimErrorKind, ExitCode> = {
  usage: 2,
  'bad-input': 3,
  'answer-no': 1,
  unsupported: 3,
  internal: 1,
};

/** The five parts of a complaint. `where` and `rule` are always said; the rest as far as they are known. */
export interface Complaint {
  /** Stable identifier, e.g. `npz/truncated`. */
  code: string;
  /** What the exit code follows from; default `bad-input`. */
  kind?: FimErrorKind;
  /** File, node, option or function at fault. */
  where: string;
  /** The rule that was broken, as a sentence. */
  rule: string;
  /** What was found instead. */
  got?: string;
  /** The likely cause. */
  cause?: string;
  /** The next step: a command or call that can be pasted. */
  next?: string;
}

/**
 * Every error that fim throws on purpose. `message` is the whole complaint, one part a line.
 *
 * @example
 * ```ts
 * import { FimError, getLikelihood } from 'fim';
 *
 * try {
 *   getLikelihood('gausian', { variance: 1 });
 * } catch (error) {
 *   if (error instanceof FimError) console.log(error.code, error.exitCode); // likelihood/unknown 2
 * }
 * ```
 */
export class FimError extends Error {
  /** Stable name, `family/rule`; docs/errors.md lists all. */
  readonly code: string;
  /** Decides the exit code. */
  readonly kind: FimErrorKind;
  /** Where, which rule, what was got, the likely cause and the next step. */
  readonly complaint: Complaint;

  constructor(complaint: Complaint, options?: ErrorOptions) {
    super(renderComplaint(complaint), options);
    this.name = 'FimError';
    this.code = complaint.code;
    this.kind = complaint.kind ?? 'bad-input';
    this.complaint = complaint;
  }

  /** Settings that the complaint mentions (core/settings/reference), in order, for a face that writes them in a way of its own. */
  get settings(): readonly Mention[] {
    const { where, rule, got, cause, next } = this.complaint;
    return [where, rule, got, cause, next].flatMap((part) => (part === undefined ? [] : mentionsIn(part)));
  }

  /** 1 the answer is no, 2 usage, 3 bad input. */
  get exitCode(): ExitCode {
    return EXIT[this.kind];
  }
}

/** Names and cells of files stand in complaints: their control characters are written out. */
function renderComplaint(c: Complaint): string {
  const lines = [`${c.where}: ${c.rule}`];
  if (c.got !== undefined) lines.push(`  got:   ${c.got}`);
  if (c.cause !== undefined) lines.push(`  cause: ${c.cause}`);
  if (c.next !== undefined) lines.push(`  next:  ${c.next}`);
  return lines.map(visible).join('\n');
}

/** Throws `internal/invariant` unless `condition` holds: a bug in fim, not in its input. */
export function invariant(condition: unknown, where: string, rule: string): asserts condition {
  if (!condition) throw new FimError({ code: 'internal/invariant', kind: 'internal', where, rule });
}
