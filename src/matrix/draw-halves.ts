/**
 * @module matrix/draw-halves
 *
 * A Fisher from K draws an example beside that from the first K₁ of them, over the same groups of examples: the matrices in which the part of some groups is
 * that of their first draws, or of the others, of which a jackknife takes the part of the draws (stats/draw-part).
 */
import type { BlockMatrix } from './block-matrix.js';
import type { GroupedFisher } from './grouped.js';

/** A Fisher whose draws are told apart. */
export class DrawHalves {
  /**
   * @param whole - from all draws
   * @param half - from the first `first` of them
   * @param draws - K
   * @param first - K₁, below K
   */
  constructor(
    private readonly whole: GroupedFisher,
    private readonly half: GroupedFisher,
    private readonly draws: number,
    private readonly first: number,
  ) {}

  /** K₁/K. */
  get share(): number {
    return this.first / this.draws;
  }

  /**
   * The matrix where some groups have their first draws alone, or the others: S_g + (S_g1 − S_g), or S_g − (K₁/K₂)(S_g1 − S_g).
   * @throws FimError with `engine/memory`, `kernels/memory`, `kernels/unknown`, `kernels/unsupported`, `linalg/shape`, `matrix/array`,
   * `matrix/cover`, `matrix/record`, `matrix/rows`, `tensor/size`
   */
  changed(groups: readonly number[], part: 'first' | 'second'): BlockMatrix {
    const { whole, half, draws, first } = this;
    return whole.moved(half, groups, part === 'first' ? 1 : -first / (draws - first));
  }
}
