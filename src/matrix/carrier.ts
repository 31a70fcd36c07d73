/**
 * @module matrix/carrier
 *
 * Vectors v [P] of a Fisher held by coordinates u and images t and s, such that ⟨v, w⟩ = u·t' and vᵀFw = t·s' (t', s' those of w): either v
 * itself, u = t = v, s = Fv, or its place in the span of the scores, v = Jᵀu, t = Jv, s = I(h)t/n, of n·T numbers, where these are fewer.
 * All vectors of a Krylov space that begins in the span of the scores stay in it, so that nothing of the size of θ need be kept: the one-sided
 * reorthogonalisation of H. Simon, H. Zha, SIAM J. Sci. Comput. 21 (2000), in the products that a network has.
 */
import type { Sweeps } from './sweeps.js';

/** A vector by its coordinates and images. */
export interface Carried {
  /** u. */
  readonly u: Float64Array;
  /** t. */
  readonly t: Float64Array;
  /** s. */
  readonly s: Float64Array;
}

/** How vectors are held. */
export interface Carrier {
  /** Numbers of u, of t and of s. */
  readonly size: number;
  /** Numbers that are held of each vector. */
  readonly held: number;
  /** Parameters P. */
  readonly parameters: number;
  /** Whether products are in float32. */
  readonly rounded: boolean;
  /** v [P] of each u; not to be changed. */
  vectors(coordinates: readonly Float64Array[]): Promise<readonly Float64Array[]>;
  /** Each with its images; `coordinates` are those of `vectors`. */
  carried(
    coordinates: readonly Float64Array[],
    vectors: readonly Float64Array[],
  ): Promise<readonly Carried[]>;
}

/** Vectors themselves: a sweep a product. */
export const plainCarrier = (sweeps: Sweeps, P: number): Carrier => ({
  ...{ size: P, held: 2 * P, parameters: P, rounded: sweeps.rounded },
  vectors: (coordinates) => Promise.resolve(coordinates),
  async carried(coordinates, vectors) {
    const products = await sweeps.products(vectors);
    return coordinates.map((u, i) => ({ u, t: u, s: products[i] }));
  },
});

/** Places in the span of the scores: a sweep for vectors, a sweep for images. */
export const rowCarrier = (sweeps: Sweeps, P: number): Carrier => ({
  ...{ size: sweeps.rows, held: 3 * sweeps.rows, parameters: P, rounded: sweeps.rounded },
  vectors: (coordinates) => sweeps.pulled(coordinates),
  async carried(coordinates, vectors) {
    const images = await sweeps.images(vectors);
    return coordinates.map((u, i) => ({ u, t: images[i].tangents, s: images[i].weighted }));
  },
});

/** a·b with four sums side by side. */
export function inner(a: Float64Array, b: Float64Array): number {
  let [p, q, r, s] = [0, 0, 0, 0];
  const even = a.length - (a.length % 4);
  for (let i = 0; i < even; i += 4) {
    p += a[i] * b[i];
    q += a[i + 1] * b[i + 1];
    r += a[i + 2] * b[i + 2];
    s += a[i + 3] * b[i + 3];
  }
  for (let i = even; i < a.length; i++) p += a[i] * b[i];
  return p + q + (r + s);
}

/** x ← factor · x. */
export function scale(x: Float64Array, factor: number): void {
  for (let i = 0; i < x.length; i++) x[i] *= factor;
}
