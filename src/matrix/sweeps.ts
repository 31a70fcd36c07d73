/**
 * @module matrix/sweeps
 *
 * Sweeps over the examples of a source, each with a network to first order and I(h): every batch goes forward once, for however many
 * vectors at once. F = (1/n) Σ_x J_xᵀ I(h_x) J_x.
 *
 *   images     t_x = J_x v, s_x = I(h_x) t_x/n     2 forward passes a vector
 *   pulled     Σ_x J_xᵀ u_x                        about 2 forward passes a vector
 *   products   Σ_x J_xᵀ s_x = F v                  both, in one sweep
 *
 * Memory: a vector [P] for each of those asked for, [n, T] for each image.
 */
import type { FloatArray, FloatType } from '../core/tensor.js';
import type { ExampleSource } from '../fisher/index.js';
import { type Likelihood, outputs as outputsOf } from '../likelihood/index.js';
import type { Linearisation } from './linearisation.js';

/** What a vector is at the outputs of all examples. */
export interface Image {
  /** J_x v [n, T]. */
  readonly tangents: Float64Array;
  /** I(h_x) J_x v/n [n, T]. */
  readonly weighted: Float64Array;
}

/** Which examples, and how they are gone through. */
export interface SweepOptions {
  /** n, the examples of the source. */
  readonly examples: number;
  /** Examples a pass. */
  readonly batch: number;
  /** Lets timers and signals be heard, after each batch; throws to end it. */
  pause?(): Promise<void>;
}

/** Hears the tangents t [n, T] and I t [n, T] of the examples from `place` on, of the vector of this index. */
export type TangentWatch = (
  vector: number,
  place: number,
  tangents: FloatArray,
  weighted: FloatArray,
  n: number,
) => void;

/** A batch whose forward half has been run. */
interface Swept {
  readonly place: number;
  readonly n: number;
  /** I(h) [n, T, T]; null where it is not needed. */
  readonly information: Float64Array | null;
}

/** Sweeps over the examples. */
export class Sweeps {
  private taken = 0;
  private readonly dtype: FloatType;

  constructor(
    private readonly linear: Linearisation,
    private readonly likelihood: Pick<Likelihood, 'information'>,
    private readonly source: ExampleSource,
    private readonly options: SweepOptions,
  ) {
    this.dtype = linear.network.h.dtype as FloatType;
  }

  /** Sweeps so far: times that every example went forward. */
  get count(): number {
    return this.taken;
  }

  /** n. */
  get examples(): number {
    return this.options.examples;
  }

  /** T. */
  get outputs(): number {
    return this.linear.T;
  }

  /** n·T, the numbers of an image. */
  get rows(): number {
    return this.options.examples * this.linear.T;
  }

  /** Whether the network computes in float32. */
  get rounded(): boolean {
    return this.dtype !== 'float64';
  }

  /** Fv [P] of each v [P]. */
  async products(vectors: readonly Float64Array[], watch?: TangentWatch): Promise<Float64Array[]> {
    const { linear, options } = this;
    const out = vectors.map(() => new Float64Array(linear.P));
    const u = this.floats();
    for await (const { place, n, information } of this.sweep(true))
      for (const [i, v] of vectors.entries()) {
        const tangents = await linear.times(v, n);
        weigh(information as Float64Array, tangents, n, linear.T, u);
        watch?.(i, place, tangents, u, n);
        await linear.addTransposed(u.subarray(0, n * linear.T), n, 1 / options.examples, out[i]);
      }
    return out;
  }

  /** Images of vectors v [P]. */
  async images(vectors: readonly Float64Array[]): Promise<Image[]> {
    const { linear, options, rows } = this;
    const { T } = linear;
    const images = vectors.map(() => ({
      tangents: new Float64Array(rows),
      weighted: new Float64Array(rows),
    }));
    const own = new Float64Array(options.batch * T);
    for await (const { place, n, information } of this.sweep(true))
      for (const [i, v] of vectors.entries()) {
        const tangents = await linear.times(v, n);
        weigh(information as Float64Array, tangents, n, T, own);
        const { tangents: t, weighted: s } = images[i];
        t.set(tangents.subarray(0, n * T), place * T);
        for (let at = 0; at < n * T; at++) s[place * T + at] = own[at] / options.examples;
      }
    return images;
  }

  /** Σ_x J_xᵀu_x [P] of each u [n, T]. */
  async pulled(all: readonly Float64Array[]): Promise<Float64Array[]> {
    const { linear } = this;
    const { T } = linear;
    const out = all.map(() => new Float64Array(linear.P));
    const own = this.floats();
    for await (const { place, n } of this.sweep(false))
      for (const [i, u] of all.entries()) {
        own.set(u.subarray(place * T, (place + n) * T));
        await linear.addTransposed(own.subarray(0, n * T), n, 1, out[i]);
      }
    return out;
  }

  /** Σ_{x∈g} t_xiᵀ I(h_x) t_xj of each group of examples, of vectors v [P]: [k, k] row by row, the lower triangle. */
  async energies(
    vectors: readonly Float64Array[],
    stretches: { readonly groups: number; of(place: number): number },
  ): Promise<Float64Array[]> {
    const { linear, options } = this;
    const { T } = linear;
    const k = vectors.length;
    const sums = Array.from({ length: stretches.groups }, () => new Float64Array(k * k));
    const kept = vectors.map(() => new Float64Array(options.batch * T));
    const u = new Float64Array(options.batch * T);
    for await (const { place, n, information } of this.sweep(true))
      for (const [j, v] of vectors.entries()) {
        const tangents = await linear.times(v, n);
        kept[j].set(tangents.subarray(0, n * T));
        weigh(information as Float64Array, tangents, n, T, u);
        for (let e = 0; e < n; e++) {
          const own = sums[stretches.of(place + e)];
          for (let i = 0; i <= j; i++)
            for (let a = e * T; a < (e + 1) * T; a++) own[j * k + i] += kept[i][a] * u[a];
        }
      }
    return sums;
  }

  private floats(): FloatArray {
    const size = this.options.batch * this.linear.T;
    return this.dtype === 'float64' ? new Float64Array(size) : new Float32Array(size);
  }

  private async *sweep(informed: boolean): AsyncGenerator<Swept> {
    const { linear, likelihood, source, options, dtype } = this;
    const { T } = linear;
    const information = informed ? new Float64Array(options.batch * T * T) : null;
    let place = 0;
    for (const { n, inputs } of source(options.batch, dtype)) {
      const data = new Map([...inputs].map(([name, t]) => [name, t.data]));
      const h = outputsOf(await linear.forward(data, n), n, T);
      if (information) likelihood.information(h, information);
      yield { place, n, information };
      place += n;
      await options.pause?.();
    }
    this.taken += 1;
  }
}

/** u_x = I(h_x) t_x. */
function weigh(information: Float64Array, tangents: FloatArray, n: number, T: number, u: FloatArray): void {
  for (let e = 0; e < n; e++) {
    for (let a = 0; a < T; a++) {
      let sum = 0;
      for (let c = 0, at = (e * T + a) * T; c < T; c++) sum += information[at + c] * tangents[e * T + c];
      u[e * T + a] = sum;
    }
  }
}
