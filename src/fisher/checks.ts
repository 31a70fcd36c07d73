/**
 * @module fisher/checks
 *
 * Checks that every estimate passes before and after it is made, whichever estimator and whichever door it came through.
 */
import { FimError } from '../core/errors.js';
import { setting } from '../core/settings/reference.js';

/** Throws `fisher/draws` for a number of draws that is none. */
export function requireDraws(labels: number): void {
  if (Number.isInteger(labels) && labels >= 1) return;
  throw new FimError({
    code: 'fisher/draws',
    kind: 'usage',
    where: 'draws per example',
    rule: 'a whole number of at least 1',
    got: String(labels),
    next: '`labels: 1`',
  });
}

/** Throws `fisher/exact-pairs` for a number of exact columns that leaves no column to the signs. */
export function requirePairs(exactPairs: number, columns: number): void {
  if (Number.isInteger(exactPairs) && exactPairs >= 0 && exactPairs < Math.max(1, columns)) return;
  throw new FimError({
    code: 'fisher/exact-pairs',
    kind: 'usage',
    where: setting('exactPairs', String(exactPairs)),
    rule: `a whole number from 0 to ${Math.max(1, columns) - 1}: one column of the root at least is left to the signs`,
    got: String(exactPairs),
    next: `${setting('estimator', 'exact')}, which takes all of them`,
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
