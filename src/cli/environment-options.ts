/**
 * @module cli/environment-options
 *
 * `--max-steps N` and `--env-set NAME=VALUE` on a command line as options of an environment, and complaints of environments in the words
 * of the command line.
 */
import { FimError } from '../core/errors.js';
import { make } from '../rl/index.js';
import type { Environment, EnvironmentSettings } from '../rl/index.js';
import { registrationOf, suggestEnvironment } from '../rl/registry.js';

type Value = EnvironmentSettings[string];

/** The options that were given; undefined where there are none. Throws `usage/env-set` for what is not NAME=VALUE. */
export function environmentOptions(options: {
  readonly maxSteps?: number | undefined;
  readonly envSet: readonly string[];
}): EnvironmentSettings | undefined {
  const { maxSteps, envSet } = options;
  const pairs: [name: string, text: string][] = [];
  for (const pair of envSet) {
    const at = pair.indexOf('=');
    const last = pairs.at(-1);
    // Commas take lists apart: what has no name belongs to the one before.
    if (at >= 1) pairs.push([pair.slice(0, at), pair.slice(at + 1)]);
    else if (last) last[1] += `,${pair}`;
    else throw badPair(pair);
  }
  const twice = pairs.find(([name], i) => pairs.findIndex(([other]) => other === name) !== i);
  if (twice) throw badPair(`${twice[0]} twice`);
  const found = pairs.map(([name, text]): [string, Value] => [name, valueOf(text)]);
  if (maxSteps !== undefined) {
    if (pairs.some(([name]) => name === 'maxSteps')) throw badPair('maxSteps, and --max-steps too');
    found.push(['maxSteps', maxSteps]);
  }
  return found.length === 0 ? undefined : Object.fromEntries(found);
}

/** A number, true, false, null, a JSON list or "text"; else the text as it stands. */
function valueOf(text: string): Value {
  try {
    const value: unknown = JSON.parse(text);
    const plain = (v: unknown): boolean =>
      v === null || ['string', 'boolean'].includes(typeof v) || (typeof v === 'number' && Number.isFinite(v));
    const list = Array.isArray(value) && value.every((v) => plain(v) && v !== null && typeof v !== 'boolean');
    if (plain(value) || list) return value as Value;
  } catch {
    // Not JSON: a word.
  }
  return text;
}

function badPair(got: string): FimError {
  return new FimError({
    code: 'usage/env-set',
    kind: 'usage',
    where: '--env-set',
    rule: 'reads NAME=VALUE, each name once',
    got,
    next: '--env-set isSlippery=false',
  });
}

/** The environment with these options. Throws what `make` throws, in the words of the command line. */
export async function openEnvironment(id: string, options: EnvironmentSettings = {}): Promise<Environment> {
  try {
    return await make(id, options);
  } catch (error) {
    throw inOurWords(error, id);
  }
}

/** Throws `rl/unknown` with the name that may be meant, unless there is an environment of that name. */
export function requireEnvironment(id: string): void {
  try {
    registrationOf(id);
  } catch (error) {
    throw inOurWords(error, id);
  }
}

/** The library says `make('X', { … })`; here it is a name or a flag. */
function inOurWords(error: unknown, id: string): unknown {
  if (!(error instanceof FimError)) return error;
  const { next: _, ...complaint } = error.complaint;
  if (error.code === 'rl/unknown') {
    const near = suggestEnvironment(id);
    return new FimError(
      { ...complaint, next: near === null ? 'fim envs' : `did you mean "${near}"?` },
      { cause: error },
    );
  }
  if (error.code !== 'rl/option') return error;
  const declared = registrationOf(id).options ?? [];
  const next = declared.length > 0 ? `--env-set ${declared[0]}=…, or --max-steps N` : '--max-steps N';
  return new FimError({ ...complaint, where: `${id}: --env-set`, next }, { cause: error });
}
