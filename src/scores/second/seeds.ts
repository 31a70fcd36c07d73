/**
 * @module scores/second/seeds
 *
 * Seeds say which sites to move and which to read so that every block H_(p,q) of the Hessian comes out once. Moving neuron o of a dense site p
 * stands for moving its weights (∂/∂w_oi = x_i ∂/∂z_o) only where the reverse pass to q does not read p's weights: at sites after p, at
 * p itself, and beside it. Moving a parameter itself is right for every reader, so sites that are not dense are moved entry by entry.
 */
import { dependents, type Node, type Value } from '../../graph/index.js';
import type { Score } from '../score.js';

/** The sites to read when site p moves: each unordered pair of sites occurs for exactly one of its members. */
export function readsBySeed(scores: readonly Score[], nodes: readonly Node[]): (p: number) => number[] {
  const reaches = scores.map((s) =>
    s.input ? dependents(nodes, [s.site.uses[0].node.output]) : new Set<Value>(),
  );
  return (p) =>
    scores.flatMap((s, q) => {
      const seed = scores[p];
      if (!seed.input) return s.input || q >= p ? [q] : [];
      if (!s.input) return [];
      const later = q !== p && reaches[p].has(s.input);
      const earlier = q !== p && reaches[q].has(seed.input);
      return later || q === p || (!earlier && q > p) ? [q] : [];
    });
}
