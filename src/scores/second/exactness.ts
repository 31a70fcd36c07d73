/**
 * @module scores/second/exactness
 *
 * Finds the parameters for which type 2 has no variance. Î2 = 𝔽 − Σ δ̄_a H^a equals the exact Fisher on a block of parameters when H^a vanishes there, which
 * the graph can tell: no node between the parameters and h is curved in values that they move (scores/second/curvature). True of
 * the last layer (P24 Remark 4.4), of every single layer of a ReLU network (theory (2.5)), of an affine model; false of a weight used
 * twice in sequence, of a gate whose two sides both move, of anything after which a smooth activation follows.
 */
import { dependents, type Node, nodesOf, type Value } from '../../graph/index.js';
import type { Network } from '../../model/network.js';
import { isCurved } from './curvature.js';

/** Nodes of the graph of h that are curved when `sources` move. */
export function curvedNodes(h: Value, sources: readonly Value[]): Node[] {
  const nodes = nodesOf([h]);
  const moving = dependents(nodes, sources);
  return nodes.filter((node) => moving.has(node.output) && isCurved(node, moving));
}

/**
 * Whether type 2 equals the exact Fisher, for every label, on the block of the named parameters: on its diagonal for one name, on
 * their joint block for several. Decided on the graph, for almost every θ; never wrong when true.
 */
export function typeTwoIsExact(network: Network, names: string | readonly string[]): boolean {
  const sources = (typeof names === 'string' ? [names] : names).map(
    (p) => network.parameters.get(p) as Value,
  );
  return curvedNodes(network.h, sources).length === 0;
}
