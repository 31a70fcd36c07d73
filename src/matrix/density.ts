/**
 * @module matrix/density
 *
 * Density of the eigenvalues μ of F over decades of μ + λ: with t = log₁₀(μ + λ) and the normal density N of width σ,
 *
 *   φ(t) = (1/P) Σ_i N(t; t_i, σ),     ∫ φ dt = 1,     log det(F + λI) = P ln 10 ∫ t φ dt.
 *
 * Zeros lie at log₁₀ λ. Where there are eigenvalues the sum is over them; of large matrices it is that of Lanczos quadrature from
 * random signs, Σ_j ω_j N(t; t_j, σ) (L. Lin, Y. Saad, C. Yang, SIAM Rev. 58, 2016). A quadrature does not tell eigenvalues below its
 * smallest node from 0: there the shift is four such nodes where λ is less, and they lie together within .1 decades.
 */
import { UniformStream } from '../core/random.js';
import { Lanczos, multiply } from '../linalg/index.js';
import { jackknife, type NonlinearFigure } from '../stats/index.js';
import { largestOf } from './block-matrix.js';
import type { MatrixBlock } from './blocks/block.js';
import { DenseBlock } from './blocks/dense.js';
import { LowRankBlock } from './blocks/low-rank.js';
import { mapReplicates, type Replicates, valuesOf } from './replicates.js';

/** Where a density is told, and how smooth it is. */
export interface DensityGrid {
  /** What is added to eigenvalues, so that zeros have a logarithm. */
  readonly shift: number;
  /** σ in decades. */
  readonly width: number;
  /** log₁₀(μ + shift), rising [points]. */
  readonly at: Float64Array;
}

/** A density of eigenvalues. */
export interface SpectralDensity extends DensityGrid {
  /** Share of the eigenvalues per decade at each point [points]. */
  readonly figures: readonly NonlinearFigure[];
}

/** Shares per decade of one matrix. */
export interface Shares {
  /** φ [points]. */
  readonly values: Float64Array;
  /** Variance of random probes [points]; null: there were none. */
  readonly probeVariance: Float64Array | null;
}

const POINTS = 80;
/** Decades. */
const WIDTH = 0.15;
/** Widths beyond which the normal density is nothing. */
const FAR = 6;
/** In place of λ = 0: so much of the largest eigenvalue. */
const ROUNDING = 1e-12;

/** Nodes of a quadrature with their weights. */
export interface Nodes {
  /** Rising [k]. */
  readonly values: Float64Array;
  /** Adding up to 1 [k]. */
  readonly weights: Float64Array;
}

/** A grid for eigenvalues from 0 to `largest`, of which those below `resolution` are not told apart. */
export function densityGrid(largest: number, damping: number, resolution = 0): DensityGrid {
  const least = Math.max(Number.MIN_VALUE, ROUNDING * largest);
  const shift = Math.max(damping > 0 ? damping : least, resolution);
  const low = Math.log10(shift) - 3 * WIDTH;
  const high = Math.log10(Math.max(largest, 0) + shift) + 3 * WIDTH;
  const at = Float64Array.from({ length: POINTS }, (_, i) => low + (i * (high - low)) / (POINTS - 1));
  return { shift, width: WIDTH, at };
}

/** Below what quadratures do not tell eigenvalues from 0: four times the median of their smallest nodes. */
export function resolutionOf(quadratures: readonly Nodes[]): number {
  const least = Float64Array.from(quadratures, ({ values }) => Math.max(0, values[0])).sort();
  return 4 * (least[least.length >> 1] ?? 0);
}

/** Adds Σ_j ω_j N(t; t_j, σ) to `into` [points]; ω = `weight` for all where there are none of their own. */
export function addSmoothed(
  into: Float64Array,
  { shift, width, at }: DensityGrid,
  values: ArrayLike<number>,
  weights: ArrayLike<number> | number,
): void {
  const step = (at[at.length - 1] - at[0]) / (at.length - 1);
  const scale = 1 / (width * Math.sqrt(2 * Math.PI));
  for (let j = 0; j < values.length; j++) {
    const t = Math.log10(Math.max(0, values[j]) + shift);
    const weight = scale * (typeof weights === 'number' ? weights : weights[j]);
    const from = Math.max(0, Math.ceil((t - FAR * width - at[0]) / step));
    const to = Math.min(at.length - 1, Math.floor((t + FAR * width - at[0]) / step));
    for (let i = from; i <= to; i++) into[i] += weight * Math.exp(-0.5 * ((at[i] - t) / width) ** 2);
  }
}

/** Above this the eigenvalues of a dense block are not computed for each set of groups. */
const LARGE = 512;
const PROBES = 8;
const STEPS = 32;

const byQuadrature = (block: MatrixBlock): block is DenseBlock =>
  block instanceof DenseBlock && block.size > LARGE;

/** A block whose eigenvalues are those, and zeros besides: of one of low rank its dual; fewer than none where the rank is above its size. */
const dual = (block: MatrixBlock): { block: MatrixBlock; zeros: number } =>
  block instanceof LowRankBlock
    ? { block: new DenseBlock(block.gram(), block.rows.rank), zeros: block.size - block.rows.rank }
    : { block, zeros: 0 };

