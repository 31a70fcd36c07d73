/**
 * @module model/network
 *
 * A network is a graph h(x; θ) with the values of its weights beside it, never inside: one derived graph serves a whole training
 * run. `parameters` are what a Fisher is taken of; other weights (running statistics, frozen tensors) are held but not counted.
 */
import { castTensor, type FloatType, isFloat, sizeOf, type Tensor } from '../core/tensor.js';
import { input, type Value } from '../graph/index.js';
import { convert } from '../graph/precision.js';
import type { ParameterDoubt } from './doubts.js';
import type { Feed } from './feed.js';
import type { Front } from './front/front.js';

export type { Feed } from './feed.js';

/** Several positions of an output, [N, S·C]: tokens, pixels, boxes. */
export interface OutputPositions {
  /** Their lengths, [S] or [H, W]. */
  readonly shape: readonly number[];
  /** S, the product of them. */
  readonly count: number;
  /** Whether an output holds all positions of one number, then those of the next; else a position's numbers together. */
  readonly channelsFirst: boolean;
  /** Whether the file has the classes before the positions: [N, C, H, W]. */
  readonly classesFirst: boolean;
  /** Input whose numbers above 0 are the positions that count; null: all. */
  readonly mask: string | null;
  /** Input that data fill with 1 where a position has a label, and the label that says that it has none; null: no label is ignored. */
  readonly labels: {
    /** Name of the input. */
    readonly input: string;
    /** The label of a position that has none. */
    readonly ignore: number;
  } | null;
}

/** A graph h(x; θ), its inputs and parameters by name, and their numbers beside it. */
export interface Network {
  /** Data inputs by name; the first axis holds the examples. */
  readonly inputs: ReadonlyMap<string, Value>;
  /** How data feed the inputs, where it is not by an array of the input's name with the examples first. */
  readonly feeds?: ReadonlyMap<string, Feed>;
  /** Positions of the output where it has several, with what says which of them count. */
  readonly positions?: OutputPositions;
  /** Output [N, T]: the natural parameter, or the mean under a Gaussian. */
  readonly h: Value;
  /** What counts as θ, by name, in the order of the network. */
  readonly parameters: ReadonlyMap<string, Value>;
  /** Weights that are held fixed, by name. */
  readonly fixed: ReadonlyMap<string, Value>;
  /** Numbers of every parameter and every fixed weight. */
  readonly weights: ReadonlyMap<string, Tensor>;
  /** What is before the inputs, where the network begins at values of its file: data feed that. */
  readonly front?: Front;
  /** What the file leaves open about which tensors are parameters. */
  readonly doubts?: readonly ParameterDoubt[];
}

/**
 * Number of scalar parameters P.
 *
 * @example
 * ```ts
 * import { denseNetwork, parameterCount } from 'fim';
 *
 * console.log(parameterCount(denseNetwork({ widths: [2, 3], bias: false }))); // 6
 * ```
 */
export function parameterCount(network: Network): number {
  let p = 0;
  for (const v of network.parameters.values()) p += sizeOf(v.shape as readonly number[]);
  return p;
}

/** The same network with other numbers. */
export function withWeights(network: Network, weights: ReadonlyMap<string, Tensor>): Network {
  return { ...network, weights: new Map([...network.weights, ...weights]) };
}

/**
 * The same network computed in another floating-point type, its doubts left behind; float32 weights become float64 exactly.
 * @throws FimError with `graph/shape`
 */
export function atPrecision(network: Network, dtype: FloatType): Network {
  if (network.h.dtype === dtype) return network;
  const { outputs, inputs } = convert([network.h], dtype);
  const moved = (values: ReadonlyMap<string, Value>) =>
    new Map([...values].map(([name, v]) => [name, inputs.get(v) ?? unread(name, v, dtype)]));
  return {
    ...(network.feeds ? { feeds: network.feeds } : {}),
    ...(network.positions ? { positions: network.positions } : {}),
    ...(network.front ? { front: network.front } : {}),
    inputs: moved(network.inputs),
    h: outputs[0],
    parameters: moved(network.parameters),
    fixed: moved(network.fixed),
    weights: new Map(
      [...network.weights].map(([name, t]) => [name, isFloat(t.dtype) ? castTensor(t, dtype) : t]),
    ),
  };
}

/** An input that the output does not read, in the new type. */
const unread = (name: string, v: Value, dtype: FloatType): Value =>
  isFloat(v.dtype) ? input(name, dtype, v.shape) : v;
