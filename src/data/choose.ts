/**
 * @module data/choose
 *
 * Chooses the array of a file that feeds an input of the graph: the one of the same name; else, for a graph with one input,
 * `x`; else what the user says. Targets are `y`, or what the user says. Anything else is an error that lists the
 * arrays, never a guess.
 */
import { FimError } from '../core/errors.js';
import { placeholder, setting } from '../core/settings/reference.js';
import { listArrays, missingArray } from './array-file.js';
import type { ArrayFile } from './array-file.js';

export interface ChoiceOptions {
  /** Names of the graph's inputs. */
  inputs: readonly string[];
  /** Inputs that need no array. */
  optional?: ReadonlySet<string> | undefined;
  /** Array for an input, by the input's name (`--input NAME=ARRAY`). */
  arrays?: Readonly<Record<string, string>> | undefined;
  /** Array of the targets (`--targets NAME`). */
  targets?: string | undefined;
  /** Whether the command cannot do without targets. */
  requireTargets?: boolean | undefined;
}

export interface Choice {
  /** For each input of the graph, the array that feeds it; optional inputs may be missing. */
  readonly inputs: ReadonlyMap<string, string>;
  readonly targets: string | null;
}

/** Chooses the arrays. Throws `arrays/missing`, `data/inputs`, `data/input-name` or `data/targets`. */
export function chooseArrays(file: ArrayFile, options: ChoiceOptions): Choice {
  const said = options.arrays ?? {};
  for (const name of Object.keys(said)) {
    if (options.inputs.includes(name)) continue;
    throw new FimError({
      code: 'data/input-name',
      kind: 'usage',
      where: setting('input', { [name]: said[name] }),
      rule: 'the name before = is an input of the network',
      got: `the network's inputs are ${options.inputs.join(', ')}`,
      next: setting('input', { [options.inputs[0]]: said[name] }),
    });
  }
  const optional = options.optional ?? new Set<string>();
  const needed = options.inputs.filter((name) => !optional.has(name));
  const only = needed.length === 1 ? needed[0] : options.inputs.length === 1 ? options.inputs[0] : null;
  const inputs = new Map<string, string>();
  const unfed: string[] = [];
  for (const name of options.inputs) {
    const array = chooseInput(file, name, said, only === name);
    if (array === null && !optional.has(name)) unfed.push(name);
    else if (array === null) continue;
    else inputs.set(name, array);
  }
  if (unfed.length > 0 || inputs.size === 0)
    throw unfedFailure(file, unfed.length > 0 ? unfed : options.inputs, options);
  return { inputs, targets: chooseTargets(file, [...inputs.values()], options) };
}

function chooseInput(
  file: ArrayFile,
  name: string,
  said: Readonly<Record<string, string>>,
  only: boolean,
): string | null {
  if (Object.hasOwn(said, name)) {
    if (!file.names.includes(said[name]))
      throw missingArray(file, said[name], setting('input', { [name]: file.names[0] }));
    return said[name];
  }
  if (file.names.includes(name)) return name;
  return only && file.names.includes('x') ? 'x' : null;
}

function chooseTargets(file: ArrayFile, used: readonly string[], options: ChoiceOptions): string | null {
  const { targets } = options;
  const rest = file.names.filter((name) => !used.includes(name));
  if (targets !== undefined) {
    if (file.names.includes(targets)) return targets;
    throw missingArray(file, targets, rest.length > 0 ? setting('targets', rest[0]) : 'leave `targets` out');
  }
  if (rest.includes('y')) return 'y';
  if (options.requireTargets !== true) return null;
  throw new FimError({
    code: 'data/targets',
    where: file.where,
    rule: 'targets are needed here: the array y, or one that you name',
    got: listArrays(file),
    next:
      rest.length > 0
        ? setting('targets', rest[0])
        : "save them beside the inputs: np.savez('data.npz', x=x, y=y)",
  });
}

function unfedFailure(file: ArrayFile, unfed: readonly string[], options: ChoiceOptions): FimError {
  const one = options.inputs.length === 1;
  const free = file.names.filter((name) => name !== 'y' && name !== options.targets);
  const candidates = free.length > 0 ? free : file.names;
  return new FimError({
    code: 'data/inputs',
    where: file.where,
    rule: one
      ? `the network's input ${unfed[0]} takes the array of that name, or x, or one that you name`
      : `each input of the network takes the array of its name; missing: ${unfed.join(', ')}`,
    got: listArrays(file),
    next: setting(
      'input',
      Object.fromEntries(unfed.map((name, i) => [name, candidates[i] ?? placeholder('ARRAY')])),
    ),
  });
}
