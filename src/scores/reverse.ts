/**
 * @module scores/reverse
 *
 * Scores of every parameter of a network by one reverse pass with K cotangents. It stops at dense and shared sites and at
 * embeddings, which keep their factors; every other parameter collects the cotangents of all its uses.
 */
import { accumulate, type Cotangents, reversePass } from '../graph/derive.js';
import { dependents, Layout, type Node, nodesOf, type Shape, type Value } from '../graph/index.js';
import { type Site, sitesOf } from '../model/sites.js';
import { denseScore } from './dense.js';
import { embeddingScore } from './embedding.js';
import { explicitScore } from './explicit.js';
import { positionsOf } from './positions.js';
import type { Score } from './score.js';
import { sharedScore } from './shared.js';

/** Forms whose scores are made of the cotangents of their uses. */
const STOPS: ReadonlySet<Site['form']> = new Set(['dense', 'shared', 'embedding']);

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
  const stops = new Map<Node, Map<number, Site>>();
  for (const s of sites) {
    if (!STOPS.has(s.form)) continue;
    for (const { node, inputIndex } of s.uses)
      stops.set(node, (stops.get(node) ?? new Map<number, Site>()).set(inputIndex, s));
  }

  const nodes = nodesOf([h]);
  const active = dependents(nodes, [...parameters, ...inner]);
  const cts: Cotangents = new Map();
  accumulate(cts, h, ct);
  const ends = new Map<Node, Value>();
  reversePass(new Layout(lead, true), nodes, cts, active, (node, inputIndex, g) => {
    if (!stops.get(node)?.has(inputIndex)) return false;
    ends.set(node, g);
    return true;
  });
  // An operator without derivative may cut every way from a parameter to h.
  const reached = sites.filter((s) => cts.has(s.parameter) || s.uses.some(({ node }) => ends.has(node)));
  return { scores: reached.map((s) => scoreOf(s, ends, cts)), nodes, cotangents: cts };
}

/** The score of one site from the cotangents of its products, or of the parameter itself. */
function scoreOf(site: Site, ends: ReadonlyMap<Node, Value>, cts: Cotangents): Score {
  const { form, uses, parameter } = site;
  if (form === 'dense') return denseScore(site, uses[0].node.inputs[0], ends.get(uses[0].node) as Value);
  if (!STOPS.has(form)) return explicitScore(site, cts.get(parameter) as Value);
  // What an earlier use computes may not reach the output.
  const reached = { ...site, uses: uses.filter((u) => ends.has(u.node)) };
  const cotangents = reached.uses.map((u) => ends.get(u.node) as Value);
  if (form === 'embedding') return embeddingScore(reached, cotangents);
  return sharedScore(reached, positionsOf(reached, cotangents));
}
