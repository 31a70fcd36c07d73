/**
 * @module fisher/passes
 *
 * The derived graph, cut at the moment when the cotangents are known and compiled as two halves: the forward half gives h and
 * every activation that the statistics read, the host turns h into cotangents (likelihood, labels, signs: float64, the same code
 * on every engine), and one backward half per pass turns those into sums. Halves share activations in place.
 */
import { FimError } from '../core/errors.js';
import type { FloatArray, FloatType, TypedArray } from '../core/tensor.js';
import { simplify } from '../engine/simplify.js';
import { PortNames, setData } from '../engine/port-names.js';
import type { Connection, Engine, Program, Store } from '../engine/types.js';
import { type Graph, graph, type Value } from '../graph/index.js';
import { firstFault, oneExample } from './first-fault.js';
import { cutAt } from '../graph/substitute.js';
import type { Network } from '../model/network.js';

/** A derived graph that continues from h: inputs that arrive after the forward half, and what it computes. */
export interface BackwardGraph {
  readonly late: Readonly<Record<string, Value>>;
  readonly outputs: Readonly<Record<string, Value>>;
}

/** A backward graph as one graph with all that it reads, under names that none of the network's can meet. */
export function wholeGraph(network: Network, half: BackwardGraph): Graph {
  const names = namesFor(network, []);
  const late = Object.entries(half.late).map(([key, v]): Pair => [names.late(key), v]);
  return graph([...dataOf(network, names), ...weightsOf(network), ...late], half.outputs);
}

type Pair = readonly [string, Value];

const namesFor = (network: Network, slots: Iterable<string>): PortNames =>
  new PortNames([...slots, ...network.parameters.keys(), ...network.fixed.keys()]);

const dataOf = ({ inputs }: Network, names: PortNames): Pair[] =>
  [...inputs].map(([name, v]): Pair => [names.data(name), v]);

const weightsOf = ({ parameters, fixed }: Network): Pair[] => [...parameters, ...fixed];

export class Passes {
  private constructor(
    private readonly forwardProgram: Program,
    private readonly halves: ReadonlyMap<string, Program>,
    private readonly names: PortNames,
    /** Largest number of examples of a run. */
    readonly maxBatch: number,
    /** Number of outputs T. */
    readonly outputs: number,
    readonly dtype: FloatType,
    /** What the forward half is made of, for messages. */
    private readonly read: { readonly network: Network; readonly store: Store },
  ) {}

  /** Compiles the passes for a network; those of its weights that `store` lacks are put there, the others stay as they are. */
  static async compile(
    engine: Engine,
    network: Network,
    backward: Readonly<Record<string, BackwardGraph>>,
    maxBatch: number,
    store: Store = engine.store(),
  ): Promise<Passes> {
    for (const [name, t] of network.weights) if (!store.has(name)) store.set(name, t);
    const names = namesFor(network, store.names());
    const given = [...dataOf(network, names), ...weightsOf(network)];
    // Simplified together, so that what h and the halves share is one value.
    const wanted = Object.values(backward).flatMap((half) => Object.values(half.outputs));
    const [h, ...rest] = simplify([network.h, ...wanted]);
    const cuts = Object.entries(backward).map(([name, half]) => {
      const outputs = rest.splice(0, Object.keys(half.outputs).length);
      return { name, half, cut: cutAt(outputs, Object.values(half.late), [h]) };
    });
    const shared = new Map<string, Value>([['h', h]]);
    for (const { cut } of cuts)
      cut.placeholders.forEach((p, i) => shared.set(names.shared(p.name), cut.before[i]));
    const forwardProgram = await engine.compile(graph(given, shared), { maxBatch, store });
    const halves = new Map<string, Program>();
    for (const { name, half, cut } of cuts) {
      const placeholders = cut.placeholders.map((p): Pair => [names.shared(p.name), p]);
      const connect = new Map<string, Connection>();
      for (const [output] of placeholders) connect.set(output, { program: forwardProgram, output });
      const late = Object.entries(half.late).map(([key, v]): Pair => [names.late(key), v]);
      const outputs = Object.keys(half.outputs).map((key, i): Pair => [key, cut.after[i]]);
      const whole = graph([...given, ...placeholders, ...late], outputs);
      halves.set(name, await engine.compile(whole, { maxBatch, store, connect }));
    }
    const T = network.h.shape[1] as number;
    return new Passes(forwardProgram, halves, names, maxBatch, T, network.h.dtype as FloatType, {
      network,
      store,
    });
  }

  /** Runs the forward half on n examples and returns h [n, T], valid until the next call. */
  async forward(inputs: ReadonlyMap<string, TypedArray>, n: number): Promise<FloatArray> {
    for (const program of [this.forwardProgram, ...this.halves.values()])
      setData(program, inputs, this.names);
    await this.forwardProgram.run(n);
    const h = this.forwardProgram.output('h') as FloatArray;
    const odd = h.findIndex((x) => !Number.isFinite(x));
    if (odd >= 0) throw this.notFinite(h, odd, inputs, n);
    return h;
  }

  /**
   * Runs the backward half `name` on the examples of the last `forward`. Returns its outputs by name (null for one it does not
   * have), valid until its next run.
   */
  async backward(
    name: string,
    late: Readonly<Record<string, FloatArray>>,
    n: number,
  ): Promise<(output: string) => FloatArray | null> {
    const program = this.halves.get(name) as Program;
    for (const [key, data] of Object.entries(late)) program.setInput(this.names.late(key), data);
    await program.run(n);
    const known = new Set(program.outputs.map((p) => p.name));
    return (output) => (known.has(output) ? (program.output(output) as FloatArray) : null);
  }

  private notFinite(
    h: FloatArray,
    odd: number,
    inputs: ReadonlyMap<string, TypedArray>,
    n: number,
  ): FimError {
    const { network, store } = this.read;
    const row = Math.floor(odd / this.outputs);
    const values = oneExample(network, inputs, (name) => store.view(name), row, n);
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
      next: 'try --dtype float64, and check the scale of the inputs',
    });
  }

  dispose(): void {
    for (const program of this.halves.values()) program.dispose();
    this.forwardProgram.dispose();
  }
}
