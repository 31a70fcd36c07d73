/**
 * @module fisher/passes
 *
 * Passes over the derived graph of a network, cut at the moment when the cotangents are known (engine/halves): the forward half gives h
 * and every activation that the statistics read, the host turns h into cotangents (likelihood, labels, signs: float64, the same code on
 * every engine), and one backward half per pass turns those into sums.
 */
import { FimError } from '../core/errors.js';
import type { FloatArray, FloatType, Tensor, TypedArray } from '../core/tensor.js';
import { Halves } from '../engine/halves.js';
import type { Crew, SplitGraph, SplitProgram } from '../engine/split.js';
import { PortNames } from '../engine/port-names.js';
import type { Engine, Store } from '../engine/types.js';
import { type Graph, graph, type Value } from '../graph/index.js';
import { firstFault, oneExample } from './first-fault.js';
import type { Network } from '../model/network.js';

/** A derived graph that continues from h: inputs that arrive after the forward half, and what it computes. */
export interface BackwardGraph {
  readonly late: Readonly<Record<string, Value>>;
  readonly outputs: Readonly<Record<string, Value>>;
}

/** A backward graph as one graph with all that it reads, under names that none of the network's can meet. */
export function wholeGraph(network: Network, half: BackwardGraph): Graph {
  const names = new PortNames([...network.parameters.keys(), ...network.fixed.keys()]);
  const data = [...network.inputs].map(([name, v]) => [names.data(name), v] as const);
  const late = Object.entries(half.late).map(([key, v]) => [names.late(key), v] as const);
  return graph([...data, ...weightsOf(network), ...late], half.outputs);
}

const weightsOf = ({ parameters, fixed }: Network): (readonly [string, Value])[] => [...parameters, ...fixed];

const splitOf = (network: Network, halves: SplitGraph['halves']): SplitGraph => ({
  inputs: network.inputs,
  weights: weightsOf(network),
  front: { h: network.h },
  halves,
});

export class Passes {
  private constructor(
    private readonly halves: SplitProgram,
    /** Number of outputs T. */
    readonly outputs: number,
    readonly dtype: FloatType,
    /** What the forward half is made of, for messages. */
    private readonly read: { readonly network: Network; weight(name: string): TypedArray },
  ) {}

  /** Largest number of examples of a run. */
  get maxBatch(): number {
    return this.halves.maxBatch;
  }

  /** Compiles the passes for a network; those of its weights that `store` lacks are put there, the others stay as they are. */
  static async compile(
    engine: Engine,
    network: Network,
    backward: Readonly<Record<string, BackwardGraph>>,
    maxBatch: number,
    store: Store = engine.store(),
  ): Promise<Passes> {
    for (const [name, t] of network.weights) if (!store.has(name)) store.set(name, t);
    const split = splitOf(network, backward);
    const halves = await Halves.compile(engine, split, { maxBatch, store, together: true });
    return Passes.of(halves, network, (name) => store.view(name));
  }

  /** Compiles the passes in a thread of a crew. */
  static async beside(
    crew: Crew,
    place: number,
    network: Network,
    backward: Readonly<Record<string, BackwardGraph>>,
    maxBatch: number,
  ): Promise<Passes> {
    const { weights } = network;
    const made = await crew.compile(place, { split: splitOf(network, backward), weights, maxBatch });
    return Passes.of(made, network, (name) => (weights.get(name) as Tensor).data);
  }

  private static of(halves: SplitProgram, network: Network, weight: (name: string) => TypedArray): Passes {
    const { h } = network;
    return new Passes(halves, h.shape[1] as number, h.dtype as FloatType, { network, weight });
  }

  /** Where data for n examples may be put before `forward`; null where there is no such place. */
  place(name: string, n: number): TypedArray | null {
    return this.halves.place?.(name, n) ?? null;
  }

  /** Runs the forward half on n examples and returns h [n, T], valid until the next call. */
  async forward(inputs: ReadonlyMap<string, TypedArray>, n: number): Promise<FloatArray> {
    await this.halves.forward(inputs, n);
    const h = this.halves.output('h');
    const odd = h.findIndex((x) => !Number.isFinite(x));
    if (odd >= 0) throw this.notFinite(h, odd, inputs, n);
    return h;
  }

  /**
   * Runs the backward half `name` on the examples of the last `forward`. Returns its outputs by name (null for one it does not
   * have), valid until its next run.
   */
  backward(
    name: string,
    late: Readonly<Record<string, FloatArray>>,
    n: number,
  ): Promise<(output: string) => FloatArray | null> {
    return this.halves.run(name, late, n);
  }

  private notFinite(
    h: FloatArray,
    odd: number,
    inputs: ReadonlyMap<string, TypedArray>,
    n: number,
  ): FimError {
    const { network, weight } = this.read;
    const row = Math.floor(odd / this.outputs);
    const values = oneExample(network, inputs, weight, row, n);
    const node = firstFault([network.h], values);
    const nan = node !== null && Number.isNaN(h[odd]);
    return new FimError({
      code: 'fisher/output-not-finite',
      where: `network output, example ${row} of a batch of ${n}${node === null ? '' : `, ${node}`}`,
      rule: 'the natural parameter must be finite',
      got: String(h[odd]),
      cause: nan
        ? 'an operand without a value there: a root or logarithm of a negative number, 0/0, a Softmax with every entry masked, or an overflow'
        : 'an overflow in this precision, or inputs far outside what the network was made for',
      next: "try `dtype: 'float64'`, and check the scale of the inputs",
    });
  }

  dispose(): void {
    this.halves.dispose();
  }
}
