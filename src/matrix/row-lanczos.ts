/**
 * @module matrix/row-lanczos
 *
 * Lanczos steps with a Fisher from a given start v₀ [P], of which no other vector of the size of θ is kept: every vector of the space is
 * v = c v₀ + Jᵀu, so that c and u [n·T] hold it, and with t = Jv and γ = v₀·v the products ⟨v, w⟩ = c γ_w + u·t_w make each new vector
 * orthogonal to all before it, twice. A step is two sweeps over the examples, of images and of Jᵀu. Memory: 3·n·T numbers a step.
 */
import { symmetricEigen } from '../linalg/index.js';
import { type Carried, inner, scale } from './carrier.js';
import type { Quadrature } from './krylov.js';
import type { Sweeps } from './sweeps.js';
import { axpy } from './vectors.js';

/** A vector of the space. */
interface Placed extends Carried {
  /** c. */
  along: number;
  /** γ. */
  shadow: number;
}

/** Where a step leaves less of a product than this part of the largest eigenvalue, the space is closed. */
const CLOSED = { float32: 2 ** -20, float64: 2 ** -44 };

/** One process, a step at a time. */
export class RowLanczos {
  private readonly placed: Placed[] = [];
  private readonly H: number[][] = [];
  private readonly start: Float64Array;
  /** The next vector [P] with c and u; null: the space is closed. */
  private next: { readonly v: Float64Array; readonly along: number; readonly u: Float64Array } | null;

  constructor(
    private readonly sweeps: Sweeps,
    start: Float64Array,
  ) {
    const length = Math.sqrt(inner(start, start));
    this.start = start.map((x) => x / length);
    this.next = { v: this.start, along: 1, u: new Float64Array(sweeps.rows) };
  }

  /** Whether a step is left. */
  get open(): boolean {
    return this.next !== null;
  }

  /** Steps so far. */
  get steps(): number {
    return this.placed.length;
  }

  /** The vectors of the space, held by rows. */
  get basis(): readonly Carried[] {
    return this.placed;
  }

  /**
   * Takes a step.
   * @throws FimError with `likelihood/not-finite`
   */
  async step(): Promise<void> {
    const { sweeps, placed, H, start, next } = this;
    if (!next) return;
    const [{ tangents: t, weighted: s }] = await sweeps.images([next.v]);
    const x: Placed = { u: next.u, t, s, along: next.along, shadow: inner(start, next.v) };
    this.next = null;
    for (let pass = 0; pass < 2; pass++)
      for (const e of placed) subtract(x, e, e.along * x.shadow + inner(e.u, x.t));
    const length = Math.sqrt(Math.max(0, x.along * x.shadow + inner(x.u, x.t)));
    if (!(length > 0.5)) return;
    for (const part of [x.u, x.t, x.s]) scale(part, 1 / length);
    x.along /= length;
    x.shadow /= length;
    const row = placed.map((e) => inner(e.t, x.s));
    placed.push(x);
    row.forEach((h, i) => H[i].push(h));
    H.push([...row, inner(x.t, x.s)]);
    this.next = await this.after(x, H[placed.length - 1]);
  }

  /** Nodes and weights from the start, of the space so far. Throws what `symmetricEigen` throws. */
  quadrature(): Quadrature {
    const k = this.H.length;
    const { values, vectors } = symmetricEigen(Float64Array.from(this.H.flat()), k);
    return { values, weights: vectors.slice(0, k).map((v) => v * v) };
  }

  /** Coefficients [k] of f(F)v₀/‖v₀‖ in the space so far. Throws what `symmetricEigen` throws. */
  coefficients(f: (value: number) => number): Float64Array {
    const k = this.H.length;
    const { values, vectors } = symmetricEigen(Float64Array.from(this.H.flat()), k);
    return Float64Array.from({ length: k }, (_, i) => {
      let sum = 0;
      for (let j = 0; j < k; j++) sum += vectors[i * k + j] * f(values[j]) * vectors[j];
      return sum;
    });
  }

  /** Σ c_j v_j [P] of coefficients [k]: a sweep. */
  async combined(coefficients: Float64Array): Promise<Float64Array> {
    const u = new Float64Array(this.sweeps.rows);
    let along = 0;
    this.placed.forEach((e, j) => {
      axpy(coefficients[j], e.u, u);
      along += coefficients[j] * e.along;
    });
    const [v] = await this.sweeps.pulled([u]);
    axpy(along, this.start, v);
    return v;
  }

  /** What F makes of the last vector beside the space, of length 1; null: nothing. */
  private async after(x: Placed, row: readonly number[]): Promise<typeof this.next> {
    const { sweeps, placed, start } = this;
    const u = x.s.slice();
    let along = 0;
    placed.forEach((e, i) => {
      axpy(-row[i], e.u, u);
      along -= row[i] * e.along;
    });
    const [v] = await sweeps.pulled([u]);
    axpy(along, start, v);
    const length = Math.sqrt(inner(v, v));
    const largest = Math.max(...this.H.map((h, i) => h[i]));
    if (!(length > CLOSED[sweeps.rounded ? 'float32' : 'float64'] * largest)) return null;
    scale(v, 1 / length);
    scale(u, 1 / length);
    return { v, along: along / length, u };
  }
}

function subtract(x: Placed, e: Placed, factor: number): void {
  axpy(-factor, e.u, x.u);
  axpy(-factor, e.t, x.t);
  axpy(-factor, e.s, x.s);
  x.along -= factor * e.along;
  x.shadow -= factor * e.shadow;
}
