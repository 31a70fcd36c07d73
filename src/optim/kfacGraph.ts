/**
 * @module optim/kfacGraph
 *
 * The derived graph of Kronecker factors: from cotangents ct [N, K, T] and weights w [N, K] to the batch's sums
 *
 *   A/p   Σ_n āāᵀ                 [in, in], or [in + 1, in + 1] with ā = (a, 1) where a bias goes with the weight
 *   G/p   Σ_n Σ_k w_nk g_nk g_nkᵀ [out, out]
 *   F/p   Σ_n Σ_k w_nk s_nk s_nkᵀ [size, size] of a small parameter without a product of its own
 *
 * J. Martens, R. Grosse, ICML 2015, §3.
 */
import { sizeOf } from '../core/tensor.js';
import type { BackwardGraph } from '../fisher/passes.js';
import { factoredScores } from '../fisher/scores.js';
import { type Dim, input, mulDim, N, ops as b, type Value } from '../graph/index.js';
import { layersOf } from '../model/layers.js';
import type { Network } from '../model/network.js';
import { type Block, blocksOf } from './linearisation.js';

/** A weight with the bias that is added to its product. */
export interface KroneckerBlock {
  readonly kind: 'kronecker';
  readonly weight: Block;
  readonly bias: Block | null;
  /** Width of ā. */
  readonly inner: number;
  readonly outer: number;
  /** The weight is stored [out, in]. */
  readonly transposed: boolean;
}

/** A small parameter, whole. */
export interface DenseBlock {
  readonly kind: 'dense';
  readonly block: Block;
}

/** A big parameter without a product: its diagonal. */
export interface DiagonalBlock {
  readonly kind: 'diagonal';
  readonly block: Block;
}

export type KfacBlock = KroneckerBlock | DenseBlock | DiagonalBlock;

/** Largest parameter that gets a dense block. */
const DENSE_LIMIT = 512;

/** How the parameters that reach the output are taken together. */
export function kfacBlocks(network: Network): KfacBlock[] {
  const blocks = new Map(blocksOf(network).map((p) => [p.name, p]));
  const ct = input('ct', network.h.dtype, [N, 1, network.h.shape[1]]);
  const names = new Map([...network.parameters].map(([name, v]) => [v, name]));
  const scores = factoredScores(network.h, [...network.parameters.values()], ct);
  const dense = new Map(
    scores.flatMap((s) => (s.form === 'dense' ? [[names.get(s.site.parameter) as string, s]] : [])),
  );
  const biases = new Map<string, string>();
  for (const { parameters } of layersOf(network)) {
    const weight = parameters.find((p) => dense.has(p));
    const shift = parameters.find((p) => p !== weight && blocks.get(p)?.shape.length === 1);
    if (weight !== undefined && shift !== undefined && parameters.length === 2) biases.set(weight, shift);
  }
  const taken = new Set(biases.values());
  return scores.flatMap((s): KfacBlock[] => {
    const name = names.get(s.site.parameter) as string;
    const block = blocks.get(name) as Block;
    if (s.form === 'dense') {
      const bias = blocks.get(biases.get(name) ?? '') ?? null;
      const inner = (s.a.shape[1] as number) + (bias ? 1 : 0);
      const { transposed } = s.site;
      return [{ kind: 'kronecker', weight: block, bias, inner, outer: s.g.shape[2] as number, transposed }];
    }
    if (taken.has(name)) return [];
    return [{ kind: block.size <= DENSE_LIMIT ? 'dense' : 'diagonal', block }];
  });
}

/** The sums of the blocks. */
export function kfacGraph(network: Network, blocks: readonly KfacBlock[], columns: number): BackwardGraph {
  const { h, parameters } = network;
  const ct = input('ct', h.dtype, [N, columns, h.shape[1]]);
  const w = input('w', h.dtype, [N, columns]);
  const values = [...parameters.values()];
  const scores = new Map(factoredScores(h, values, ct).map((s) => [s.site.parameter, s]));
  const outputs: Record<string, Value> = {};
  for (const block of blocks) {
    const { name } = block.kind === 'kronecker' ? block.weight : block.block;
    const score = scores.get(parameters.get(name) as Value);
    if (!score) continue;
    if (score.form === 'dense' && block.kind === 'kronecker') {
      const one = b.expandLike(b.scalar(1, h.dtype), b.slice(score.a, 1, 0, 1));
      const a = block.bias ? b.concat([score.a, one], 1) : score.a;
      outputs[`A/${name}`] = b.matmul(b.swapLast(a), a);
      outputs[`G/${name}`] = weightedGram(score.g, w, block.outer, columns);
    } else if (score.form === 'explicit' && block.kind === 'dense') {
      const size = sizeOf(block.block.shape);
      const flat = b.reshape(score.s, [N, columns, size]);
      outputs[`F/${name}`] = weightedGram(flat, w, size, columns);
    } else if (score.form === 'explicit') {
      const size = sizeOf((block as DiagonalBlock).block.shape);
      const squares = b.square(b.reshape(score.s, [N, columns, size]));
      outputs[`F/${name}`] = b.reduceSum(b.mul(squares, b.reshape(w, [N, columns, 1])), [0, 1]);
    }
  }
  return { late: { ct, w }, outputs };
}

/** Σ_n Σ_k w_nk g_nk g_nkᵀ of g [N, K, size]. */
function weightedGram(g: Value, w: Value, size: number, columns: number): Value {
  const rows = mulDim(N, columns) as Dim;
  const flat = b.reshape(g, [rows, size]);
  return b.matmul(b.swapLast(b.mul(flat, b.reshape(w, [rows, 1]))), flat);
}
