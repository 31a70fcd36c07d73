/**
 * @module optim/kfac-graph
 *
 * The derived graph of Kronecker factors: from cotangents ct [N, K, T] and weights w [N, K] to the batch's sums
 *
 *   A/p   Σ_n āāᵀ                  [in, in], or [in + 1, in + 1] with ā = (a, 1) where a bias goes with the weight
 *   G/p   Σ_n Σ_k w_nk g_nk g_nkᵀ  [out, out]; where positions share a weight both in the form `expand` (scores/shared)
 *   F/p   Σ_n Σ_k w_nk s_nk s_nkᵀ  [size, size] of a small parameter without a product of its own, or its diagonal [size]
 *
 * all of them products over the examples, ordinary graph products. A does not depend on the cotangents and is made in the forward half.
 *
 * Which bias goes with a weight: scores/layers. J. Martens, R. Grosse, ICML 2015, §3.
 */
import { sizeOf } from '../core/tensor.js';
import type { BackwardGraph } from '../fisher/passes.js';
import { kroneckerFactors, type Score, scoresOf, weightedGram } from '../scores/index.js';
import { inputsOf, layersOf } from '../scores/layers.js';
import { input, N, ops as b, type Value } from '../graph/index.js';
import type { Network } from '../model/network.js';
import { type Block, blocksOf } from '../matrix/layout.js';

/** A weight with the bias that is added to its product. */
export interface KroneckerBlock {
  /** `kronecker`: F ≈ A ⊗ G. */
  readonly kind: 'kronecker';
  /** The weight's entries of θ. */
  readonly weight: Block;
  /** The bias's entries of θ; null without a bias. */
  readonly bias: Block | null;
  /** Width of ā. */
  readonly inner: number;
  /** Width of the pre-activations. */
  readonly outer: number;
  /** The weight is stored [out, in]. */
  readonly transposed: boolean;
}

/** A small parameter, whole. */
export interface DenseBlock {
  /** `dense`: the block of F in full. */
  readonly kind: 'dense';
  /** Its entries of θ. */
  readonly block: Block;
}

/** A big parameter without a product: its diagonal. */
export interface DiagonalBlock {
  /** `diagonal`: the diagonal of F alone. */
  readonly kind: 'diagonal';
  /** Its entries of θ. */
  readonly block: Block;
}

/** A block of the approximation: Kronecker factors where there is a product, else a dense block, else a diagonal. */
export type KfacBlock = KroneckerBlock | DenseBlock | DiagonalBlock;

/** Largest parameter that gets a dense block. */
export const DENSE_LIMIT = 512;

/**
 * How the parameters that reach the output are taken together.
 * @throws FimError with `graph/examples-coupled`, `graph/shape`, `tensor/size`
 */
export function kfacBlocks(network: Network): KfacBlock[] {
  const blocks = new Map(blocksOf(network).map((p) => [p.name, p]));
  const blockOf = (name: string): Block => blocks.get(name) as Block;
  const layers = layersOf(network).filter(({ reached }) => reached);
  return layers.map((layer): KfacBlock => {
    const [block, bias] = [blockOf(layer.weight), layer.bias === null ? null : blockOf(layer.bias)];
    const { matrix } = layer;
    // Of a table no inputs are formed, and factors of groups are several.
    if (matrix && matrix.groups === 1 && !matrix.unitInputs) {
      const { outputs: outer, transposed } = matrix;
      return { kind: 'kronecker', weight: block, bias, inner: inputsOf(layer), outer, transposed };
    }
    return { kind: block.size <= DENSE_LIMIT ? 'dense' : 'diagonal', block };
  });
}

/** The sums of the blocks. */
export function kfacGraph(network: Network, blocks: readonly KfacBlock[], columns: number): BackwardGraph {
  const { h, parameters } = network;
  const ct = input('ct', h.dtype, [N, columns, h.shape[1]]);
  const w = input('w', h.dtype, [N, columns]);
  const scores = new Map(
    scoresOf(h, [...parameters.values()], ct).map((s) => [s.site.parameter, s] as const),
  );
  const outputs: Record<string, Value> = {};
  for (const block of blocks) {
    const { name } = block.kind === 'kronecker' ? block.weight : block.block;
    const score = scores.get(parameters.get(name) as Value) as Score;
    const factors = block.kind === 'kronecker' ? kroneckerFactors(score, w, block.bias !== null) : null;
    if (factors) {
      outputs[`A/${name}`] = factors.A;
      outputs[`G/${name}`] = factors.G;
      continue;
    }
    const flat = b.reshape(score.explicit(), [
      N,
      columns,
      sizeOf(parameters.get(name)?.shape as readonly number[]),
    ]);
    outputs[`F/${name}`] =
      block.kind === 'dense'
        ? weightedGram(flat, w)
        : b.reduceSum(b.mul(b.square(flat), b.reshape(w, [N, columns, 1])), [0, 1]);
  }
  return { late: { ct, w }, outputs };
}
