/**
 * @module matrix/linearisation
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
import type { FloatArray, FloatType, TypedArray } from '../core/tensor.js';
import { Halves } from '../engine/halves.js';
import type { Engine, Store } from '../engine/types.js';
import { input, jvp, type Value, vjp } from '../graph/index.js';
import type { Network } from '../model/network.js';
import { type Block, blocksOf } from './layout.js';

/** A network to first order at the present θ on a batch: products J v and Jᵀu. */
export class Linearisation {
  /** Number of parameters P. */
  readonly P: number;
  /** Number of outputs T. */
  readonly T: number;
  private readonly tangents: readonly (FloatArray | null)[];
  private readonly given: ReadonlyMap<string, FloatArray>;

  private constructor(
    /** The network that was compiled. */
    readonly network: Network,
    /** Holds the parameters that `forward` reads. */
    readonly store: Store,
    /** Places of the parameters in a flat vector [P]. */
    readonly blocks: readonly Block[],
    private readonly halves: Halves,
  ) {
    const dtype = network.h.dtype as FloatType;
    const last = blocks[blocks.length - 1];
    this.P = last.offset + last.size;
    this.T = network.h.shape[1] as number;
    this.tangents = blocks.map(({ name, size }) => {
      if (!halves.reads('tangent', `tangent/${name}`)) return null;
      return dtype === 'float64' ? new Float64Array(size) : new Float32Array(size);
    });
    this.given = new Map(
      blocks.flatMap(({ name }, i): [string, FloatArray][] => {
        const tangent = this.tangents[i];
        return tangent ? [[`tangent/${name}`, tangent]] : [];
      }),
    );
  }

  /** Most examples of a batch. */
  get maxBatch(): number {
    return this.halves.maxBatch;
  }

  /**
   * `store` holds the parameters, which are read anew at every `forward`; those it lacks are put there.
   * @throws FimError with `graph/examples-coupled`, `graph/shape`
   */
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
    const split = {
      inputs: network.inputs,
      weights: [...network.parameters, ...network.fixed],
      front: { h },
      halves: {
        tangent: {
          late: Object.fromEntries(directions.map((v) => [v.name, v])),
          outputs: { Jv: tangent },
        },
        cotangent: { late: { 'ct/h': ct }, outputs: new Map(reached) },
      },
    };
    const halves = await Halves.compile(engine, split, { maxBatch, store });
    return new Linearisation(network, store, blocks, halves);
  }

  /** Takes the network at the present parameters on n examples; returns h [n, T], valid until the next call. */
  async forward(inputs: ReadonlyMap<string, TypedArray>, n: number): Promise<FloatArray> {
    await this.halves.forward(inputs, n);
    return this.halves.output('h');
  }

  /** J_n v [n, T] for v [P], on the examples of the last `forward`; valid until the next call. */
  async times(v: Float64Array, n: number): Promise<FloatArray> {
    this.blocks.forEach(({ offset, size }, i) => {
      const tangent = this.tangents[i];
      if (!tangent) return;
      tangent.set(v.subarray(offset, offset + size));
    });
    const output = await this.halves.run('tangent', this.given, n);
    return output('Jv') as FloatArray;
  }

  /** Σ_n J_nᵀu_n [P] for u [n, T], on the examples of the last `forward`, into `out` (fresh by default). */
  async transposed(
    u: FloatArray,
    n: number,
    out: Float64Array = new Float64Array(this.P),
  ): Promise<Float64Array> {
    const output = await this.halves.run('cotangent', { 'ct/h': u }, n);
    for (const { name, offset, size } of this.blocks) {
      const g = output(`g/${name}`);
      if (g) out.set(g, offset);
      else out.fill(0, offset, offset + size);
    }
    return out;
  }

  /** Adds factor · Σ_n J_nᵀu_n to `out` [P] for u [n, T], on the examples of the last `forward`. */
  async addTransposed(u: FloatArray, n: number, factor: number, out: Float64Array): Promise<void> {
    const output = await this.halves.run('cotangent', { 'ct/h': u }, n);
    for (const { name, offset, size } of this.blocks) {
      const g = output(`g/${name}`);
      if (g) for (let i = 0; i < size; i++) out[offset + i] += factor * g[i];
    }
  }

  /** θ ← θ + scale · d, d [P]. */
  move(d: Float64Array, scale = 1): void {
    for (const { name, offset, size } of this.blocks) {
      const slot = this.store.view(name) as FloatArray;
      for (let i = 0; i < size; i++) slot[i] += scale * d[offset + i];
    }
  }

  /** θ, flat [P]. */
  parameters(out: Float64Array = new Float64Array(this.P)): Float64Array {
    for (const { name, offset } of this.blocks) out.set(this.store.view(name) as FloatArray, offset);
    return out;
  }

  /** θ ← values [P]. */
  setParameters(values: Float64Array): void {
    for (const { name, offset, size } of this.blocks) {
      (this.store.view(name) as FloatArray).set(values.subarray(offset, offset + size));
    }
  }

  /** Frees the compiled programs. */
  dispose(): void {
    this.halves.dispose();
  }
}
