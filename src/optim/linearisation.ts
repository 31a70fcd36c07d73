/**
 * @module optim/linearisation
 *
 * A network h(x; θ) to first order at the present θ, on a batch: J_n v by the forward rule, Σ_n J_nᵀu_n by the reverse rule. Scores are
 * s_n = J_nᵀδ_n with δ_n = t(a_n) − η_n, so every product with a Fisher is made of these two:
 *
 *   empirical         F v = (1/N) Σ J_nᵀ δ_n (δ_nᵀ J_n v)
 *   true              F v = (1/N) Σ J_nᵀ I(h_n) J_n v        (Gauss–Newton of the log-likelihood: the same object)
 *   KL of a step d    ½ (1/N) Σ (J_n d)ᵀ I(h_n) (J_n d)
 *
 * N. Schraudolph, Neural Computation 2002; J. Martens, JMLR 2020, §8. Cost: 2 forward passes a product J v, about 2 a product Jᵀu; no
 * N × P array anywhere. Vectors over parameters are flat Float64Arrays, parameters one after the other in the network's order.
 */
import { invariant } from '../core/errors.js';
import { type FloatArray, type FloatType, sizeOf, type TypedArray } from '../core/tensor.js';
import { PortNames, setData } from '../engine/port-names.js';
import type { Engine, Program, Store } from '../engine/types.js';
import { graph, input, jvp, type Value, vjp } from '../graph/index.js';
import { cutAt } from '../graph/substitute.js';
import type { Network } from '../model/network.js';

/** Where a parameter lies in a flat vector. */
export interface Block {
  readonly name: string;
  readonly shape: readonly number[];
  readonly offset: number;
  readonly size: number;
}

/** Parameters of a network one after the other. */
export function blocksOf(network: Network): Block[] {
  let offset = 0;
  return [...network.parameters].map(([name, v]) => {
    const shape = v.shape as readonly number[];
    const size = sizeOf(shape);
    offset += size;
    return { name, shape, offset: offset - size, size };
  });
}

export class Linearisation {
  /** Number of parameters P. */
  readonly P: number;
  /** Number of outputs T. */
  readonly T: number;
  private readonly tangents: readonly (FloatArray | null)[];

  private constructor(
    readonly network: Network,
    readonly store: Store,
    readonly blocks: readonly Block[],
    readonly maxBatch: number,
    private readonly ports: PortNames,
    private readonly forwardProgram: Program,
    private readonly tangentProgram: Program,
    private readonly cotangentProgram: Program,
  ) {
    const dtype = network.h.dtype as FloatType;
    const last = blocks[blocks.length - 1];
    this.P = last.offset + last.size;
    this.T = network.h.shape[1] as number;
    const read = new Set(tangentProgram.inputs.map((p) => p.name));
    this.tangents = blocks.map(({ name, size }) => {
      if (!read.has(ports.late(`tangent/${name}`))) return null;
      return dtype === 'float64' ? new Float64Array(size) : new Float32Array(size);
    });
  }

