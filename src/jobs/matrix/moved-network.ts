/**
 * @module jobs/matrix/moved-network
 *
 * Divergences of a network from itself at parameters moved along a direction, example by example, in float64:
 *
 *   q_x(ε) = (KL(p_θ ‖ p_{θ+εd}) + KL(p_θ ‖ p_{θ−εd}))/ε²  →  dᵀF_x d,   (4 q_x(ε/2) − q_x(ε))/3 = dᵀF_x d + O(ε⁴)
 *
 * ε is such that the mean divergence is 10⁻⁶, and a quarter of it where the two q differ by more than 1 %. Cost: five to some twenty passes.
 */
import { FimError } from '../../core/errors.js';
import type { FloatArray, TypedArray } from '../../core/tensor.js';
import type { Engine, Store } from '../../engine/types.js';
import type { ExampleSource } from '../../fisher/index.js';
import { Passes } from '../../fisher/passes.js';
import { divergence } from '../../likelihood/divergence.js';
import type { Likelihood } from '../../likelihood/types.js';
import type { Block } from '../../matrix/layout.js';
import type { Network } from '../../model/network.js';

/** dᵀF_x d of every example. */
export interface Curvatures {
  /** In the order of the visits [n]. */
  readonly values: Float64Array;
  /** How far the mean may be off for its ε, absolute: the last change by halving it, where that is above 1 %. */
  readonly remainder: number;
}

const MEAN_DIVERGENCE = 1e-6;
const SETTLED = 0.01;
const TRIES = 4;
const FIRST = 1e-3;

/** A network that is moved and set back. */
export class MovedNetwork {
  private readonly at: Float64Array;
  private readonly origin: Float64Array[];

  private constructor(
    private readonly passes: Passes,
    private readonly store: Store,
    private readonly layout: readonly Block[],
    private readonly likelihood: Likelihood,
    private readonly source: ExampleSource,
    private readonly visits: { readonly examples: number; readonly pause: () => Promise<void> },
  ) {
    this.at = new Float64Array(visits.examples * passes.outputs);
    this.origin = layout.map(({ name }) => Float64Array.from(store.view(name) as FloatArray));
  }

  /** Of a network in float64 over the examples of a source; vectors are in the order of `layout`. */
  static async compile(
    engine: Engine,
    { network, likelihood, layout }: { network: Network; likelihood: Likelihood; layout: readonly Block[] },
    source: ExampleSource,
    { examples, batch, pause }: { examples: number; batch: number; pause: () => Promise<void> },
  ): Promise<MovedNetwork> {
    const store = engine.store();
    for (const [name, t] of network.weights) store.set(name, { ...t, data: t.data.slice() });
    const passes = await Passes.compile(engine, network, {}, Math.min(batch, examples), store);
    const moved = new MovedNetwork(passes, store, layout, likelihood, source, { examples, pause });
    await moved.each((h, from, n) => moved.at.set(h.subarray(0, n * passes.outputs), from * passes.outputs));
    return moved;
  }

  /** dᵀF_x d [n] along d [P]. Throws `verify/divergence` where a divergence is not finite. */
  async along(d: Float64Array): Promise<Curvatures> {
    let epsilon = await this.step(d);
    for (let tried = 1; ; tried++) {
      const [wide, half] = [await this.second(d, epsilon), await this.second(d, epsilon / 2)];
      const [a, b] = [meanOf(wide), meanOf(half)];
      const change = Math.abs(a - b);
      if (change <= SETTLED * Math.abs(b) || tried === TRIES)
        return {
          values: half.map((x, i) => (4 * x - wide[i]) / 3),
          remainder: change <= SETTLED * Math.abs(b) ? 0 : change,
        };
      epsilon /= 4;
    }
  }

  /** Frees the compiled program. */
  dispose(): void {
    this.passes.dispose();
  }

  /** ε at which the mean divergence is small and yet far above rounding. */
  private async step(d: Float64Array): Promise<number> {
    const mean = meanOf(await this.second(d, FIRST));
    return mean > 0 ? Math.min(1, Math.sqrt((2 * MEAN_DIVERGENCE) / mean)) : FIRST;
  }

  private async second(d: Float64Array, epsilon: number): Promise<Float64Array> {
    const [plus, minus] = [await this.divergences(d, epsilon), await this.divergences(d, -epsilon)];
    return plus.map((x, i) => (x + minus[i]) / (epsilon * epsilon));
  }

  /** KL(p_θ ‖ p_{θ+εd}) of every example [n]. */
  private async divergences(d: Float64Array, epsilon: number): Promise<Float64Array> {
    const { likelihood, passes } = this;
    const T = passes.outputs;
    const out = new Float64Array(this.visits.examples);
    this.move(d, epsilon);
    try {
      await this.each((h, from, n) => {
        const before = { data: this.at.subarray(from * T, (from + n) * T), n, T };
        divergence(likelihood, before, { data: h, n, T }, out.subarray(from, from + n));
      });
    } finally {
      this.move(d, 0);
    }
    const odd = out.findIndex((x) => !Number.isFinite(x));
    if (odd < 0) return out;
    throw new FimError({
      code: 'verify/divergence',
      where: `divergence of visit ${odd} from itself, parameters moved by ${Math.abs(epsilon)}`,
      rule: 'is a finite number',
      got: String(out[odd]),
      cause: 'outputs at the edge of their domain',
    });
  }

  /** θ ← origin + εd. */
  private move(d: Float64Array, epsilon: number): void {
    this.layout.forEach(({ name, offset, size }, k) => {
      const slot = this.store.view(name) as FloatArray;
      for (let i = 0; i < size; i++) slot[i] = this.origin[k][i] + epsilon * d[offset + i];
    });
  }

  private async each(take: (h: FloatArray, from: number, n: number) => void): Promise<void> {
    let from = 0;
    for (const { n, inputs } of this.source(this.passes.maxBatch, 'float64')) {
      const data = new Map<string, TypedArray>([...inputs].map(([name, t]) => [name, t.data]));
      take(await this.passes.forward(data, n), from, n);
      from += n;
      await this.visits.pause();
    }
  }
}

const meanOf = (x: Float64Array): number => x.reduce((s, v) => s + v, 0) / x.length;
