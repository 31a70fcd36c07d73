/**
 * @module engine/halves
 *
 * A derived graph cut at the moments when late inputs arrive, and compiled as a front and halves behind it: the front computes its outputs
 * and every value that some half reads, the host makes the late inputs from those outputs, and each half goes on from there. Halves
 * read the front's values in place; where an engine copies its outputs, they make again what is quicker made than copied. All inputs are named so that no tensor of a file can take their names (engine/port-names).
 */
import type { FloatArray, TypedArray } from '../core/tensor.js';
import { graph, type Value } from '../graph/index.js';
import { cutAt } from '../graph/substitute.js';
import { PortNames, setData } from './port-names.js';
import { simplify } from './simplify.js';
import { pairsOf, type SplitGraph, type SplitProgram } from './split.js';
import type { Connection, Engine, Program, Store } from './types.js';

export interface HalvesOptions {
  readonly maxBatch: number;
  readonly store: Store;
  /** Rewrites front and halves together first, so that equal parts of different halves are one value. */
  readonly together?: boolean;
}

type Pair = readonly [string, Value];

/** The front and halves of `split`, simplified in one go. */
function simplified(split: SplitGraph): SplitGraph {
  const halves = Object.entries(split.halves);
  const front = Object.keys(split.front);
  const values = simplify([
    ...Object.values(split.front),
    ...halves.flatMap(([, half]) => pairsOf(half.outputs).map(([, v]) => v)),
  ]);
  const take = (names: readonly string[]) => new Map(names.map((name): Pair => [name, values.shift()!]));
  return {
    ...split,
    front: Object.fromEntries(take(front)),
    halves: Object.fromEntries(
      halves.map(([name, half]) => [
        name,
        { ...half, outputs: take(pairsOf(half.outputs).map(([key]) => key)) },
      ]),
    ),
  };
}

/** Outputs of one half that no other half has. */
function outputsOfOne({ halves }: SplitGraph): Set<Value> {
  const sets = Object.values(halves).map(({ outputs }) => new Set(pairsOf(outputs).map(([, v]) => v)));
  const one = (v: Value) => sets.filter((set) => set.has(v)).length === 1;
  return new Set(sets.flatMap((set) => [...set].filter(one)));
}

/** A half as a program, with the names that it reads and gives. */
interface Behind {
  readonly program: Program;
  readonly reads: ReadonlySet<string>;
  readonly gives: ReadonlySet<string>;
}

const behindOf = (program: Program): Behind => ({
  program,
  reads: new Set(program.inputs.map((p) => p.name)),
  gives: new Set(program.outputs.map((p) => p.name)),
});

export class Halves implements SplitProgram {
  private constructor(
    private readonly front: Program,
    private readonly behind: ReadonlyMap<string, Behind>,
    private readonly names: PortNames,
    readonly maxBatch: number,
  ) {}

  static async compile(engine: Engine, whole: SplitGraph, options: HalvesOptions): Promise<Halves> {
    const { maxBatch, store, together = false } = options;
    const split = together ? simplified(whole) : whole;
    const weights = [...split.weights];
    const kept = Object.values(split.front);
    const names = new PortNames([
      ...store.names(),
      ...weights.map(([name]) => name),
      ...Object.keys(split.front),
    ]);
    const given = [...[...split.inputs].map(([name, v]): Pair => [names.data(name), v]), ...weights];
    const alone = engine.copies ? outputsOfOne(split) : undefined;
    const cuts = Object.entries(split.halves).map(([name, half]) => {
      const outputs = pairsOf(half.outputs);
      const values = outputs.map(([, v]) => v);
      return { name, half, outputs, cut: cutAt(values, Object.values(half.late), kept, alone) };
    });
    const shared = new Map<string, Value>(Object.entries(split.front));
    for (const { cut } of cuts)
      cut.placeholders.forEach((p, i) => shared.set(names.shared(p.name), cut.before[i]));
    const front = await engine.compile(graph(given, shared), { maxBatch, store });
    const behind = new Map<string, Behind>();
    for (const { name, half, outputs, cut } of cuts) {
      const placeholders = cut.placeholders.map((p): Pair => [names.shared(p.name), p]);
      const connect = new Map<string, Connection>();
      for (const [output] of placeholders) connect.set(output, { program: front, output });
      const late = Object.entries(half.late).map(([key, v]): Pair => [names.late(key), v]);
      const after = outputs.map(([key], i): Pair => [key, cut.after[i]]);
      const program = await engine.compile(graph([...given, ...placeholders, ...late], after), {
        maxBatch,
        store,
        connect,
      });
      behind.set(name, behindOf(program));
    }
    return new Halves(front, behind, names, maxBatch);
  }

  /** Runs the front on n examples. */
  async forward(inputs: ReadonlyMap<string, TypedArray>, n: number): Promise<void> {
    setData(this.front, inputs, this.names);
    for (const { program } of this.behind.values()) setData(program, inputs, this.names);
    await this.front.run(n);
  }

  /** An output of the front, valid until its next run. */
  output(name: string): FloatArray {
    return this.front.output(name) as FloatArray;
  }

  /** Whether a half reads the late input `key`. */
  reads(half: string, key: string): boolean {
    return this.half(half).reads.has(this.names.late(key));
  }

  /**
   * Runs a half on the examples of the last `forward`. Returns its outputs by name (null for one that it does not have), valid until
   * its next run.
   */
  async run(
    half: string,
    late: Readonly<Record<string, FloatArray>> | ReadonlyMap<string, FloatArray>,
    n: number,
  ): Promise<(output: string) => FloatArray | null> {
    const { program, gives } = this.half(half);
    const given: Iterable<readonly [string, FloatArray]> =
      late instanceof Map ? (late as ReadonlyMap<string, FloatArray>) : Object.entries(late);
    for (const [key, data] of given) program.setInput(this.names.late(key), data);
    await program.run(n);
    return (output) => (gives.has(output) ? (program.output(output) as FloatArray) : null);
  }

  dispose(): void {
    for (const { program } of this.behind.values()) program.dispose();
    this.front.dispose();
  }

  private half(name: string): Behind {
    return this.behind.get(name) as Behind;
  }
}
