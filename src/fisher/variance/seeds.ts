/**
 * @module fisher/variance/seeds
 *
 * Which sites to move and which to read so that every block H_(p,q) of the Hessian comes out once. Moving neuron o of a dense site p
 * stands for moving its weights (∂/∂w_oi = x_i ∂/∂z_o) only where the reverse pass to q does not read p's weights: at sites after p, at
 * p itself, and beside it. Moving a parameter itself is right for every reader, so sites that are not dense are moved entry by entry.
 */
import { sizeOf } from '../../core/tensor.js';
import { dependents, type Node, ops as b, type Value } from '../../graph/index.js';
import type { FactoredScore } from '../scores.js';

/** Values at the neurons: g of a dense site, s of any other. */
export const atNeurons = (s: FactoredScore): Value => (s.form === 'dense' ? s.g : s.s);

/** Outputs of a dense site, entries of any other. */
export const neuronsOf = (s: FactoredScore): number =>
  sizeOf(s.form === 'dense' ? [s.g.shape[2] as number] : (s.site.parameter.shape as readonly number[]));

/** The sites to read when site p moves: each unordered pair of sites occurs for exactly one of its members. */
export function readsBySeed(
  scores: readonly FactoredScore[],
  nodes: readonly Node[],
): (p: number) => number[] {
  const reaches = scores.map((s) =>
    s.form === 'dense' ? dependents(nodes, [s.site.uses[0].node.output]) : new Set<Value>(),
  );
  return (p) =>
    scores.flatMap((s, q) => {
      const seed = scores[p];
      if (seed.form !== 'dense') return s.form === 'dense' || q >= p ? [q] : [];
      if (s.form !== 'dense') return [];
      const later = q !== p && reaches[p].has(s.a);
      const earlier = q !== p && reaches[q].has(seed.a);
      return later || q === p || (!earlier && q > p) ? [q] : [];
    });
}

/** What moves, and its tangent along the directions that `hot` [L, neurons] selects. */
export function moved(seed: FactoredScore, hot: Value): { z: Value; tangent: Value } {
  const [count, neurons] = hot.shape;
  const { parameter } = seed.site;
  if (seed.form !== 'dense') {
    return { z: parameter, tangent: b.reshape(hot, [count, ...parameter.shape]) };
  }
  const z = seed.site.uses[0].node.output;
  return { z, tangent: b.expandLike(b.reshape(hot, [1, count, neurons]), b.unsqueeze(z, [1])) };
}
