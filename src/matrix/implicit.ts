/**
 * @module matrix/implicit
 *
 * A Fisher of which nothing is held, F v = (1/n) Σ_x J_xᵀ I(h_x) J_x v over all examples of a source: a forward pass, a forward and a reverse
 * product of the network to first order a batch (matrix/linearisation), about five forward passes over the data a product. Solves are by
 * conjugate gradients, eigenpairs by blocks of vectors that share a sweep (matrix/block-krylov), functions of the eigenvalues by Lanczos
 * quadrature from random signs (S. Ubaru, J. Chen, Y. Saad, SIMAX 38, 2017).
 *
 * Memory: a few vectors of the size of θ. Krylov spaces are held by the outputs of the examples, n·T numbers a vector, where these are fewer than
 * the parameters (matrix/carrier), else as they are.
 *
 * Of a Krylov space with basis V the products of the examples' tangents t_xi = J_x v_i give the matrix of every group of examples in it,
 *
 *   (VᵀF_gV)_ij = (1/n_g) Σ_{x∈g} t_xiᵀ I(h_x) t_xj,
 *
 * at no pass more. An eigenvalue of F_(−g) in the space of F is off by a square of what was left out, so a jackknife costs no second Lanczos
 * process.
 */
import { UniformStream } from '../core/random.js';
import type { Engine } from '../engine/types.js';
import type { ExampleSource } from '../fisher/index.js';
import { Lanczos } from '../linalg/index.js';
import type { Likelihood } from '../likelihood/index.js';
import type { Network } from '../model/network.js';
import type { Failure } from './blocks/block.js';
import { requireLambda } from './blocks/block.js';
import { type LeadingSpace, leadingSpace } from './block-krylov.js';
import { type Carried, type Carrier, plainCarrier, rowCarrier } from './carrier.js';
import { conjugateGradientSolve } from './conjugate-gradient.js';
import {
  groupsOfRows,
  KeptTangents,
  type Krylov,
  type KrylovRequest,
  ProjectedGroups,
  Stretches,
} from './krylov.js';
import { type Block, blocksOf, sizeOfLayout } from './layout.js';
import { Linearisation } from './linearisation.js';
import type { Solved, TopResult } from './matrix.js';
import { RowLanczos } from './row-lanczos.js';
import { Sweeps } from './sweeps.js';
import { axpy, dot } from './vectors.js';

/** Examples and how they are gone through. */
export interface ImplicitOptions {
  /** Examples of the source. */
  readonly examples: number;
  /** Examples a pass. Default 256. */
  readonly batch?: number;
  /** Lets timers and signals be heard, after each batch; throws to end it. */
  pause?(): Promise<void>;
}

/** The largest eigenvalues, and those of groups of examples in their space. */
export interface LeadingValues {
  /** Falling [k], or fewer where there are not so many above 0. */
  readonly values: Float64Array;
  /** ‖Fv − μv‖ of each [k]. */
  readonly residuals: Float64Array;
  /** Null where no groups were asked for. */
  readonly projected: ProjectedGroups | null;
}

/** Residual of a solve and of an eigenpair, relative. */
const SOLVED = 1e-6;
/** Of an eigenpair: ‖Fv − μv‖ ≤ 1e-4 μ. */
export const SETTLED = 1e-4;
const MOST_ITERATIONS = 500;
/** Sweeps over the examples that eigenpairs may take. */
const MOST_SWEEPS = 60;
/** Numbers of the vectors [P] of a block, and of the space that it grows. */
const BLOCK = 2 ** 25;
const SPACE = 2 ** 26;
/** Pairs of the space that groups of examples are compared in, for each that is asked for. */
const BESIDE = 3;
/** Vectors of a block beside those that are wanted, as a part, and the fewest of both. */
const GUARDS = 1.2;
const FEWEST = 8;

/** Products with the Fisher of a data set. */
export class ImplicitFisher {
  /** `implicit`. */
  readonly form = 'implicit';
  /** P. */
  readonly size: number;

  private constructor(
    /** Places of the parameters in a vector. */
    readonly layout: readonly Block[],
    private readonly linear: Linearisation,
    private readonly sweeps: Sweeps,
  ) {
    this.size = sizeOfLayout(layout);
  }

  /**
   * Of a network on the examples of a source.
   * @throws FimError with `graph/examples-coupled`, `graph/shape`
   */
  static async compile(
    engine: Engine,
    network: Network,
    likelihood: Pick<Likelihood, 'information'>,
    source: ExampleSource,
    options: ImplicitOptions,
  ): Promise<ImplicitFisher> {
    const batch = Math.min(options.batch ?? 256, options.examples);
    const linear = await Linearisation.compile(engine, network, engine.store(), batch);
    return new ImplicitFisher(
      blocksOf(network),
      linear,
      new Sweeps(linear, likelihood, source, { ...options, batch }),
    );
  }

  /** Passes over the examples so far: times that each went forward, for one vector or for several at once. */
  get passes(): number {
    return this.sweeps.count;
  }

