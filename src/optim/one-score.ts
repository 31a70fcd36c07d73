/**
 * @module optim/one-score
 *
 * The score of a single example, q = J_nᵀδ_n, by one run of one program of batch 1: nothing of the batch's size is touched.
 */
import type { FloatArray, TypedArray } from '../core/tensor.js';
import { sizeOf } from '../core/tensor.js';
import { PortNames, setData } from '../engine/port-names.js';
import type { Engine, Program, Store } from '../engine/types.js';
import { concrete, graph, input, type Value, vjp } from '../graph/index.js';
import type { Network } from '../model/network.js';
import { type Block, blocksOf } from '../matrix/layout.js';

export class OneScore {
  private constructor(
    private readonly program: Program,
    private readonly ports: PortNames,
    private readonly reached: readonly Block[],
    /** Length of one example of each data input. */
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
    const ports = new PortNames([...store.names(), ...network.parameters.keys(), ...network.fixed.keys()]);
    const inputs = [
      ...[...network.inputs].map(([name, v]) => [ports.data(name), v] as const),
      ...network.parameters,
      ...network.fixed,
      [ports.late('ct'), ct] as const,
    ];
    const program = await engine.compile(graph(inputs, outputs), { maxBatch: 1, store });
    const widths = [...network.inputs].map(([name, v]) => [name, sizeOf(concrete(v.shape, 1))] as const);
    const last = blocks[blocks.length - 1];
    return new OneScore(program, ports, reached, new Map(widths), last.offset + last.size);
  }

  /** Jᵀδ of row `row` of a batch, into `out` [P]. */
  async at(
    inputs: ReadonlyMap<string, TypedArray>,
    row: number,
    delta: FloatArray,
    out: Float64Array = new Float64Array(this.P),
  ): Promise<Float64Array> {
    const one = [...this.data].map(([name, width]): [string, TypedArray] => {
      const x = inputs.get(name) as TypedArray;
      return [name, x.subarray(row * width, (row + 1) * width)];
    });
    setData(this.program, new Map(one), this.ports);
    this.program.setInput(this.ports.late('ct'), delta);
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
