/**
 * @module store/training/grid-file
 *
 * A comparison from JSON:
 *
 *   {
 *     "arms": ["ppo", { "name": "a2c-control", "algorithm": "a2c", "set": { "critic": "separate" },
 *                       "environments": { "Acrobot-v1": { "learningRate": 0.1 } } }],
 *     "environments": ["CartPole-v1", { "id": "Acrobot-v1", "steps": 200000, "set": { "discount": 0.99 } },
 *                      { "id": "FrozenLake-v1", "maxSteps": 200, "options": { "isSlippery": false } }],
 *     "steps": 100000,
 *     "seeds": 5
 *   }
 *
 * and `title`, `reference` (an arm), `trackFisher`. Nothing else is let through: a misspelt name is answered with the one that was meant.
 */
import { FimError } from '../../core/errors.js';
import { nearest } from '../../core/suggest.js';
import { type AlgorithmName, ALGORITHMS } from '../../rl/algorithms/types.js';
import type { Override, Overrides } from '../../rl/train/overrides.js';
import type { EnvironmentSettings } from '../../rl/registration.js';
import { type Arena, arenaName, type Arm, type Comparison } from './grid.js';

type Fields = Readonly<Record<string, unknown>>;

/** Reads a comparison; `where` names it in complaints. Throws `compare/…`. */
export function readComparison(value: unknown, where: string): Comparison {
  const fields = record(value, where, [
    'title',
    'arms',
    'environments',
    'steps',
    'seeds',
    'reference',
    'trackFisher',
  ]);
  const steps = fields.steps === undefined ? null : whole(fields.steps, 1, `${where}: steps`);
  const environments = list(fields.environments, `${where}: environments`).map((e, i) =>
    arenaOf(e, `${where}: environments[${i}]`, steps),
  );
  const ids = environments.map((e) => e.id);
  const arms = list(fields.arms, `${where}: arms`).map((a, i) => armOf(a, `${where}: arms[${i}]`, ids));
  const { title, reference, trackFisher } = fields;
  return checkComparison(
    {
      title: title === undefined ? defaultTitle(arms, environments) : text(title, `${where}: title`),
      arms,
      environments,
      seeds: seedsOf(fields.seeds ?? 5, `${where}: seeds`),
      ...(reference === undefined ? {} : { reference: text(reference, `${where}: reference`) }),
      ...(trackFisher === undefined ? {} : { trackFisher: whole(trackFisher, 1, `${where}: trackFisher`) }),
    },
    where,
  );
}

/** The comparison as it is, its names distinct. Throws `compare/twice`, `compare/reference`. */
export function checkComparison(comparison: Comparison, where: string): Comparison {
  const { arms, environments, seeds, reference } = comparison;
  const names = arms.map((a) => a.name);
  // Folders may not tell capitals apart.
  once(
    names.map((n) => n.toLowerCase()),
    `${where}: arms`,
    'arms have names of their own',
  );
  once(environments.map(arenaName), `${where}: environments`, 'an environment stands once');
  once(seeds.map(String), `${where}: seeds`, 'a seed stands once');
  if (reference !== undefined && !names.includes(reference))
    throw choice('compare/reference', `${where}: reference`, 'names an arm', reference, names);
  return comparison;
}

/** An algorithm by name. Throws `compare/algorithm` with the nearest. */
export function algorithmOf(name: string, where: string): AlgorithmName {
  const found = ALGORITHMS.find((a) => a === name);
  if (found !== undefined) return found;
  throw choice('compare/algorithm', where, 'is an algorithm', name, ALGORITHMS);
}

/** Most seeds of a comparison, in a file as on a command line. */
export const MOST_SEEDS = 1000;

/** n seeds from 0 on, or those listed. Throws `compare/value`. */
export function seedsOf(value: unknown, where: string): number[] {
  if (Array.isArray(value) && value.length > MOST_SEEDS)
    throw wrong(where, `is at most ${MOST_SEEDS} seeds`, `a list of ${value.length}`);
  if (Array.isArray(value) && value.length > 0) return value.map((v) => whole(v, 0, where));
  if (Array.isArray(value)) throw wrong(where, 'is a number of seeds, or a list of them', '[]');
  const count = whole(value, 1, where);
  if (count > MOST_SEEDS) throw wrong(where, `is at most ${MOST_SEEDS} seeds`, String(count));
  return Array.from({ length: count }, (_, i) => i);
}

export function defaultTitle(arms: readonly Arm[], environments: readonly Arena[]): string {
  const words = (names: readonly string[], many: string): string =>
    names.length <= 3 ? names.join(', ') : `${names.length} ${many}`;
  return `${words(
    arms.map((a) => a.name),
    'algorithms',
  )} in ${words(environments.map(arenaName), 'environments')}`;
}