  /** `store` holds the parameters, which are read anew at every `forward`; those it lacks are put there. */
  static async compile(
    engine: Engine,
    network: Network,
    store: Store,
    maxBatch: number,
  ): Promise<Linearisation> {
    for (const [name, t] of network.weights)
      if (!store.has(name)) store.set(name, { ...t, data: t.data.slice() });
    const { h } = network;
    const dtype = h.dtype as FloatType;
    const blocks = blocksOf(network);
    const parameters = [...network.parameters.values()];
    const directions = blocks.map((b) => input(`tangent/${b.name}`, dtype, b.shape));
    const [tangent] = jvp([h], parameters, directions);
    invariant(tangent !== null, 'Linearisation', 'the output depends on a parameter');
    const ct = input('ct/h', dtype, h.shape);
    const back = vjp([h], [ct], parameters);
    const reached = blocks.flatMap(({ name }, i): [string, Value][] => {
      const g = back[i];
      return g ? [[`g/${name}`, g]] : [];
    });
    const cuts = [
      cutAt([tangent], directions, [h]),
      cutAt(
        reached.map(([, v]) => v),
        [ct],
        [h],
      ),
    ];
    const ports = new PortNames([...store.names(), ...network.parameters.keys(), ...network.fixed.keys()]);
    const given = [
      ...[...network.inputs].map(([name, v]) => [ports.data(name), v] as const),
      ...network.parameters,
      ...network.fixed,
    ];
    const shared = new Map<string, Value>([['h', h]]);
    for (const cut of cuts)
      cut.placeholders.forEach((p, i) => shared.set(ports.shared(p.name), cut.before[i]));
    const forward = await engine.compile(graph(given, shared), { maxBatch, store });
    const half = (which: number, late: readonly Value[], names: readonly string[]): Promise<Program> => {
      const { placeholders, after } = cuts[which];
      const read = placeholders.map((p) => [ports.shared(p.name), p] as const);
      return engine.compile(
        graph(
          [...given, ...read, ...late.map((v) => [ports.late(v.name), v] as const)],
          names.map((name, i) => [name, after[i]] as const),
        ),
        {
          maxBatch,
          store,
          connect: new Map(read.map(([output]) => [output, { program: forward, output }])),
        },
      );
    };
    const forwards = await half(0, directions, ['Jv']);
    const backwards = await half(
      1,
      [ct],
      reached.map(([name]) => name),
    );
    return new Linearisation(network, store, blocks, maxBatch, ports, forward, forwards, backwards);
  }

  /** Takes the network at the present parameters on n examples; returns h [n, T], valid until the next call. */
  async forward(inputs: ReadonlyMap<string, TypedArray>, n: number): Promise<FloatArray> {
    for (const program of [this.forwardProgram, this.tangentProgram, this.cotangentProgram])
      setData(program, inputs, this.ports);
    await this.forwardProgram.run(n);
    return this.forwardProgram.output('h') as FloatArray;
  }

  /** J_n v [n, T] for v [P], on the examples of the last `forward`; valid until the next call. */
  async times(v: Float64Array, n: number): Promise<FloatArray> {
    this.blocks.forEach(({ name, offset, size }, i) => {
      const tangent = this.tangents[i];
      if (!tangent) return;
      tangent.set(v.subarray(offset, offset + size));
      this.tangentProgram.setInput(this.ports.late(`tangent/${name}`), tangent);
    });
    await this.tangentProgram.run(n);
    return this.tangentProgram.output('Jv') as FloatArray;
  }

  /** Σ_n J_nᵀu_n [P] for u [n, T], on the examples of the last `forward`, into `out` (fresh by default). */
  async transposed(
    u: FloatArray,
    n: number,
    out: Float64Array = new Float64Array(this.P),
  ): Promise<Float64Array> {
    this.cotangentProgram.setInput(this.ports.late('ct/h'), u);
    await this.cotangentProgram.run(n);
    const reached = new Set(this.cotangentProgram.outputs.map((p) => p.name));
    for (const { name, offset, size } of this.blocks) {
      if (reached.has(`g/${name}`)) out.set(this.cotangentProgram.output(`g/${name}`) as FloatArray, offset);
      else out.fill(0, offset, offset + size);
    }
    return out;
  }

  /** θ ← θ + d. */
  move(d: Float64Array, scale = 1): void {
    for (const { name, offset, size } of this.blocks) {
      const slot = this.store.view(name) as FloatArray;
      for (let i = 0; i < size; i++) slot[i] += scale * d[offset + i];
    }
  }

  /** θ, flat. */
  parameters(out: Float64Array = new Float64Array(this.P)): Float64Array {
    for (const { name, offset } of this.blocks) out.set(this.store.view(name) as FloatArray, offset);
    return out;
  }

  /** θ ← values. */
  setParameters(values: Float64Array): void {
    for (const { name, offset, size } of this.blocks) {
      (this.store.view(name) as FloatArray).set(values.subarray(offset, offset + size));
    }
  }

  dispose(): void {
    this.tangentProgram.dispose();
    this.cotangentProgram.dispose();
    this.forwardProgram.dispose();
  }
}
