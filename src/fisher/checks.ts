/**
 * @module fisher/checks
 *
 * Checks that every estimate passes before and after it is made, whichever estimator and whichever door it came through.
 */
import { FimError } from '../core/errors.js';

/** Throws `fisher/draws` for a number of draws that is none. */
export function requireDraws(labels: number): void {
  if (Number.isInteger(labels) && labels >= 1) return;
  throw new FimError({
    code: 'fisher/draws',
    kind: 'usage',
    where: 'draws per example',
    rule: 'a whole number of at least 1',
    got: String(labels),
    next: '--labels 1',
  });
}

/** Throws `fisher/no-examples` where a source that was not interrupted gave none. */
export function requireExamples(examples: number, interrupted: boolean, what: string): void {
  if (examples > 0 || interrupted) return;
  throw new FimError({
    code: 'fisher/no-examples',
    where: what,
    rule: 'a mean over examples needs at least one',
    got: 'a source without examples',
  });
}
