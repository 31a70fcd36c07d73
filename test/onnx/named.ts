/**
 * @module test/onnx/named
 *
 * A network read under the names and numbers of a framework's parameters, and its outputs by the oracle.
 */
import type { FloatArray, Tensor } from '../../src/core/tensor.js';
import { evaluate } from '../../src/engine/oracle/evaluate.js';
import { nodesOf } from '../../src/graph/index.js';
import { type LoadedNetwork, loadNetwork } from '../../src/model/load.js';
import type { NamesFile } from '../../src/model/names/index.js';

/** A file of names with numbers, as `numpy.savez` writes `named_parameters()`. */
export const namesFile = (given: Readonly<Record<string, Tensor>>): NamesFile => ({
  where: 'names.npz',
  entries: Object.entries(given).map(([name, t]) => ({ name, shape: t.shape, values: t })),
  aside: [],
});

/** Reads a model in float64, categorical; null: without names. */
export const openNamed = (bytes: Uint8Array, names: NamesFile | null): LoadedNetwork =>
  loadNetwork(bytes, {
    file: 'm.onnx',
    likelihood: 'categorical',
    dtype: 'float64',
    ...(names && { names }),
  });

/** h of `n` examples, the input x of this shape. */
export function outputsAt(
  { network }: LoadedNetwork,
  n: number,
  shape: readonly number[],
  data: FloatArray,
): number[] {
  const all = [...network.parameters, ...network.fixed];
  const values = new Map(all.map(([name, v]) => [v, network.weights.get(name) as Tensor]));
  const inputs = nodesOf([network.h]).flatMap((n) => n.inputs);
  for (const x of inputs.filter((v) => v.name === 'x')) values.set(x, { dtype: 'float64', shape, data });
  return [...evaluate([network.h], values, n)[0].data].map(Number);
}
