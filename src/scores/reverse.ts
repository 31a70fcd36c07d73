/**
 * @module scores/reverse
 *
 * Scores of every parameter of a network by one reverse pass with K cotangents. It stops at dense sites, which keep their factors; every
 * other parameter collects the cotangents of all its uses.
 */
import { accumulate, type Cotangents, reversePass } from '../graph/derive.js';
import { dependents, Layout, type Node, nodesOf, type Shape, type Value } from '../graph/index.js';
import { type Site, sitesOf } from '../model/sites.js';
import { denseScore } from './dense.js';
import { explicitScore } from './explicit.js';
import type { Score } from './score.js';

/**
 * Scores of `parameters` for cotangents `ct` [N, K, T] of the output h [N, T].
 * Parameters that do not reach h have no score and are left out.
 * @throws FimError with `graph/examples-coupled`, `graph/shape`, `tensor/size`
 */
export function scoresOf(h: Value, parameters: readonly Value[], ct: Value): Score[] {
  return reverseScores(h, parameters, ct).scores;
}

/** The scores, with what the reverse pass left behind: the nodes of h in order, and the cotangent of every value. */
export interface ReverseScores {
  readonly scores: Score[];
  readonly nodes: readonly Node[];
  readonly cotangents: Cotangents;
}

/** `scoresOf` for whoever goes on from the cotangents (second derivatives), those of the values `inner` among them. */
export function reverseScores(
  h: Value,
  parameters: readonly Value[],
  ct: Value,
  inner: readonly Value[] = [],
): ReverseScores {
  const lead: Shape = [ct.shape[1]];
  const sites = sitesOf([h], parameters).filter((s) => s.uses.length > 0);
  const dense = new Map<Node, Site>();
  for (const s of sites) if (s.form === 'dense') dense.set(s.uses[0].node, s);

  const nodes = nodesOf([h]);
  const active = dependents(nodes, [...parameters, ...inner]);
  const cts: Cotangents = new Map();
  accumulate(cts, h, ct);
  const found = new Map<Site, Score>();
  reversePass(new Layout(lead, true), nodes, cts, active, (node, inputIndex, g) => {
    const site = inputIndex === 1 ? dense.get(node) : undefined;
    if (!site) return false;
    found.set(site, denseScore(site, node.inputs[0], g));
    return true;
  });
  const scores = sites.map((s) => found.get(s) ?? explicitScore(s, cts.get(s.parameter) as Value));
  return { scores, nodes, cotangents: cts };
}
