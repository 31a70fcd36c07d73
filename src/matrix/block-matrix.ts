/**
 * @module matrix/block-matrix
 *
 * A Fisher made of blocks on the diagonal, each over a region of θ: what every form but the implicit one is. Blocks are independent,
 * so traces, squares and log-determinants add up, and eigenpairs are those of the blocks. Parameters that no block is about are not
 * allowed: a zero is a block too.
 */
import { FimError } from '../core/errors.js';
import { UniformStream } from '../core/random.js';
import {
  type DampedBlock,
  type Failure,
  isFailure,
  largestPlaces,
  type MatrixBlock,
} from './blocks/block.js';
import { LowRankBlock } from './blocks/low-rank.js';
import { type Block, sizeOfLayout } from './layout.js';
import { type Evaluated, type FisherMatrix, LARGEST_WRITTEN, type Solved, type TopResult } from './matrix.js';
import type { Region } from './region.js';

/** A block with the places it is about. */
export interface PlacedBlock {
  /** Where. */
  readonly region: Region;
  /** What. */
  readonly block: MatrixBlock;
}

/** Draws of `sample`. */
const STREAM = 'matrix/sample';

/** F = blockdiag over regions of θ. */
export class BlockMatrix implements FisherMatrix {
  /** P. */
  readonly size: number;

  /** Throws `matrix/cover` unless every parameter is in exactly one block of its size. */
  constructor(
    /** How it is held, in a word. */
    readonly form: string,
    /** Places of the parameters in a vector. */
    readonly layout: readonly Block[],
    /** The blocks. */
    readonly blocks: readonly PlacedBlock[],
  ) {
    this.size = sizeOfLayout(layout);
    checkCover(layout, blocks);
  }

  /** Fv [P]. */
  multiply(v: Float64Array): Promise<Float64Array> {
    return Promise.resolve(this.each(v, ({ block }, x) => block.multiply(x)));
  }

  /** vᵀFv of v [P]. */
  async quadratic(v: Float64Array): Promise<number> {
    const Fv = await this.multiply(v);
    return v.reduce((sum, x, i) => sum + x * Fv[i], 0);
  }

  /** (F + λI)⁻¹v of v [P]. */
  solve(v: Float64Array, lambda: number): Promise<Solved | Failure> {
    const damped = this.damped(lambda);
    if (isFailure(damped)) return Promise.resolve(damped);
    const solution = this.each(v, (_, x, i) => damped[i].solve(x));
    const lost = solution.findIndex((x) => !Number.isFinite(x));
    return Promise.resolve(
      lost < 0
        ? { solution, residual: 0, iterations: 0 }
        : { failed: `the solution is ${solution[lost]} at place ${lost}` },
    );
  }

  /** log det(F + λI). */
  logdet(lambda: number): Promise<Evaluated | Failure> {
    return Promise.resolve(this.summed(lambda, (d) => d.logdet()));
  }

  /** tr F(F + λI)⁻¹. */
  effectiveDimension(lambda: number): Promise<Evaluated | Failure> {
    return Promise.resolve(this.summed(lambda, (d) => d.effectiveDimension()));
  }

  /** tr F. */
  trace(): Promise<Evaluated> {
    return Promise.resolve(exactly(this.blocks.reduce((sum, { block }) => sum + block.trace(), 0)));
  }

  /** ‖F‖. */
  frobenius(): Promise<Evaluated> {
    const sum = this.blocks.reduce((all, { block }) => all + block.frobenius2(), 0);
    return Promise.resolve(exactly(Math.sqrt(sum)));
  }

  /** The k largest eigenvalues of all blocks. */
  top(k: number): Promise<TopResult> {
    const found = this.blocks.flatMap(({ region, block }) => {
      const { values, vectors } = block.top(Math.min(k, block.size));
      return vectors.map((x, j) => ({ value: values[j], x, region }));
    });
    const places = largestPlaces(
      Float64Array.from(found, ({ value }) => value),
      k,
    );
    const best = [...places].map((i) => found[i]);
    return Promise.resolve({
      values: Float64Array.from(best, ({ value }) => value),
      vectors: best.map(({ x, region }) => {
        const v = new Float64Array(this.size);
        region.scatter(x, v);
        return v;
      }),
      residuals: new Float64Array(best.length),
    });
  }

  /**
   * The k largest eigenvalues, falling [k].
   * @throws FimError with `engine/memory`, `kernels/memory`, `kernels/unknown`, `kernels/unsupported`, `linalg/lanczos`,
   * `linalg/no-convergence`, `linalg/not-finite`, `linalg/shape`, `random/seed`, `random/sequence`
   */
  largest(k: number): Float64Array {
    return largestOf(
      this.blocks.map(({ block }) => block),
      k,
    );
  }

