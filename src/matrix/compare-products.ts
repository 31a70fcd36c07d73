/**
 * @module matrix/compare-products
 *
 * A Fisher A that is held beside one F of products alone, by random signs z (M. Hutchinson, 1990): ‖Az‖², ‖Fz‖², Az·Fz and ‖(A − F)z‖² have
 * the means ‖A‖², ‖F‖², ⟨A, F⟩ and ‖A − F‖². Cosine and relative distance are ratios of means over the same probes, so that equal matrices
 * give 1 and 0 without an error; else the error is the jackknife over the probes. Traces and the largest entries are those of the exact diagonal.
 * Terms between layers, which no form by layer keeps, are in F. No error of the examples is told.
 */
import { type NonlinearFigure, untold } from '../stats/index.js';
import type { BlockMatrix } from './block-matrix.js';
import { largestPlaces } from './blocks/block.js';
import type { Comparison } from './compare.js';
import type { ImplicitFisher } from './implicit.js';
import { reordered } from './layout.js';
import { dot } from './vectors.js';

/** How the two are compared. */
export interface ProductsRequest {
  /** The diagonal of F [P], in the order of its layout. */
  readonly diagonal: Float64Array;
  /** Random probes. Default 30, at least 2. */
  readonly probes?: number;
  /** Share of the entries whose overlap is told. */
  readonly share: number;
  /** Of the probes. Default 0. */
  readonly seed?: number;
}

/** Why no error of the examples is told. */
export const PROBES_ALONE = 'products tell the error of their random signs alone';

/** Of one probe: ‖Az‖², ‖Fz‖², Az·Fz, ‖(A − F)z‖². */
type Probe = readonly [number, number, number, number];

/**
 * A against F, over the same parameters, in whatever order.
 * @throws FimError with `likelihood/not-finite`, `random/index`, `random/seed`
 */
export async function compareWithProducts(
  a: BlockMatrix,
  fisher: ImplicitFisher,
  { diagonal, probes = 30, share, seed = 0 }: ProductsRequest,
): Promise<Comparison> {
  const there = (v: Float64Array): Float64Array => reordered(v, fisher.layout, a.layout);
  const back = (v: Float64Array): Float64Array => reordered(v, a.layout, fisher.layout);
  const found: Probe[] = [];
  while (found.length < probes) {
    const count = Math.min(fisher.block, probes - found.length);
    const signs = Array.from({ length: count }, (_, i) => fisher.probe(seed, found.length + i));
    const products = await fisher.multiplyAll(signs);
    for (const [i, z] of signs.entries()) found.push(probeOf(back(await a.multiply(there(z))), products[i]));
  }
  const trace = diagonal.reduce((sum, x) => sum + x, 0);
  const k = Math.max(1, Math.ceil(share * a.size));
  const own = new Set(largestPlaces(back(await a.diagonal()), k));
  const both = largestPlaces(diagonal, k).reduce((same, i) => same + (own.has(i) ? 1 : 0), 0);
  return {
    cosine: figure(found, ([x, y, c]) => c / Math.sqrt(x * y)),
    relativeDistance: figure(found, ([x, , , d]) => Math.sqrt(d / x)),
    traceRatio: untold(trace / (await a.trace()).value, PROBES_ALONE),
    overlap: { share, ...untold(both / k, PROBES_ALONE) },
    interrupted: false,
  };
}

function probeOf(Az: Float64Array, Fz: Float64Array): Probe {
  const apart = Az.reduce((sum, x, i) => sum + (x - Fz[i]) ** 2, 0);
  return [dot(Az, Az), dot(Fz, Fz), dot(Az, Fz), apart];
}

/** f of the means, with its error by leaving out one probe at a time. */
function figure(probes: readonly Probe[], f: (means: Probe) => number): NonlinearFigure {
  const m = probes.length;
  const sums = [0, 1, 2, 3].map((i) => probes.reduce((sum, p) => sum + p[i], 0));
  const without = probes.map((p) => f(sums.map((s, i) => (s - p[i]) / (m - 1)) as unknown as Probe));
  const mean = without.reduce((sum, v) => sum + v, 0) / m;
  const square = without.reduce((sum, v) => sum + (v - mean) ** 2, 0);
  const value = f(sums.map((s) => s / m) as unknown as Probe);
  return { ...untold(value, PROBES_ALONE), probeError: Math.sqrt(((m - 1) / m) * square) };
}
