/**
 * @module fisher/forms/dense/tile-products
 *
 * Products AᵀB of tall matrices, A and B [rows, B] in float64, on the engine of the estimate: the one operation that a dense matrix is
 * made of, a tile of B × B at a time. 2·B²·rows operations. The precision of the network does not matter here: sums of squares lose half
 * their digits where they are centred, so float32 would not do.
 */
import type { Engine, Program } from '../../../engine/types.js';
import { graph, input, N, ops } from '../../../graph/index.js';

/** A matrix [B, B] that a product is added to, and by what factor. */
export type Target = readonly [matrix: Float64Array, factor: number];

/** The product of two tiles, compiled for an engine. */
export class TileProducts {
  private constructor(
    private readonly program: Program,
    /** Columns of a tile. */
    readonly width: number,
    private readonly most: number,
  ) {}

  /** Compiles the product of tiles of `width` columns, `most` rows at a time. */
  static async compile(engine: Engine, width: number, most: number): Promise<TileProducts> {
    const [a, b] = [input('a', 'float64', [N, width]), input('b', 'float64', [N, width])];
    const product = graph({ a, b }, { ab: ops.matmul(ops.permute(a, [1, 0]), b) });
    return new TileProducts(await engine.compile(product, { maxBatch: most }), width, most);
  }

  /** Adds factor · AᵀB to every target, A and B the rows `from` to `to` of `left` and `right`. */
  async add(
    left: Float64Array,
    right: Float64Array,
    { from, to }: { readonly from: number; readonly to: number },
    targets: readonly Target[],
  ): Promise<void> {
    const { program, width } = this;
    for (let row = from; row < to; row += this.most) {
      const end = Math.min(to, row + this.most);
      program.setInput('a', left.subarray(row * width, end * width));
      program.setInput('b', right.subarray(row * width, end * width));
      await program.run(end - row);
      const product = program.output('ab') as Float64Array;
      for (const [matrix, factor] of targets)
        for (let i = 0; i < matrix.length; i++) matrix[i] += factor * product[i];
    }
  }

  dispose(): void {
    this.program.dispose();
  }
}
