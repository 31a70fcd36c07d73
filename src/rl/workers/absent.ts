/**
 * @module rl/workers/absent
 *
 * Stand-ins in a browser for the files that need Node's threads and disk (package.json, `browser`): the same names, each of
 * which throws `rl/no-node`.
 */
import { FimError } from '../../core/errors.js';

function absent(what: string): never {
  throw new FimError({
    code: 'rl/no-node',
    kind: 'usage',
    where: what,
    rule: 'threads and files of environments are to be had in Node only',
    got: 'a build of fim for browsers',
    next: "makeVector('CartPole-v1', { n: 8, workers: 1 })",
  });
}

/** Throws `rl/no-node`: more than one worker was asked for. */
export const overWorkers = (): never => absent('makeVector over workers');

/** Throws `rl/no-node`: an environment was to be read from a file. */
export const useModule = (): never => absent("makeVector with modules of one's own");

/** Throws `rl/no-node`: the installed three.js was to be read as text. */
export const threeSource = (): never => absent('loadThree');
