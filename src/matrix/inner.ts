/**
 * @module matrix/inner
 *
 * The inner product ⟨F, F'⟩ = Σ_ij F_ij F'_ij of two matrices over the same parameters, in whatever forms: by what both hold, by diagonals
 * where one is a diagonal, in the bases of both for Kronecker products,
 *
 *   ⟨F, F'⟩ = Σ s ∘ (W_G∘W_G s' (W_A∘W_A)ᵀ),   W = UᵀU'
 *
 * and in full for up to 4,096 places.
 */
import { multiply, transposed } from '../linalg/index.js';
import type { BlockMatrix } from './block-matrix.js';
import type { Failure, MatrixBlock } from './blocks/block.js';
import { DenseBlock } from './blocks/dense.js';
import { EigenbasisBlock } from './blocks/eigenbasis.js';
import { inputInner } from './blocks/input-factor.js';
import { KroneckerBlock } from './blocks/kronecker.js';
import { LowRankBlock } from './blocks/low-rank.js';
import { crossGram } from './blocks/score-rows.js';
import { StackBlock } from './blocks/stack.js';
import { LARGEST_WRITTEN } from './matrix.js';
import { dot } from './vectors.js';

/**
 * ⟨F, F'⟩ of two matrices with one layout; a failure where neither form allows it.
 * @throws FimError with `engine/memory`, `kernels/memory`, `kernels/unknown`, `kernels/unsupported`, `linalg/no-convergence`,
 * `linalg/not-finite`, `linalg/shape`
 */
export async function innerProduct(a: BlockMatrix, b: BlockMatrix): Promise<number | Failure> {
  if (isDiagonal(a) || isDiagonal(b)) return dot(await a.diagonal(), await b.diagonal());
  const others = new Map(b.blocks.map((p) => [p.region.name, p]));
  const paired = a.blocks.map((p) => [p, others.get(p.region.name)] as const);
  const alike = paired.every(
    ([p, q]) => q && p.region.parameters.join('\n') === q.region.parameters.join('\n'),
  );
  if (alike && a.blocks.length === b.blocks.length) {
    let sum = 0;
    for (const [p, q] of paired) {
      const one = q ? innerOfBlocks(p.block, q.block) : null;
      if (one === null) return tooLarge(p.region.name, p.block.size);
      sum += one;
    }
    return sum;
  }
  const [x, y] = [await a.toDense(), await b.toDense()];
  return x && y ? dot(x, y) : tooLarge('the network', a.size);
}

/** Of two blocks over the same places; null where they are too large for what they are. */
export function innerOfBlocks(a: MatrixBlock, b: MatrixBlock): number | null {
  if (a.kind === 'diagonal' || b.kind === 'diagonal') return dot(a.diagonal(), b.diagonal());
  if (a instanceof DenseBlock && b instanceof DenseBlock) return dot(a.values, b.values);
  if (a instanceof KroneckerBlock && b instanceof KroneckerBlock) {
    const [p, q] = [a.parts, b.parts];
    return p.inner === q.inner ? inputInner(p, q) * dot(p.G, q.G) : null;
  }
  const [x, y] = [inBasis(a), inBasis(b)];
  if (x && y) return innerOfBases(x, y);
  if (a instanceof StackBlock && b instanceof StackBlock && a.blocks.length === b.blocks.length)
    return a.blocks.reduce<number | null>((sum, one, k) => {
      const part = innerOfBlocks(one, b.blocks[k]);
      return sum === null || part === null ? null : sum + part;
    }, 0);
  if (a instanceof LowRankBlock && b instanceof LowRankBlock) return innerOfRows(a, b);
  return a.size <= LARGEST_WRITTEN ? dot(a.toDense(), b.toDense()) : null;
}

/** ‖RSᵀ‖² of rows R and S, of what both are made of, or by products of each row of the one of lower rank with the other. */
function innerOfRows(a: LowRankBlock, b: LowRankBlock): number {
  const cross = crossGram(a.rows, b.rows);
  if (cross) return dot(cross, cross);
  const [few, many] = a.rows.rank <= b.rows.rank ? [a.rows, b.rows] : [b.rows, a.rows];
  const unit = new Float64Array(few.rank);
  let sum = 0;
  for (let r = 0; r < few.rank; r++) {
    unit[r] = 1;
    sum += many.times(few.transposed(unit)).reduce((s, x) => s + x * x, 0);
    unit[r] = 0;
  }
  return sum;
}

const inBasis = (block: MatrixBlock): EigenbasisBlock | null =>
  block instanceof EigenbasisBlock ? block : block instanceof KroneckerBlock ? block.basis() : null;

function innerOfBases({ parts: p }: EigenbasisBlock, { parts: q }: EigenbasisBlock): number | null {
  const { inner, outer } = p;
  if (inner !== q.inner || outer !== q.outer) return null;
  const squared = (U: Float64Array, V: Float64Array, n: number): Float64Array =>
    multiply(U, V, n, n, n, { transposeA: true }).map((w) => w * w);
  const left = multiply(squared(p.basisG, q.basisG, outer), q.scale, outer, outer, inner);
  // Unit vectors turn nothing.
  if (!p.basisA && !q.basisA) return dot(p.scale, left);
  const ofInputs =
    p.basisA && q.basisA
      ? squared(p.basisA, q.basisA, inner)
      : p.basisA
        ? transposed(p.basisA, inner, inner).map((w) => w * w)
        : (q.basisA as Float64Array).map((w) => w * w);
  const turned = multiply(left, ofInputs, outer, inner, inner, { transposeB: true });
  return dot(p.scale, turned);
}

const isDiagonal = ({ blocks }: BlockMatrix): boolean =>
  blocks.every(({ block }) => block.kind === 'diagonal');

const tooLarge = (name: string, size: number): Failure => ({
  failed: `${name}: two forms of ${size} places have no inner product in closed form`,
});
