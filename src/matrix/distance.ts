/**
 * @module matrix/distance
 *
 * ‖F − F'‖² of two matrices over the same parameters, by differences of what both hold, so that of equal ones it is 0 and of near ones no
 * digits are lost: ‖F‖² − 2⟨F, F'⟩ + ‖F'‖² loses half of them. Of Kronecker products with ΔA = A − A', ΔG = G − G',
 *
 *   A⊗G − A'⊗G' = ΔA⊗G + A'⊗ΔG.
 */
import type { BlockMatrix } from './block-matrix.js';
import type { MatrixBlock } from './blocks/block.js';
import { DenseBlock } from './blocks/dense.js';
import { DiagonalBlock } from './blocks/diagonal.js';
import { EigenbasisBlock } from './blocks/eigenbasis.js';
import { inputDifference, inputInner } from './blocks/input-factor.js';
import { KroneckerBlock } from './blocks/kronecker.js';
import { LowRankBlock } from './blocks/low-rank.js';
import type { ScoreRows } from './blocks/score-rows.js';
import { StackBlock } from './blocks/stack.js';
import { dot } from './vectors.js';

/** ‖F − F'‖²; null where the two do not hold the same kinds of blocks. */
export function squaredDistance(a: BlockMatrix, b: BlockMatrix): number | null {
  if (a.blocks.length !== b.blocks.length) return null;
  const others = new Map(b.blocks.map((p) => [p.region.name, p]));
  let sum = 0;
  for (const { region, block } of a.blocks) {
    const other = others.get(region.name);
    if (!other || other.region.parameters.join('\n') !== region.parameters.join('\n')) return null;
    const one = ofBlocks(block, other.block);
    if (one === null) return null;
    sum += one;
  }
  return sum;
}

function ofBlocks(a: MatrixBlock, b: MatrixBlock): number | null {
  if (a.size !== b.size) return null;
  if (a instanceof DiagonalBlock && b instanceof DiagonalBlock) return apart(a.diagonal(), b.diagonal());
  if (a instanceof DenseBlock && b instanceof DenseBlock) return apart(a.values, b.values);
  if (a instanceof KroneckerBlock && b instanceof KroneckerBlock) {
    const [p, q] = [a.parts, b.parts];
    if (p.inner !== q.inner) return null;
    const [dA, dG] = [inputDifference(p, q), minus(p.G, q.G)];
    return Math.max(
      0,
      dot(dA, dA) * dot(p.G, p.G) +
        2 * inputInner({ A: dA, inner: p.inner }, q) * dot(p.G, dG) +
        dot(q.A, q.A) * dot(dG, dG),
    );
  }
  if (a instanceof EigenbasisBlock && b instanceof EigenbasisBlock) {
    const [U, V] = [a.parts.basisA, b.parts.basisA];
    const same = (U && V ? equal(U, V) : U === V) && equal(a.parts.basisG, b.parts.basisG);
    return same ? apart(a.parts.scale, b.parts.scale) : null;
  }
  if (a instanceof LowRankBlock && b instanceof LowRankBlock) return sameRows(a.rows, b.rows) ? 0 : null;
  if (!(a instanceof StackBlock && b instanceof StackBlock) || a.blocks.length !== b.blocks.length)
    return null;
  return a.blocks.reduce<number | null>((sum, one, k) => {
    const part = sum === null ? null : ofBlocks(one, b.blocks[k]);
    return sum === null || part === null ? null : sum + part;
  }, 0);
}

function sameRows({ made: a }: ScoreRows, { made: b }: ScoreRows): boolean {
  if ('full' in a && 'full' in b) return equal(a.full, b.full);
  if ('factors' in a && 'factors' in b)
    return equal(a.factors.A, b.factors.A) && equal(a.factors.G, b.factors.G);
  return (
    'parts' in a &&
    'parts' in b &&
    a.parts.length === b.parts.length &&
    a.parts.every((part, k) => sameRows(part, b.parts[k]))
  );
}

const minus = (x: Float64Array, y: Float64Array): Float64Array => x.map((v, i) => v - y[i]);

const equal = (x: Float64Array, y: Float64Array): boolean =>
  x.length === y.length && x.every((v, i) => v === y[i]);

function apart(x: Float64Array, y: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += (x[i] - y[i]) ** 2;
  return sum;
}