  /**
   * Fv [P] of v [P].
   * @throws FimError with `likelihood/not-finite`
   */
  async multiply(v: Float64Array): Promise<Float64Array> {
    const [Fv] = await this.sweeps.products([v]);
    return Fv;
  }

  /**
   * Fv [P] of each of several v [P], in one pass over the examples.
   * @throws FimError with `likelihood/not-finite`
   */
  multiplyAll(vectors: readonly Float64Array[]): Promise<Float64Array[]> {
    return this.sweeps.products(vectors);
  }

  /** Vectors that share a pass where memory is heeded. */
  get block(): number {
    return Math.max(1, Math.floor(BLOCK / this.size));
  }

  /**
   * vᵀFv of v [P].
   * @throws FimError with `likelihood/not-finite`
   */
  async quadratic(v: Float64Array): Promise<number> {
    return dot(v, await this.multiply(v));
  }

  /**
   * (F + λI)⁻¹v of v [P] by conjugate gradients to a relative residual of 1e-6; a failure where 500 do not get there.
   * @throws FimError with `likelihood/not-finite`, `matrix/damping`, `optim/conjugate-gradient`
   */
  async solve(v: Float64Array, lambda: number): Promise<Solved | Failure> {
    requireLambda(lambda);
    const found = await conjugateGradientSolve(
      async (x) => {
        const Fx = await this.multiply(x);
        axpy(lambda, x, Fx);
        return Fx;
      },
      v,
      { iterations: MOST_ITERATIONS, tolerance: SOLVED },
    );
    const lost = found.solution.findIndex((x) => !Number.isFinite(x));
    if (lost >= 0) return { failed: `the solution is ${found.solution[lost]} at place ${lost}` };
    if (found.residual <= SOLVED) return found;
    return {
      failed: `conjugate gradients are at a relative residual of ${found.residual.toPrecision(2)} after ${found.iterations} products; a larger λ takes fewer`,
    };
  }

  /**
   * The k largest eigenvalues with their vectors, to residuals of 1e-4 of each, in at most so many passes over the examples (default 60),
   * each for a block of vectors.
   * @throws FimError with `engine/memory`, `kernels/memory`, `kernels/unknown`, `kernels/unsupported`, `likelihood/not-finite`,
   * `linalg/no-convergence`, `linalg/not-finite`, `linalg/shape`, `random/seed`, `random/sequence`
   */
  async top(k: number, passes = MOST_SWEEPS, seed = 0): Promise<TopResult> {
    const { carrier, space } = await this.space(k, passes, seed);
    const { values, residuals } = space;
    return { values, residuals, vectors: await vectorsOf(carrier, space, values.length) };
  }

  /**
   * The k largest eigenvalues, as `top`, and those of groups of the examples in their space.
   * @throws FimError with `engine/memory`, `kernels/memory`, `kernels/unknown`, `kernels/unsupported`, `likelihood/not-finite`,
   * `linalg/no-convergence`, `linalg/not-finite`, `linalg/shape`, `random/seed`, `random/sequence`
   */
  async leading(k: number, groups: number, seed = 0): Promise<LeadingValues> {
    const { carrier, byRows, space } = await this.space(k, MOST_SWEEPS, seed);
    const { values, residuals, basis } = space;
    if (groups === 0) return { values, residuals, projected: null };
    const { examples, outputs } = this.sweeps;
    const stretches = new Stretches(groups, examples);
    if (byRows) return { values, residuals, projected: groupsOfRows(basis, stretches, outputs) };
    const vectors = await vectorsOf(carrier, space, BESIDE * k);
    const sums = await this.sweeps.energies(vectors, stretches);
    return { values, residuals, projected: new ProjectedGroups(stretches.counts, sums, vectors.length) };
  }

  /**
   * Lanczos steps from a start, with the groups' matrices in their space.
   * @throws FimError with `engine/memory`, `kernels/memory`, `kernels/unknown`, `kernels/unsupported`, `likelihood/not-finite`,
   * `linalg/lanczos`, `linalg/no-convergence`, `linalg/not-finite`, `linalg/shape`, `random/seed`, `random/sequence`
   */
  async krylov({ steps, groups, keep, start }: KrylovRequest): Promise<Krylov> {
    const { sweeps } = this;
    const stretches = new Stretches(groups, sweeps.examples);
    if (this.byRows) {
      const process = new RowLanczos(sweeps, start);
      while (process.open && process.steps < steps) await process.step();
      const projected = groups > 0 ? groupsOfRows(process.basis, stretches, sweeps.outputs) : null;
      return { whole: process.quadrature(), projected };
    }
    const lanczos = new Lanczos(this.size, { steps, start });
    const kept = groups > 0 ? new KeptTangents(stretches, sweeps.outputs, keep) : null;
    for (let v = lanczos.next(); v; v = lanczos.next()) {
      kept?.begin();
      const [Fv] = await sweeps.products([v], (_, place, t, s, n) => kept?.take(place, t, s, n));
      lanczos.take(Fv);
    }
    const { values, first } = lanczos.ritz();
    return { whole: { values, weights: first.map((s) => s * s) }, projected: kept?.projected() ?? null };
  }