function armOf(value: unknown, where: string, ids: readonly string[]): Arm {
  if (typeof value === 'string')
    return { name: value, algorithm: algorithmOf(value, where), set: {}, environments: {} };
  const fields = record(value, where, ['name', 'algorithm', 'set', 'environments']);
  const algorithm = algorithmOf(text(fields.algorithm, `${where}: algorithm`), `${where}: algorithm`);
  const name = fields.name === undefined ? algorithm : text(fields.name, `${where}: name`);
  if (!/^[\p{L}\p{N}][\p{L}\p{N} ._+=()-]{0,63}$/u.test(name))
    throw wrong(
      `${where}: name`,
      'begins with a letter or digit and goes on with these, blanks and . _ + = ( ) -',
      name,
    );
  const environments = record(fields.environments ?? {}, `${where}: environments`, ids);
  return {
    name,
    algorithm,
    set: overridesOf(fields.set ?? {}, `${where}: set`),
    environments: Object.fromEntries(
      Object.entries(environments).map(([id, set]) => [id, overridesOf(set, `${where}: ${id}`)]),
    ),
  };
}

function arenaOf(value: unknown, where: string, steps: number | null): Arena {
  const fields: Fields =
    typeof value === 'string'
      ? { id: value }
      : record(value, where, ['id', 'steps', 'set', 'maxSteps', 'options']);
  const options = optionsOf(fields, where);
  const own = fields.steps === undefined ? steps : whole(fields.steps, 1, `${where}: steps`);
  if (own === null)
    throw wrong(
      where,
      'has steps, of its own or for all',
      'neither',
      '"steps": 100000 beside "environments"',
    );
  return {
    id: text(fields.id, `${where}: id`),
    ...(options === null ? {} : { options }),
    steps: own,
    set: overridesOf(fields.set ?? {}, `${where}: set`),
  };
}

/** `options` with `maxSteps` among them; null where neither is there. */
function optionsOf(fields: Fields, where: string): EnvironmentSettings | null {
  const { options, maxSteps } = fields;
  if (options === undefined && maxSteps === undefined) return null;
  const given = record(options ?? {}, `${where}: options`, null);
  for (const [name, v] of Object.entries(given)) {
    const plain = (x: unknown): boolean => ['number', 'string'].includes(typeof x);
    if (plain(v) || typeof v === 'boolean' || v === null || (Array.isArray(v) && v.every(plain))) continue;
    throw wrong(
      `${where}: options: ${name}`,
      'is a number, a word, true, false, null or a list of these',
      shown(v),
    );
  }
  const limit = maxSteps === undefined ? {} : { maxSteps: whole(maxSteps, 1, `${where}: maxSteps`) };
  return { ...given, ...limit };
}

function overridesOf(value: unknown, where: string): Overrides {
  const fields = record(value, where, null);
  for (const [name, v] of Object.entries(fields)) {
    const plain = ['number', 'string', 'boolean'].includes(typeof v);
    if (!plain && !(Array.isArray(v) && v.every((x) => typeof x === 'number')))
      throw wrong(
        `${where}: ${name}`,
        'is a number, a word, true, false or a list of numbers',
        JSON.stringify(v),
      );
  }
  return fields as Record<string, Override>;
}

/** An object with no other keys than these; null: any. */
function record(value: unknown, where: string, keys: readonly string[] | null): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw wrong(where, 'is a JSON object', shown(value));
  const stray = keys === null ? undefined : Object.keys(value).find((key) => !keys.includes(key));
  if (stray !== undefined) throw choice('compare/name', where, 'has these names only', stray, keys ?? []);
  return value as Fields;
}

function list(value: unknown, where: string): readonly unknown[] {
  if (Array.isArray(value) && value.length > 0) return value;
  throw wrong(where, 'is a list of at least one', shown(value));
}

function text(value: unknown, where: string): string {
  if (typeof value === 'string' && value !== '') return value;
  throw wrong(where, 'is a word', shown(value));
}

function whole(value: unknown, least: number, where: string): number {
  if (Number.isSafeInteger(value) && (value as number) >= least) return value as number;
  throw wrong(where, `is a whole number, at least ${least}`, shown(value));
}

function once(values: readonly string[], where: string, rule: string): void {
  const twice = values.find((v, i) => values.indexOf(v) !== i);
  if (twice !== undefined)
    throw new FimError({ code: 'compare/twice', kind: 'usage', where, rule, got: `${twice} twice` });
}

const shown = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value));

function wrong(where: string, rule: string, got: string, next?: string): FimError {
  return new FimError({
    code: 'compare/value',
    kind: 'usage',
    where,
    rule,
    got,
    ...(next === undefined ? {} : { next }),
  });
}

function choice(code: string, where: string, rule: string, got: string, names: readonly string[]): FimError {
  const near = nearest(got, names);
  return new FimError({
    code,
    kind: 'usage',
    where,
    rule: `${rule}: ${names.join(', ')}`,
    got,
    ...(near === null ? {} : { next: `did you mean "${near}"?` }),
  });
}
