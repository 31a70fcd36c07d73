/**
 * @module fisher/sums/digests
 *
 * Digests of what sums are of: SHA-256 of a network's graph and fixed weights, of its parameters θ, and of arrays by name. The graph
 * is written as one line a node in its own order: operator, attributes, operands, type and shape. Cost: one pass over the bytes.
 */
import { sha256, sha256Of } from '../../core/sha256.js';
import { readerOf, rowBlocks } from '../../core/stored-tensor.js';
import { tensor, type Tensor } from '../../core/tensor.js';
import { nodesOf, type Value } from '../../graph/index.js';
import type { Network } from '../../model/network.js';

const utf8 = new TextEncoder();

const bytesOf = ({ data }: Pick<Tensor, 'data'>): Uint8Array =>
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

/** Of named arrays in the order of their names: each with its type, its shape and its numbers. */
export function digestOfTensors(tensors: ReadonlyMap<string, Tensor>): string {
  return sha256Of(partsOf(tensors));
}

function* partsOf(tensors: ReadonlyMap<string, Tensor>): Generator<Uint8Array> {
  for (const name of [...tensors.keys()].sort()) {
    const t = tensors.get(name) as Tensor;
    yield utf8.encode(`${JSON.stringify([name, t.dtype, t.shape])}\n`);
    const rows = readerOf(t);
    if (rows === null) yield bytesOf(t);
    else
      for (const { values } of rowBlocks({ dtype: t.dtype, shape: t.shape, rows }))
        yield bytesOf({ data: values });
  }
}

/** Of numbers. */
export const digestOfNumbers = (values: Float64Array): string => sha256(bytesOf({ data: values }));

/** Of a network: its graph with all that is held fixed, and its parameters. */
export function networkDigests(network: Network): { network: string; parameters: string } {
  const numbers = (values: ReadonlyMap<string, Value>) =>
    new Map(
      [...values.keys()].flatMap((name) => {
        const t = network.weights.get(name);
        return t ? [[name, t] as const] : [];
      }),
    );
  const fixed = digestOfTensors(numbers(network.fixed));
  return {
    network: sha256(utf8.encode(`${graphText(network)}fixed ${fixed}\n`)),
    parameters: digestOfTensors(numbers(network.parameters)),
  };
}

/** Whether a digest of parameters is of this network's, in either precision. */
export function isOfParameters(network: Network, digest: string): boolean {
  const own = new Map(
    [...network.parameters.keys()].flatMap((name) => {
      const t = network.weights.get(name);
      return t ? [[name, t] as const] : [];
    }),
  );
  const as = (dtype: 'float32' | 'float64'): ReadonlyMap<string, Tensor> =>
    new Map(
      [...own].map(([name, { shape, data }]) => {
        const numbers = data as ArrayLike<number>;
        return [
          name,
          tensor(dtype, shape, dtype === 'float32' ? Float32Array.from(numbers) : Float64Array.from(numbers)),
        ];
      }),
    );
  return [own, as('float32'), as('float64')].some((tensors) => digestOfTensors(tensors) === digest);
}

function graphText({ inputs, parameters, fixed, h }: Network): string {
  const names = new Map<Value, string>();
  const lines: string[] = [];
  const declare = (kind: string, values: ReadonlyMap<string, Value>) => {
    for (const [name, v] of values) {
      names.set(v, `${kind} ${JSON.stringify(name)}`);
      lines.push(`${kind} ${JSON.stringify([name, v.dtype, v.shape])}`);
    }
  };
  declare('input', inputs);
  declare('parameter', parameters);
  declare('fixed', fixed);
  const of = (v: Value): string => {
    const known = names.get(v);
    if (known !== undefined) return known;
    const own = v.constant
      ? `constant ${digestOfTensors(new Map([['', v.constant]]))}`
      : `leaf ${JSON.stringify([v.dtype, v.shape])}`;
    names.set(v, own);
    return own;
  };
  nodesOf([h]).forEach(({ op, attrs, inputs: operands, output }, i) => {
    names.set(output, `%${i}`);
    const { dtype, shape } = output;
    lines.push(`%${i} ${op} ${JSON.stringify([attrs, operands.map(of), dtype, shape])}`);
  });
  lines.push(`output ${of(h)}`);
  return `${lines.join('\n')}\n`;
}
