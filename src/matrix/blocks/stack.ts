/**
 * @module matrix/blocks/stack
 *
 * Blocks one after the other on the diagonal of one: the rows of a weight by output neuron, the groups of a grouped convolution.
 */
import {
  type DampedBlock,
  type Failure,
  isFailure,
  largestPlaces,
  type MatrixBlock,
  type TopPairs,
} from './block.js';

/** F = blockdiag(F₁, F₂, …). */
export class StackBlock implements MatrixBlock {
  /** `stack`. */
  readonly kind = 'stack';
  /** Σ n. */
  readonly size: number;
  private readonly offsets: readonly number[];

  constructor(
    /** In order. */
    readonly blocks: readonly MatrixBlock[],
  ) {
    let at = 0;
    this.offsets = blocks.map(({ size }) => (at += size) - size);
    this.size = at;
  }

  /** Fv [n]. */
  multiply(v: Float64Array): Float64Array {
    return this.each(v, (block, x) => block.multiply(x));
  }

  /** Σ tr. */
  trace(): number {
    return this.blocks.reduce((sum, b) => sum + b.trace(), 0);
  }

  /** The diagonal [n]. */
  diagonal(): Float64Array {
    return this.joined((b) => b.diagonal());
  }

  /** Σ ‖·‖². */
  frobenius2(): number {
    return this.blocks.reduce((sum, b) => sum + b.frobenius2(), 0);
  }

  /** Of all blocks, rising [n]. */
  eigenvalues(): Float64Array {
    return this.joined((b) => b.eigenvalues()).sort();
  }

  /** The largest of all blocks' largest. */
  top(k: number): TopPairs {
    const found = this.blocks.flatMap((b, i) => {
      const { values, vectors } = b.top(Math.min(k, b.size));
      return vectors.map((vector, j) => ({ value: values[j], vector, at: this.offsets[i] }));
    });
    const values = Float64Array.from(found, ({ value }) => value);
    const best = [...largestPlaces(values, k)].map((i) => found[i]);
    return {
      values: Float64Array.from(best, ({ value }) => value),
      vectors: best.map(({ vector, at }) => {
        const v = new Float64Array(this.size);
        v.set(vector, at);
        return v;
      }),
    };
  }

  /** All of it [n, n], row by row. */
  toDense(): Float64Array {
    const n = this.size;
    const out = new Float64Array(n * n);
    this.blocks.forEach((b, k) => {
      const [at, m, own] = [this.offsets[k], b.size, b.toDense()];
      for (let i = 0; i < m; i++) out.set(own.subarray(i * m, (i + 1) * m), (at + i) * n + at);
    });
    return out;
  }

  /** Each damped; the first failure where one is. Throws `matrix/damping`. */
  damped(lambda: number): DampedBlock | Failure {
    const damped: DampedBlock[] = [];
    for (const block of this.blocks) {
      const one = block.damped(lambda);
      if (isFailure(one)) return one;
      damped.push(one);
    }
    return {
      solve: (v) => this.each(v, (_, x, i) => damped[i].solve(x)),
      logdet: () => damped.reduce((sum, d) => sum + d.logdet(), 0),
      effectiveDimension: () => damped.reduce((sum, d) => sum + d.effectiveDimension(), 0),
      root: (z) => this.each(z, (_, x, i) => damped[i].root(x)),
    };
  }

  private each(
    v: Float64Array,
    f: (block: MatrixBlock, x: Float64Array, i: number) => Float64Array,
  ): Float64Array {
    return this.joined((b, i) => f(b, v.subarray(this.offsets[i], this.offsets[i] + b.size), i));
  }

  private joined(part: (block: MatrixBlock, i: number) => Float64Array): Float64Array {
    const out = new Float64Array(this.size);
    this.blocks.forEach((b, i) => out.set(part(b, i), this.offsets[i]));
    return out;
  }
}
