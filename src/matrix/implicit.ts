/**
 * @module matrix/implicit
 *
 * A Fisher of which nothing is held, F v = (1/n) Σ_x J_xᵀ I(h_x) J_x v over all examples of a source: a forward pass, a forward and a reverse
 * product of the network to first order a batch (matrix/linearisation), about five forward passes over the data a product. Solves are by
 * conjugate gradients, eigenpairs by Lanczos steps with every vector kept, functions of the eigenvalues by Lanczos quadrature from random
 * signs (S. Ubaru, J. Chen, Y. Saad, SIMAX 38, 2017).
 *
 * Of a Krylov space with basis V the products of the examples' tangents t_xi = J_x v_i give the matrix of every group of examples in it,
 *
 *   (VᵀF_gV)_ij = (1/n_g) Σ_{x∈g} t_xiᵀ I(h_x) t_xj,
 *
 * at no pass more: N·T numbers a step are kept. An eigenvalue of F_(−g) in the space of F is off by a square of what was left out, so a
 * jackknife costs no second Lanczos process.
 */
import { UniformStream } from '../core/random.js';
import type { FloatArray, FloatType } from '../core/tensor.js';
import type { Engine } from '../engine/types.js';
import type { ExampleSource } from '../fisher/index.js';
import { Lanczos } from '../linalg/index.js';
import { type Likelihood, outputs } from '../likelihood/index.js';
import type { Network } from '../model/network.js';
import type { Failure } from './blocks/block.js';
import { requireLambda } from './blocks/block.js';
import { conjugateGradientSolve } from './conjugate-gradient.js';
import { type Krylov, type KrylovRequest, ProjectedGroups } from './krylov.js';
import { type Block, blocksOf, sizeOfLayout } from './layout.js';
import { Linearisation } from './linearisation.js';
import type { Solved, TopResult } from './matrix.js';
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

/** Residual of a solve and of an eigenpair, relative. */
const SOLVED = 1e-6;
const SETTLED = 1e-4;
const MOST_ITERATIONS = 500;

/** Products with the Fisher of a data set. */
export class ImplicitFisher {
  /** `implicit`. */
  readonly form = 'implicit';
  /** P. */
  readonly size: number;
  private taken = 0;

  private constructor(
    /** Places of the parameters in a vector. */
    readonly layout: readonly Block[],
    private readonly linear: Linearisation,
    private readonly likelihood: Pick<Likelihood, 'information'>,
    private readonly source: ExampleSource,
    private readonly options: Required<Omit<ImplicitOptions, 'pause'>> & ImplicitOptions,
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
    return new ImplicitFisher(blocksOf(network), linear, likelihood, source, { ...options, batch });
  }

  /** Products taken so far: passes over the examples. */
  get passes(): number {
    return this.taken;
  }

  /**
   * Fv [P] of v [P].
   * @throws FimError with `likelihood/not-finite`
   */
  multiply(v: Float64Array): Promise<Float64Array> {
    return this.product(v, null);
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
    if (found.residual <= SOLVED) return found;
    return {
      failed: `conjugate gradients are at a relative residual of ${found.residual.toPrecision(2)} after ${found.iterations} products; a larger λ takes fewer`,
    };
  }

  /**
   * The k largest eigenvalues with their vectors, to residuals of 1e-4 of each, in at most `steps` products (default 60 or 3k).
   * @throws FimError with `likelihood/not-finite`, `linalg/lanczos`, `linalg/no-convergence`, `random/seed`, `random/sequence`
   */
  async top(k: number, steps = Math.max(60, 3 * k)): Promise<TopResult> {
    const { lanczos } = await this.krylov({ steps, until: k, groups: 0, keep: 0 });
    return lanczos.leading(k);
  }

  /**
   * Lanczos steps from a random start, or from one given, with the groups' matrices in their space.
   * @throws FimError with `likelihood/not-finite`, `linalg/lanczos`, `linalg/no-convergence`, `random/seed`, `random/sequence`
   */
  async krylov(request: KrylovRequest): Promise<Krylov> {
    const { steps, until, groups, keep, seed = 0, start } = request;
    const lanczos = new Lanczos(this.size, { steps, seed, ...(start ? { start } : {}) });
    const { examples } = this.options;
    const projected = groups > 0 ? new ProjectedGroups(groups, examples, this.linear.T, keep) : null;
    for (let v = lanczos.next(), done = 1; v; v = lanczos.next(), done++) {
      lanczos.take(await this.product(v, projected));
      if (until > 0 && done >= 2 * until && done % 4 === 0 && settled(lanczos, until)) break;
    }
    return { lanczos, projected: projected?.complete ? projected : null };
  }

  /**
   * (F + λI)^{-1/2} z [P] of standard normals z keyed by (seed, draw, place): a draw from N(0, (F + λI)⁻¹). By Lanczos steps from z, until four
   * more change it by 1e-6; a failure where 500 do not get there.
   * @throws FimError with `likelihood/not-finite`, `linalg/lanczos`, `linalg/no-convergence`, `matrix/damping`, `random/index`,
   * `random/seed`, `random/sequence`
   */
  async sample(lambda: number, seed: number, draw = 0): Promise<Float64Array | Failure> {
    requireLambda(lambda);
    if (lambda === 0)
      return { failed: 'products alone do not tell whether F is positive definite: λ is to be above 0' };
    const normals = new UniformStream(seed, 'matrix/sample');
    const z = Float64Array.from({ length: this.size }, (_, i) => normals.normalAt(0, 0, draw, i));
    const length = Math.sqrt(dot(z, z));
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
    return {
      failed: `${MOST_ITERATIONS} products leave a change of ${change.toPrecision(2)}; a larger λ takes fewer`,
    };
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

  private async product(v: Float64Array, projected: ProjectedGroups | null): Promise<Float64Array> {
    const { linear, likelihood, source, options } = this;
    const { T } = linear;
    const dtype = linear.network.h.dtype as FloatType;
    const out = new Float64Array(this.size);
    const part = new Float64Array(this.size);
    const information = new Float64Array(options.batch * T * T);
    const u: FloatArray =
      dtype === 'float64' ? new Float64Array(options.batch * T) : new Float32Array(options.batch * T);
    projected?.begin();
    let place = 0;
    for (const { n, inputs } of source(options.batch, dtype)) {
      const data = new Map([...inputs].map(([name, t]) => [name, t.data]));
      const h = outputs(await linear.forward(data, n), n, T);
      likelihood.information(h, information);
      const tangents = await linear.times(v, n);
      weigh(information, tangents, n, T, u);
      projected?.take(place, tangents, u, n);
      await linear.transposed(u.subarray(0, n * T), n, part);
      axpy(1 / options.examples, part, out);
      place += n;
      await options.pause?.();
    }
    this.taken += 1;
    return out;
  }
}

/** ‖a − b‖ of the shorter a with zeros behind it. */
function distance(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < b.length; i++) sum += ((i < a.length ? a[i] : 0) - b[i]) ** 2;
  return Math.sqrt(sum);
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

/** Whether each of the k largest is known to a part of itself. */
function settled(lanczos: Lanczos, k: number): boolean {
  const { values, residuals } = lanczos.ritz();
  const last = values.length;
  for (let j = 1; j <= Math.min(k, last); j++)
    if (residuals[last - j] > SETTLED * Math.abs(values[last - j])) return false;
  return true;
}
