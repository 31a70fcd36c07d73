/**
 * @module run/rl/environmentId
 *
 * ENV as people write it: the name of an environment, or a module of the user's whose default export registers one.
 */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { FimError } from '../../core/errors.js';
import { listEnvironments, register } from '../../rl/index.js';
import type { DynamicsFactory, Registration } from '../../rl/index.js';

/**
 * The name to make it by. A path to a module (`./env.mjs`) is imported: its default export is a factory of dynamics, or
 * `{ id, factory, maxSteps, threshold }`, and is registered under `id`, or its file name. Throws `rl/environment-module`.
 */
export async function environmentId(word: string): Promise<string> {
  if (!/\.[cm]?js$/.test(word)) return word;
  const url = pathToFileURL(resolve(word)).href;
  const refuse = (got: string, cause?: unknown): FimError =>
    new FimError(
      {
        code: 'rl/environment-module',
        kind: 'usage',
        where: word,
        rule: 'the default export is a factory of dynamics, or { id, factory, maxSteps, threshold }',
        got,
        next: 'export default () => ({ observationSpace, actionSpace, state, reset, step, observe })',
      },
      cause === undefined ? undefined : { cause },
    );
  let given: unknown;
  try {
    ({ default: given } = (await import(url)) as { default?: unknown });
  } catch (error) {
    throw refuse(error instanceof Error ? error.message : String(error), error);
  }
  const stem = word.replace(/^.*[\\/]/, '').replace(/\.[cm]?js$/, '');
  if (typeof given === 'function') {
    register(stem, given as DynamicsFactory);
    return stem;
  }
  const entry = given as { id?: string } & Partial<Registration>;
  if (typeof given !== 'object' || given === null || typeof entry.factory !== 'function')
    throw refuse(typeof given);
  const { id = stem, factory, ...rest } = entry;
  if (!listEnvironments().some((e) => e.id === id)) register(id, factory, rest);
  return id;
}
