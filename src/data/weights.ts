/**
 * @module data/weights
 *
 * `--weights FILE`: other values for the parameters of a graph, by name. Every parameter must be there with its own
 * shape and finite; what else the file holds is reported, not used.
 */
import { FimError } from '../core/errors.js';
import { isFloat, sameShape } from '../core/tensor.js';
import type { Tensor } from '../core/tensor.js';
import { infoText, listArrays, shapeText } from './array-file.js';
import type { ArrayFile } from './array-file.js';

/** A parameter of the graph. */
export interface WeightSpec {
  /** Its name in the graph. */
  readonly name: string;
  /** Its shape. */
  readonly shape: readonly number[];
}

/** Tensors of a file, matched to a network's weights. */
export interface Weights {
  /** Values by parameter, in the graph's order and the file's precision (float32 or float64). */
  readonly values: ReadonlyMap<string, Tensor<'float32'> | Tensor<'float64'>>;
  /** Arrays of the file that no parameter asked for: to be shown to the user. */
  readonly unused: readonly string[];
}

/** Names listed in a message. */
const LISTED = 8;

/**
 * Takes the parameters' values from a file. Throws `weights/missing`, `weights/shape`, `weights/dtype` or
 * `weights/not-finite` (all bad input), and the codec's errors.
 */
export function matchWeights(file: ArrayFile, parameters: readonly WeightSpec[]): Weights {
  const missing = parameters.filter(({ name }) => !file.names.includes(name));
  if (missing.length > 0) throw missingFailure(file, missing, parameters.length);
  const values = new Map<string, Tensor<'float32'> | Tensor<'float64'>>();
  for (const { name, shape } of parameters) {
    const where = `${file.where}: array ${name}`;
    const info = file.describe(name);
    if (!sameShape(info.shape, shape)) throw shapeFailure(where, info.shape, shape);
    const t = file.get(name);
    if (!isFloat(t.dtype)) {
      throw new FimError({
        code: 'weights/dtype',
        where,
        rule: 'weights are floating-point numbers',
        got: infoText(info),
        next: 'save the weights, not their quantised form: tensor.float()',
      });
    }
    checkFinite(t as Tensor<'float64'>, where);
    values.set(name, t as Tensor<'float64'>);
  }
  const wanted = new Set(parameters.map(({ name }) => name));
  return { values, unused: file.names.filter((name) => !wanted.has(name)) };
}

function missingFailure(file: ArrayFile, missing: readonly WeightSpec[], total: number): FimError {
  const names = missing.slice(0, LISTED).map(({ name, shape }) => `${name} ${shapeText(shape)}`);
  const prefix = commonPrefix(file, missing);
  const more = missing.length > LISTED ? `, and ${missing.length - LISTED} more` : '';
  return new FimError({
    code: 'weights/missing',
    where: file.where,
    rule: `the file must hold every parameter of the network; ${missing.length} of ${total} are missing: ${names.join(', ')}${more}`,
    got: listArrays(file),
    cause:
      prefix === null
        ? 'weights of another network, or names that the ONNX exporter changed (fim inspect lists them)'
        : `the names in the file begin with "${prefix}"`,
    next:
      prefix === null
        ? 'export the network anew with these weights, and leave `weights` out'
        : `rename before saving: {k.removeprefix('${prefix}'): v for k, v in state.items()}`,
  });
}

/** The prefix that, removed from the file's names, gives every missing one; null where there is none. */
function commonPrefix(file: ArrayFile, missing: readonly WeightSpec[]): string | null {
  const first = file.names.find((name) => name.endsWith(`.${missing[0].name}`));
  if (first === undefined) return null;
  const prefix = first.slice(0, first.length - missing[0].name.length);
  return missing.every(({ name }) => file.names.includes(prefix + name)) ? prefix : null;
}

function shapeFailure(where: string, got: readonly number[], want: readonly number[]): FimError {
  const transposed = want.length === 2 && sameShape(got, [want[1], want[0]]);
  return new FimError({
    code: 'weights/shape',
    where,
    rule: `the parameter has shape ${shapeText(want)}`,
    got: shapeText(got),
    cause: transposed ? 'the exporter stored the transposed matrix' : 'weights of another network',
    next: transposed ? 'save the transposed one: tensor.T.contiguous()' : 'use the weights of this network',
  });
}

function checkFinite(t: Tensor<'float64'>, where: string): void {
  const bad = t.data.findIndex((v) => !Number.isFinite(v));
  if (bad < 0) return;
  const count = t.data.reduce((s, v) => s + (Number.isFinite(v) ? 0 : 1), 0);
  throw new FimError({
    code: 'weights/not-finite',
    where,
    rule: 'every weight must be finite',
    got: `${t.data[bad]} at element ${bad}, ${count} such of ${t.data.length}`,
    cause: 'the training diverged',
    next: 'use an earlier checkpoint',
  });
}
