/**
 * @module jobs/entry-weights
 *
 * Weights of entries from a file of named arrays: one number w_i for each entry of the parameters, of one total or of several.
 */
import { FimError } from '../core/errors.js';
import { nearest } from '../core/suggest.js';
import { type ArrayFile, shapeText } from '../data/array-file.js';
import type { EntryWeights } from '../fisher/entry-weights.js';
import type { Network } from '../model/network.js';

/** A parameter that the output does not depend on: its entries of the Fisher are 0, and weights of them count for nothing. */
export interface IdleParameter {
  /** Its name. */
  readonly name: string;
  /** Its shape. */
  readonly shape: readonly number[];
}

/**
 * Reads them: where every array is named as a parameter, one total that is called as the file is; else every name is NAME/PARAMETER, split
 * at its first `/`, and there is a total for each NAME. Parameters that are left out count 0. Throws `entry-weights/empty`,
 * `entry-weights/mixed`, `entry-weights/unknown`, `entry-weights/shape`, `entry-weights/number` and the codec's errors.
 */
export function readEntryWeights(
  file: ArrayFile,
  network: Pick<Network, 'parameters'>,
  idle: readonly IdleParameter[] = [],
): EntryWeights[] {
  const shapes = new Map<string, readonly number[]>([
    ...idle.map(({ name, shape }) => [name, shape] as const),
    ...[...network.parameters].map(([name, v]) => [name, v.shape as readonly number[]] as const),
  ]);
  if (file.names.length === 0) throw empty(file);
  const plain = file.names.filter((key) => shapes.has(key));
  const totals = new Map<string, Map<string, ArrayLike<number>>>();
  const one = plain.length === file.names.length;
  for (const key of file.names) {
    const { name, parameter } = one ? { name: titleOf(file.where), parameter: key } : partsOf(key);
    const shape = shapes.get(parameter);
    if (!shape) {
      const slip = plain.length === 0 || nearest(key, [...shapes.keys()]) !== null;
      throw slip ? unknown(file, key, parameter, [...shapes.keys()]) : mixed(file, key, plain[0]);
    }
    if (!one && shapes.has(key)) throw mixed(file, file.names.find((k) => !shapes.has(k)) as string, key);
    const total = totals.get(name) ?? new Map<string, ArrayLike<number>>();
    totals.set(name, total);
    const weights = weightsIn(file, key, shape);
    if (network.parameters.has(parameter)) total.set(parameter, weights);
  }
  return [...totals].map(([name, weights]) => ({ name, weights }));
}

/** `contrast` of `runs/contrast.npz`. */
const titleOf = (path: string): string => (path.split(/[\\/]/).pop() as string).replace(/\.[^.]*$/, '');

function partsOf(key: string): { name: string; parameter: string } {
  const slash = key.indexOf('/');
  return { name: slash < 0 ? '' : key.slice(0, slash), parameter: slash < 0 ? key : key.slice(slash + 1) };
}

function weightsIn(file: ArrayFile, key: string, shape: readonly number[]): Float64Array {
  const { shape: own, data } = file.get(key);
  if (own.length !== shape.length || own.some((d, i) => d !== shape[i])) {
    throw new FimError({
      code: 'entry-weights/shape',
      where: `${file.where}: ${key}`,
      rule: 'weights have the shape of their parameter',
      got: `${shapeText(own)}, the parameter ${shapeText(shape)}`,
      next: `numpy.save of an array of shape ${shapeText(shape)}, one weight for each entry`,
    });
  }
  const weights = Float64Array.from(data as ArrayLike<number | bigint>, Number);
  const odd = weights.findIndex((w) => !Number.isFinite(w));
  if (odd < 0) return weights;
  throw new FimError({
    code: 'entry-weights/number',
    where: `${file.where}: ${key}`,
    rule: 'every weight is a finite number',
    got: `${weights[odd]} at place ${odd}`,
    next: 'write 0 for entries that do not count',
  });
}

function empty({ where }: ArrayFile): FimError {
  return new FimError({
    code: 'entry-weights/empty',
    where,
    rule: 'holds an array of weights for one parameter at least',
    got: 'no arrays',
    next: "numpy.savez('weights.npz', **{'fc1.weight': w})",
  });
}

function mixed({ where }: ArrayFile, key: string, parameter: string): FimError {
  return new FimError({
    code: 'entry-weights/mixed',
    where: `${where}: ${key}`,
    rule: 'either every array is named as a parameter, for one total, or every one NAME/PARAMETER',
    got: `"${parameter}", a parameter, beside "${key}", which is none`,
    next: `name it NAME/${parameter}, or leave "${key}" out`,
  });
}

function unknown({ where }: ArrayFile, key: string, parameter: string, known: readonly string[]): FimError {
  const near = nearest(parameter, known);
  return new FimError({
    code: 'entry-weights/unknown',
    where: `${where}: ${key}`,
    rule: 'arrays are named as parameters that are counted, or NAME/PARAMETER',
    got: `no parameter "${parameter}"; there are ${known.join(', ')}`,
    next: near === null ? 'fim inspect MODEL lists them' : `did you mean "${near}"?`,
  });
}