  /**
   * (F + λI)^{-1/2} z [P] of standard normals z keyed by (seed, draw, place): a draw from N(0, (F + λI)⁻¹). By Lanczos steps from z, until four
   * more change it by 1e-6; a failure where 500 do not get there.
   * @throws FimError with `engine/memory`, `kernels/memory`, `kernels/unknown`, `kernels/unsupported`, `likelihood/not-finite`,
   * `linalg/lanczos`, `linalg/no-convergence`, `linalg/not-finite`, `linalg/shape`, `matrix/damping`, `random/index`, `random/seed`,
   * `random/sequence`
   */
  async sample(lambda: number, seed: number, draw = 0): Promise<Float64Array | Failure> {
    requireLambda(lambda);
    if (lambda === 0)
      return { failed: 'products alone do not tell whether F is positive definite: λ is to be above 0' };
    const normals = new UniformStream(seed, 'matrix/sample');
    const z = Float64Array.from({ length: this.size }, (_, i) => normals.normalAt(0, 0, draw, i));
    const length = Math.sqrt(dot(z, z));
    if (this.byRows) return this.sampleByRows(z, (value) => length / Math.sqrt(Math.max(0, value) + lambda));
    const lanczos = new Lanczos(this.size, { steps: MOST_ITERATIONS, start: z });
    const f = (value: number): number => length / Math.sqrt(Math.max(0, value) + lambda);
    let before: Float64Array | null = null;
    let change = Infinity;
    for (let v = lanczos.next(), done = 1; v; v = lanczos.next(), done++) {
      lanczos.take(await this.multiply(v));
      if (done % 4 !== 0 && lanczos.next()) continue;
      const now = lanczos.coefficients(f);
      change = before ? distance(before, now) / Math.sqrt(dot(now, now)) : Infinity;
      before = now;
      if (change <= SOLVED) break;
    }
    const closed = lanczos.next() === null && this.size <= MOST_ITERATIONS;
    if (before && (change <= SOLVED || closed)) return lanczos.combined(before);
    return unsettled(change);
  }

  /**
   * Random signs [P] of one probe.
   * @throws FimError with `random/index`, `random/seed`
   */
  probe(seed: number, k: number): Float64Array {
    const signs = new UniformStream(seed, 'matrix/probe');
    return Float64Array.from({ length: this.size }, (_, i) => signs.signAt(0, 0, k, i));
  }

  /** Frees the compiled programs. */
  dispose(): void {
    this.linear.dispose();
  }

  /** Whether vectors are held by the outputs of the examples. */
  private get byRows(): boolean {
    return 3 * this.sweeps.rows < 2 * this.size;
  }

  private async space(
    k: number,
    passes: number,
    seed: number,
  ): Promise<{ carrier: Carrier; byRows: boolean; space: LeadingSpace }> {
    const { sweeps, size, byRows } = this;
    const carrier = byRows ? rowCarrier(sweeps, size) : plainCarrier(sweeps, size);
    const most = Math.max(FEWEST, Math.ceil(GUARDS * k));
    const before = sweeps.count;
    const space = await leadingSpace(carrier, {
      ...{ count: Math.min(k, size), tolerance: SETTLED, seed, held: SPACE },
      block: Math.min(most, size, this.block),
      more: () => sweeps.count - before + (byRows ? 2 : 1) <= passes,
    });
    return { carrier, byRows, space };
  }

  /** As `sample`, of vectors that are held by rows. */
  private async sampleByRows(z: Float64Array, f: (value: number) => number): Promise<Float64Array | Failure> {
    const process = new RowLanczos(this.sweeps, z);
    let before: Float64Array | null = null;
    let change = Infinity;
    while (process.open && process.steps < MOST_ITERATIONS && change > SOLVED) {
      await process.step();
      if (process.steps % 4 !== 0 && process.open) continue;
      const now = process.coefficients(f);
      change = before ? distance(before, now) / Math.sqrt(dot(now, now)) : Infinity;
      before = now;
    }
    if (before && (change <= SOLVED || !process.open)) return process.combined(before);
    return unsettled(change);
  }
}

/** The leading vectors [P] of a space, of length 1; by rows a sweep. */
async function vectorsOf(
  carrier: Carrier,
  { basis, coefficients }: LeadingSpace,
  count: number,
): Promise<Float64Array[]> {
  const coordinates = coefficients.slice(0, count).map((c) => {
    const u = new Float64Array(carrier.size);
    basis.forEach((e: Carried, i) => axpy(c[i], e.u, u));
    return u;
  });
  const vectors = await carrier.vectors(coordinates);
  return vectors.map((v) => {
    const length = Math.sqrt(dot(v, v));
    return v.map((x) => x / length);
  });
}

const unsettled = (change: number): Failure => ({
  failed: `${MOST_ITERATIONS} products leave a change of ${change.toPrecision(2)}; a larger λ takes fewer`,
});

/** ‖a − b‖ of the shorter a with zeros behind it. */
function distance(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < b.length; i++) sum += ((i < a.length ? a[i] : 0) - b[i]) ** 2;
  return Math.sqrt(sum);
}
