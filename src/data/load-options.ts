/**
 * @module data/load-options
 *
 * Options of reading a data set, and the refusal of those that a file's format cannot follow.
 */
import { FimError } from '../core/errors.js';
import { setting } from '../core/settings/reference.js';
import { isFloat } from '../core/tensor.js';
import type { DataFormat } from './format.js';
import type { InputSpec } from './input-spec.js';
import { parseScale, type Scale } from './scale.js';

/** Which arrays of a file are inputs, targets and weights, and how numbers are scaled. */
export interface LoadOptions {
  /** The graph's inputs, one example's shape each. */
  inputs: readonly InputSpec[];
  /** Array for an input, by the input's name (`--input NAME=ARRAY`). */
  arrays?: Readonly<Record<string, string>> | undefined;
  /** Array of the targets (`--targets NAME`); for `.npy` and IDX data, the file that holds them. */
  targets?: string | undefined;
  /** Column, or columns, of the targets in a CSV or Parquet file (`--target-column NAME`). */
  targetColumn?: string | readonly string[] | undefined;
  /** Array, or column of a CSV or Parquet file, of the weights of the examples (`--example-weights NAME`); for `.npy` and IDX data, a file. */
  exampleWeights?: string | undefined;
  /** Names of the columns that the network was trained on, in its order: those of a table are matched by name. */
  columns?: readonly string[] | null | undefined;
  /** Names of the classes in the order of the outputs, for targets that are words or other numbers (`--classes a,b,c`). */
  classes?: readonly string[] | null | undefined;
  /** Factor for the floating-point input (`--scale 1/255`). */
  scale?: string | number | undefined;
  /** Whether the command cannot do without targets. */
  requireTargets?: boolean | undefined;
  /** Files of up to so many bytes are held in memory; of larger ones the rows are read as they are visited, where the format allows it. Default 2²⁸. */
  wholeUpTo?: number | undefined;
}

/** Callers without types may leave the inputs out: an array has no meaning before it is said what it feeds. Throws `data/inputs`. */
export function requireInputs(path: string, options: Partial<LoadOptions> | undefined): void {
  const inputs: unknown = options?.inputs;
  if (Array.isArray(inputs) && inputs.length > 0) return;
  throw new FimError({
    code: 'data/inputs',
    kind: 'usage',
    where: `loadDataset('${path}')`,
    rule: 'options.inputs lists the inputs of the network that the data feed, at least one',
    got: inputs === undefined ? 'no inputs' : JSON.stringify(inputs),
    next: `openDataset('${path}', network) takes them from the network; else inputs: [{ name: 'x', dtype: 'float32', shape: [8] }]`,
  });
}

/** Throws `data/option` and `data/targets` where a file of this format cannot give what is asked for. */
export function checkOptions(path: string, format: DataFormat, options: LoadOptions): void {
  const single = format === 'npy' || format === 'idx';
  const refuse = (where: string, rule: string, next: string): never => {
    throw new FimError({
      code: 'data/option',
      kind: 'usage',
      where,
      rule,
      got: `${path}, a file of ${format}`,
      next,
    });
  };
  if (format === 'csv' && options.targets !== undefined) {
    refuse('`targets`', 'a CSV file has columns, not arrays', setting('targetColumn', options.targets));
  }
  if (format !== 'csv' && format !== 'parquet' && options.targetColumn !== undefined) {
    refuse(
      '`targetColumn`',
      'only CSV and Parquet files have columns',
      setting('targets', [options.targetColumn].flat()[0]),
    );
  }
  if (single && options.requireTargets === true && options.targets === undefined) {
    throw new FimError({
      code: 'data/targets',
      where: path,
      rule: 'targets are needed here, and this file holds one array',
      got: `a file of ${format}`,
      next: format === 'idx' ? "`targets: 'train-labels-idx1-ubyte'`" : "`targets: 'y.npy'`",
    });
  }
  if (single || format === 'csv') requireOneInput(path, format, options);
}

/** Throws `data/inputs` where a network of several inputs is to be fed by a file that feeds one. */
export function requireOneInput(path: string, format: string, { inputs }: LoadOptions): void {
  const needed = inputs.filter((i) => i.otherwise === undefined);
  if (inputs.length === 1 || needed.length === 1) return;
  throw new FimError({
    code: 'data/inputs',
    where: path,
    rule: `the network has ${inputs.length} inputs, ${inputs.map(({ name }) => name).join(', ')}`,
    got: `a file of ${format}, which feeds one`,
    next: `np.savez('data.npz', ${inputs.map(({ name }) => `${name}=${name}`).join(', ')}, y=y)`,
  });
}

/** The scale of the one floating-point input, or null. Throws `data/scale`. */
export function scaleFor(options: LoadOptions): Scale | null {
  if (options.scale === undefined) return null;
  const scale = parseScale(options.scale);
  const floats = options.inputs.filter(({ dtype }) => isFloat(dtype));
  const fed = floats.filter(({ otherwise }) => otherwise === undefined);
  if (fed.length === 1 || floats.length === 1) return scale;
  throw new FimError({
    code: 'data/scale',
    kind: 'usage',
    where: '`scale`',
    rule: 'a scale is for a network with one floating-point input',
    got: options.inputs.map(({ name, dtype }) => `${name} ${dtype}`).join(', '),
    next: 'scale the arrays before saving them',
  });
}
