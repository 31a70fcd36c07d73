/**
 * @module data/load-arrays
 *
 * A data set from a file of named arrays: each input of the graph is held against the array that feeds it.
 */
import { FimError } from '../core/errors.js';
import { setting } from '../core/settings/reference.js';
import type { Tensor } from '../core/tensor.js';
import { type ArrayFile, missingArray } from './array-file.js';
import { byRows, digestOf } from './by-rows.js';
import { chooseArrays } from './choose.js';
import { classTargets } from './class-names.js';
import { conformInput, finiteTargets, type Leniency } from './conform.js';
import { type Dataset, type DatasetParts, makeDataset } from './dataset.js';
import { fillInputs } from './fill-inputs.js';
import { type LoadOptions, scaleFor } from './load-options.js';
import type { DataFile, Spools } from './source.js';

/** The data set of a file of named arrays. Throws what `chooseArrays`, `conformInput` and `makeDataset` throw. */
export function loadArrays(
  opened: DataFile,
  file: ArrayFile,
  options: LoadOptions,
  spools: Spools,
  leniency?: Leniency,
): Dataset {
  const targets = (name: string | null): Tensor | null =>
    name === null ? null : options.classes ? namedTargets(file, name, options.classes) : file.get(name);
  const parts = assemble(file, options, targets, leniency);
  return makeDataset({ ...parts, ...byRows(opened, parts, spools), hash: digestOf(opened) });
}

/** Inputs, targets and weights of a file of named arrays; `targetsOf` reads the targets by their name. */
export function assemble(
  file: ArrayFile,
  options: LoadOptions,
  targetsOf: (name: string | null) => Tensor | null,
  leniency?: Leniency,
): DatasetParts {
  const choice = chooseArrays(file, {
    ...options,
    inputs: options.inputs.map(({ name }) => name),
    optional: new Set(options.inputs.filter((i) => i.otherwise !== undefined).map((i) => i.name)),
  });
  const scale = scaleFor(options);
  const inputs = new Map<string, Tensor>();
  for (const spec of options.inputs) {
    const name = choice.inputs.get(spec.name);
    if (name === undefined) continue;
    const array = file.get(name);
    inputs.set(spec.name, conformInput(array, spec, `${file.where}: array ${name}`, scale, leniency));
  }
  const found = targetsOf(choice.targets);
  const named = `${file.where}: array ${choice.targets ?? options.targets ?? 'targets'}`;
  const targets = found && finiteTargets(found, named);
  const { exampleWeights: name } = options;
  const weights = name === undefined ? null : weightArray(file, name);
  const notes = fillInputs(inputs, options.inputs, file.where);
  return { source: file.where, inputs, targets, exampleWeights: weights, notes };
}

/** Labels of an array, words or numbers, as class numbers. */
function namedTargets(file: ArrayFile, name: string, classes: readonly string[]): Tensor {
  const where = `${file.where}: array ${name}`;
  const { dtype, shape } = file.describe(name);
  if (file.text && (dtype === 'string' || dtype === 'bytes')) {
    return classTargets(file.text(name), shape, classes, where);
  }
  const t = file.get(name);
  return classTargets(t.data, t.shape, classes, where);
}

/** The array of the weights. Throws `arrays/missing`, `data/example-weights`. */
function weightArray(file: ArrayFile, name: string): Tensor {
  if (!file.names.includes(name)) {
    const rest = file.names.filter((n) => /w/i.test(n));
    throw missingArray(file, name, setting('exampleWeights', rest[0] ?? file.names[0]));
  }
  return flatWeights(file.get(name), `${file.where}: array ${name}`);
}

/** [N] or [N, 1] as [N]. Throws `data/example-weights`. */
export function flatWeights(t: Tensor, where: string): Tensor {
  if (t.shape.length >= 1 && t.shape.slice(1).every((d) => d === 1)) return { ...t, shape: [t.shape[0]] };
  throw new FimError({
    code: 'data/example-weights',
    where,
    rule: 'weights of examples have the shape [N], one number each',
    got: `shape [${t.shape.join(', ')}]`,
    next: 'save one number for each example',
  });
}
