/**
 * @module rl/check-registered
 *
 * Checks an environment by its name, from the factory on: what cannot be made is a finding like what plays wrongly.
 */
import { FimError } from '../core/errors.js';
import { checkEnvironment, type CheckOptions, type Finding } from './check.js';
import type { Environment } from './environment.js';
import type { MakeOptions } from './registration.js';
import { make } from './registry.js';

/** How a registered environment is checked. */
export interface CheckRegisteredOptions extends Omit<CheckOptions, 'another'> {
  /** Options of the environment. */
  options?: MakeOptions;
}

/**
 * Makes two of them, which must not share state, and plays. Throws `rl/unknown`, `rl/option`.
 * @throws FimError with `random/seed`, `random/sequence`, `rl/dynamics`, `rl/environment-threw`, `rl/space`
 */
export async function checkRegistered(id: string, options: CheckRegisteredOptions = {}): Promise<Finding[]> {
  const { options: each, ...rest } = options;
  const made: Environment[] = [];
  try {
    for (let i = 0; i < 2; i++) made.push(await make(id, each));
    return checkEnvironment(made[0], { ...rest, another: made[1] });
  } catch (error) {
    if (!(error instanceof FimError) || ['rl/unknown', 'rl/option'].includes(error.code)) throw error;
    return [findingOf(error)];
  } finally {
    for (const env of made) env.close();
  }
}

/** A complaint as a finding. */
export function findingOf({ code, complaint: { where, rule, got, next } }: FimError): Finding {
  const parts = [`${where}: ${rule}`, ...(got === undefined ? [] : [`got ${got}`])];
  return {
    kind: 'mistake',
    code: code.replace(/^rl\//, ''),
    text: `${parts.join('; ')}${next === undefined ? '' : `; try ${next}`}`,
  };
}