/**
 * The grid of a matrix with these blocks.
 * @throws FimError with `engine/memory`, `kernels/memory`, `kernels/unknown`, `kernels/unsupported`, `linalg/lanczos`,
 * `linalg/no-convergence`, `linalg/not-finite`, `linalg/shape`, `random/index`, `random/seed`, `random/sequence`
 */
export function gridOf(blocks: readonly MatrixBlock[], damping: number): DensityGrid {
  const resolution = blocks.map((given, b) => {
    const { block } = dual(given);
    return byQuadrature(block) ? resolutionOf(probed(block, b)) : 0;
  });
  return densityGrid(largestOf(blocks, 1)[0] ?? 0, damping, Math.max(0, ...resolution));
}

/**
 * Shares of the eigenvalues of some blocks: by eigenvalues, or of dense blocks above 512 by quadrature from the same random signs every time.
 * @throws FimError with `engine/memory`, `kernels/memory`, `kernels/unknown`, `kernels/unsupported`, `linalg/lanczos`,
 * `linalg/no-convergence`, `linalg/not-finite`, `linalg/shape`, `random/index`, `random/seed`, `random/sequence`
 */
export function sharesOf(blocks: readonly MatrixBlock[], grid: DensityGrid): Shares {
  const P = blocks.reduce((sum, { size }) => sum + size, 0);
  const points = grid.at.length;
  const values = new Float64Array(points);
  let probeVariance: Float64Array | null = null;
  blocks.forEach((given, b) => {
    const { block, zeros } = dual(given);
    if (zeros !== 0) addSmoothed(values, grid, [0], zeros / P);
    if (!byQuadrature(block)) return addSmoothed(values, grid, block.eigenvalues(), 1 / P);
    const own = sharesByQuadrature(probed(block, b), grid);
    const variance = (probeVariance ??= new Float64Array(points));
    const share = block.size / P;
    for (let i = 0; i < points; i++) {
      values[i] += share * own.values[i];
      variance[i] += share * share * own.probeVariance[i];
    }
  });
  return { values, probeVariance };
}

/** Shares by the mean of quadratures, each of other random signs. */
export function sharesByQuadrature(
  quadratures: readonly Nodes[],
  grid: DensityGrid,
): Shares & { readonly probeVariance: Float64Array } {
  const m = quadratures.length;
  const each = quadratures.map(({ values, weights }) => {
    const out = new Float64Array(grid.at.length);
    addSmoothed(out, grid, values, weights);
    return out;
  });
  const mean = grid.at.map((_, i) => each.reduce((sum, own) => sum + own[i], 0) / m);
  const spread = (i: number): number => each.reduce((sum, own) => sum + (own[i] - mean[i]) ** 2, 0);
  return { values: mean, probeVariance: mean.map((_, i) => spread(i) / (m - 1) / m) };
}

/** A quadrature from each probe; all probes in step, so that F is read once a step. */
function probed(block: DenseBlock, b: number): Nodes[] {
  const n = block.size;
  const signs = new UniformStream(0, 'matrix/density');
  const processes = Array.from({ length: PROBES }, (_, k) => {
    const start = Float64Array.from({ length: n }, (_, i) => signs.signAt(b, 0, k, i));
    return new Lanczos(n, { steps: STEPS, start });
  });
  for (;;) {
    const open = processes.flatMap((process) => {
      const v = process.next();
      return v ? [{ process, v }] : [];
    });
    if (open.length === 0) break;
    const all = new Float64Array(open.length * n);
    open.forEach(({ v }, k) => all.set(v, k * n));
    const products = multiply(all, block.values, open.length, n, n);
    open.forEach(({ process }, k) => process.take(products.subarray(k * n, (k + 1) * n)));
  }
  return processes.map((process) => {
    const { values, first } = process.ritz();
    return { values, weights: first.map((s) => s * s) };
  });
}

/**
 * The density with its errors, of shares of all examples, of all but a group each, and of halves of the groups; those of probes are added.
 * @throws FimError with `random/seed`, `random/sequence`, `stats/level`
 */
export function densityFigures(
  grid: DensityGrid,
  whole: Shares,
  replicates: Replicates<Shares>,
  design: { readonly counts: ArrayLike<number>; readonly left: number; readonly level: number },
): SpectralDensity {
  const figures = [...grid.at].map((_, i): NonlinearFigure => {
    const values = valuesOf(
      whole.values[i],
      mapReplicates(replicates, (shares) => shares.values[i]),
    );
    const found = jackknife(values, { ...design, feasible: [0, Infinity], bends: false });
    if (!whole.probeVariance) return found;
    const probeError = Math.sqrt(whole.probeVariance[i]);
    const { value, standardError, interval } = found;
    if (standardError === null || !interval) return { ...found, probeError };
    const all = Math.hypot(standardError, probeError);
    const wider = standardError > 0 ? (all / standardError) * (interval[1] - value) : 2 * all;
    return {
      ...found,
      ...{ probeError, standardError: all },
      interval: [Math.max(0, value - wider), value + wider],
    };
  });
  return { ...grid, figures };
}
