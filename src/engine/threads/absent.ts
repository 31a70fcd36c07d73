/**
 * @module engine/threads/absent
 *
 * Stand-in for engine/threads/crew in a browser (package.json, `browser`).
 */
import { FimError } from '../../core/errors.js';
import { setting } from '../../core/settings/reference.js';

/** Throws `engine/threads`: threads are Node's. */
export function startCrew(): never {
  throw new FimError({
    code: 'engine/threads',
    kind: 'usage',
    where: 'createEngine',
    rule: 'more than one thread is to be had in Node only',
    got: 'a build of fim for browsers',
    next: setting('threads', 1),
  });
}
