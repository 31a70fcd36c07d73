/**
 * @module optim/oneScore
 *
 * The score of a single example, q = J_nᵀδ_n, by one run of one program of batch 1: nothing of the batch's size is touched.
 */
import type { FloatArray, TypedArray } from '../core/tensor.js';
import { sizeOf } from '../core/tensor.js';
import type { Engine, Program, Store } from '../engine/types.js';
import { concrete, graph, input, type Value, vjp } from '../graph/index.js';
import type { Network } from '../model/network.js';
import { type Block, blocksOf } from './linearisation.js';

export class OneScore {
  private constructor(
    private readonly program: Program,
    private readonly reached: readonly Block[],
    /** Data inputs that the program reads, with the length of one example. */
    private readonly data: ReadonlyMap<string, number>,
    private readonly P: number,
  ) {}

  /** `store` holds the parameters. */
  static async compile(engine: Engine, network: Network, store: Store): Promise<OneScore> {
    const { h } = network;
    const ct = input('ct/h', h.dtype, h.shape);
    const blocks = blocksOf(network);
    const back = vjp([h], [ct], [...network.parameters.values()]);
    const reached = blocks.filter((_, i) => back[i] !== null);
    const outputs = blocks.flatMap(({ name }, i): [string, Value][] => {
      const g = back[i];
      return g ? [[`g/${name}`, g]] : [];
    });
    const inputs = Object.fromEntries([
      ...network.inputs,
      ...network.parameters,
      ...network.fixed,
      ['ct/h', ct] as const,
    ]);
    const program = await engine.compile(graph(inputs, Object.fromEntries(outputs)), { maxBatch: 1, store });
    const read = new Set(program.inputs.map((p) => p.name));
    const data = [...network.inputs].filter(([name]) => read.has(name));
    const widths = data.map(([name, v]): [string, number] => [name, sizeOf(concrete(v.shape, 1))]);
    const last = blocks[blocks.length - 1];
    return new OneScore(program, reached, new Map(widths), last.offset + last.size);
  }

  /** Jᵀδ of row `row` of a batch, into `out` [P]. */
  async at(
    inputs: ReadonlyMap<string, TypedArray>,
    row: number,
    delta: FloatArray,
    out: Float64Array = new Float64Array(this.P),
  ): Promise<Float64Array> {
    for (const [name, width] of this.data) {
      const x = inputs.get(name) as TypedArray;
      this.program.setInput(name, x.subarray(row * width, (row + 1) * width));
    }
    this.program.setInput('ct/h', delta);
    await this.program.run(1);
    if (this.reached.length < 1) return out.fill(0);
    for (const { name, offset } of this.reached)
      out.set(this.program.output(`g/${name}`) as FloatArray, offset);
    return out;
  }

  dispose(): void {
    this.program.dispose();
  }
}
