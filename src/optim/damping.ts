/** @module optim/damping — λ as a number: the one check that every inverse of the Fisher makes. */
import { FimError } from '../core/errors.js';

/** Throws `optim/damping` unless λ > 0 and finite. */
export function requireDamping(damping: number): void {
  if (damping > 0 && Number.isFinite(damping)) return;
  throw new FimError({
    code: 'optim/damping',
    kind: 'usage',
    where: 'damping λ',
    rule: 'is a positive number, in the units of the Fisher',
    got: String(damping),
    next: '0.1 is the usual one',
  });
}
