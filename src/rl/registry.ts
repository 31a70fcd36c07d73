/**
 * @module rl/registry
 *
 * Environments by name. Fim's own stand in a table; a user's is added by `register`, or made at once by `environment`.
 */
import { FimError } from '../core/errors.js';
import { nearest } from '../core/suggest.js';
import { builtin } from './builtin.js';
import { badOption } from './complaints.js';
import { Environment } from './environment.js';
import { factoryThrew } from './faults.js';
import { isDynamics } from './guard.js';
import type { DynamicsFactory, EnvironmentEntry, MakeOptions, Registration } from './registration.js';
import type { Dynamics, EnvironmentSpec } from './types.js';

const added = new Map<string, Registration>();

/**
 * Makes `id` known to `make` and `makeVector`. Throws `rl/registered` where the name is taken (by another factory).
 *
 *     register('Corridor-v0', () => new Corridor(), { maxSteps: 100 });
 */
export function register(
  id: string,
  factory: DynamicsFactory,
  rest: Omit<Registration, 'factory'> = {},
): void {
  const known = builtinOf(id) ?? added.get(id);
  if (known && known.factory !== factory) {
    throw new FimError({
      code: 'rl/registered',
      kind: 'usage',
      where: `register('${id}')`,
      rule: 'every environment has a name of its own',
      got: builtinOf(id) ? 'the name of an environment of fim' : 'a name that is registered already',
      next: `register('${id.replace(/(-v\d+)?$/, '')}-v${1 + Number(/-v(\d+)$/.exec(id)?.[1] ?? -1)}', …)`,
    });
  }
  added.set(id, { ...rest, factory });
}

/**
 * The environment `id`. Throws `rl/unknown`, `rl/option`, and `rl/mujoco-missing` where MuJoCo's package is not installed.
 * Throws `rl/environment-threw`.
 * @throws FimError with `rl/dynamics`, `rl/space`
 *
 * @example
 * ```ts
 * import { make } from 'fim/rl';
 *
 * const env = await make('CartPole-v1');
 * env.reset({ seed: 1 });
 * console.log(env.step(0).reward); // 1
 * ```
 */
export async function make(id: string, options: MakeOptions = {}): Promise<Environment> {
  const registration = registrationOf(id);
  const { maxSteps, ...settings } = options;
  const allowed = registration.options;
  for (const name of Object.keys(settings)) {
    if (!allowed || allowed.includes(name)) continue;
    const close = nearest(name, [...allowed, 'maxSteps']);
    throw badOption(
      id,
      `has the options ${[...allowed, 'maxSteps'].join(', ')}`,
      name,
      close === null ? undefined : `make('${id}', { ${close}: … })`,
    );
  }
  const own = builtinOf(id) === undefined;
  const name = own ? (registration.file ?? id) : null;
  let dynamics: Dynamics;
  try {
    dynamics = await registration.factory(settings);
  } catch (error) {
    throw name === null || error instanceof FimError ? error : factoryThrew(name, error);
  }
  return environmentOf(
    id,
    dynamics,
    {
      maxSteps: maxSteps === undefined ? (registration.maxSteps ?? null) : maxSteps,
      threshold: registration.threshold ?? null,
    },
    name,
  );
}

/**
 * An environment from dynamics, without a name in the registry. Throws `rl/dynamics` where a part of them is missing,
 * `rl/option` for a time limit that is no positive whole number.
 * @throws FimError with `rl/space`
 */
export function environment(
  id: string,
  dynamics: Dynamics,
  rest: Partial<Omit<EnvironmentSpec, 'id'>> = {},
): Environment {
  return environmentOf(id, dynamics, rest, id);
}

function environmentOf(
  id: string,
  dynamics: Dynamics,
  rest: Partial<Omit<EnvironmentSpec, 'id'>>,
  watched: string | null,
): Environment {
  isDynamics(watched ?? id, dynamics);
  const { maxSteps = null, threshold = null } = rest;
  if (maxSteps !== null && !(Number.isSafeInteger(maxSteps) && maxSteps > 0)) {
    throw badOption(id, 'maxSteps is a positive whole number, or null for no limit', String(maxSteps));
  }
  return new Environment({ id, maxSteps, threshold }, dynamics, watched);
}

function builtinOf(id: string): Registration | undefined {
  return Object.hasOwn(builtin, id) ? builtin[id] : undefined;
}

/** What was registered as `id`. Throws `rl/unknown`. */
export function registrationOf(id: string): Registration {
  const found = builtinOf(id) ?? added.get(id);
  if (found) return found;
  const names = [...Object.keys(builtin), ...added.keys()];
  const close = suggestEnvironment(id);
  throw new FimError({
    code: 'rl/unknown',
    kind: 'usage',
    where: `environment '${id}'`,
    rule: `is one of ${names.join(', ')}`,
    ...(close === null ? {} : { next: `await make('${close}')` }),
  });
}

/** The environment that may be meant: of the same name but for version, capitals and dashes (`CartPole`, `cart-pole-v0`), or the nearest. */
export function suggestEnvironment(id: string): string | null {
  const names = [...Object.keys(builtin), ...added.keys()];
  const stem = (name: string): string =>
    name
      .replace(/-v\d+$/i, '')
      .toLowerCase()
      .replace(/[^a-z0-9]/g, '');
  const same = names.filter((name) => stem(name) === stem(id));
  return same.at(-1) ?? nearest(id, names);
}

/** Every environment of fim, and those registered with their spaces, in the order that lists show. */
export function listEnvironments(): EnvironmentEntry[] {
  const entries = [...Object.entries(builtin), ...added.entries()];
  return entries.flatMap(([id, r]) =>
    r.spaces
      ? [
          {
            id,
            family: r.family ?? 'yours',
            summary: r.summary ?? '',
            maxSteps: r.maxSteps ?? null,
            threshold: r.threshold ?? null,
            ...r.spaces(),
          },
        ]
      : [],
  );
}