  /** All eigenvalues, rising [P]. */
  eigenvalues(): Float64Array {
    const out = new Float64Array(this.size);
    let at = 0;
    for (const { block } of this.blocks) {
      out.set(block.eigenvalues(), at);
      at += block.size;
    }
    return out.sort();
  }

  /**
   * Lz [P] of keyed standard normals; see `FisherMatrix`.
   * @throws FimError with `random/index`, `random/seed`
   */
  sample(lambda: number, seed: number, draw = 0): Promise<Float64Array | Failure> {
    const normals = new UniformStream(seed, STREAM);
    const z = Float64Array.from({ length: this.size }, (_, i) => normals.normalAt(0, 0, draw, i));
    return Promise.resolve(this.root(z, lambda));
  }

  /** Lz [P] with LLᵀ = (F + λI)⁻¹, of z [P] in the order of the blocks; a failure where that is not positive definite. */
  root(z: Float64Array, lambda: number): Float64Array | Failure {
    const damped = this.damped(lambda);
    return isFailure(damped) ? damped : this.each(z, (_, x, i) => damped[i].root(x));
  }

  /** The diagonal [P]. */
  diagonal(): Promise<Float64Array> {
    const out = new Float64Array(this.size);
    for (const { region, block } of this.blocks) region.scatter(block.diagonal(), out);
    return Promise.resolve(out);
  }

  /** All of F [P, P], row by row; null for P > 4,096. */
  toDense(): Promise<Float64Array | null> {
    const { size: P } = this;
    if (P > LARGEST_WRITTEN) return Promise.resolve(null);
    const out = new Float64Array(P * P);
    const numbers = Float64Array.from({ length: P }, (_, i) => i);
    for (const { region, block } of this.blocks) {
      const [places, own, n] = [region.gather(numbers), block.toDense(), block.size];
      for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) out[places[i] * P + places[j]] = own[i * n + j];
    }
    return Promise.resolve(out);
  }

  private damped(lambda: number): DampedBlock[] | Failure {
    const all: DampedBlock[] = [];
    for (const { region, block } of this.blocks) {
      const one = block.damped(lambda);
      if (isFailure(one)) return { failed: `${region.name}: ${one.failed}` };
      all.push(one);
    }
    return all;
  }

  private summed(lambda: number, of: (damped: DampedBlock) => number): Evaluated | Failure {
    const damped = this.damped(lambda);
    return isFailure(damped) ? damped : exactly(damped.reduce((sum, d) => sum + of(d), 0));
  }

  private each(
    v: Float64Array,
    f: (placed: PlacedBlock, x: Float64Array, i: number) => Float64Array,
  ): Float64Array {
    const out = new Float64Array(this.size);
    this.blocks.forEach((placed, i) => placed.region.scatter(f(placed, placed.region.gather(v), i), out));
    return out;
  }
}

/** The k largest eigenvalues of some blocks, falling [k]. */
export function largestOf(blocks: readonly MatrixBlock[], k: number): Float64Array {
  const found = blocks.flatMap((block) => {
    if (block instanceof LowRankBlock) return [...block.largest(k)];
    const few = block.kind === 'dense' ? block.top(Math.min(k, block.size)).values : block.eigenvalues();
    return [...few];
  });
  return Float64Array.from(found).sort().reverse().slice(0, k);
}

const exactly = (value: number): Evaluated => ({ value, probeError: 0 });

function checkCover(layout: readonly Block[], blocks: readonly PlacedBlock[]): void {
  const refuse = (rule: string, got: string): never => {
    throw new FimError({ code: 'matrix/cover', where: 'blocks of a Fisher', rule, got });
  };
  const seen = new Set<string>();
  const sizes = new Map(layout.map(({ name, size }) => [name, size]));
  for (const { region, block } of blocks) {
    let size = 0;
    for (const name of region.parameters) {
      if (seen.has(name)) refuse('a parameter is in one block only', name);
      if (!sizes.has(name)) refuse('blocks are about parameters of the layout', name);
      seen.add(name);
      size += sizes.get(name) as number;
    }
    if (size !== block.size || region.size !== block.size)
      refuse(`${region.name} has ${size} numbers, and so does its block`, String(block.size));
  }
  const left = layout.find(({ name }) => !seen.has(name));
  if (left) refuse('every parameter is in a block', `none for ${left.name}`);
}
