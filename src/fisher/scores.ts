/**
 * @module fisher/scores
 *
 * The object everything turns on: per-example scores s_nk = J_nᵀ δ_nk in factored form. For K cotangents δ per example,
 *
 *   dense site z = aW    s_nk = a_n ⊗ g_nk        a [N, in], g [N, K, out]   (g = ∂(δᵀh)/∂z)
 *   anything else        s_nk explicit            s [N, K, parameter's shape]
 *
 * The reverse pass stops at dense sites and never forms [N, K, in, out]. Where a parameter is tied, masked or applied at several
 * positions, the explicit score is the sum over its uses before anything is squared.
 */
import { accumulate, type Cotangents, reversePass } from '../graph/derive.js';
import { dependents, Layout, type Node, nodesOf, type Shape, type Value } from '../graph/index.js';
import { type Site, sitesOf } from '../model/sites.js';

export interface DenseScore {
  readonly form: 'dense';
  readonly site: Site;
  /** Input of the site [N, in]. */
  readonly a: Value;
  /** Gradient at its output [N, K, out]. */
  readonly g: Value;
}

export interface ExplicitScore {
  readonly form: 'explicit';
  readonly site: Site;
  /** Per-example scores [N, K, parameter's shape]. */
  readonly s: Value;
}

export type FactoredScore = DenseScore | ExplicitScore;

/**
 * Scores of `parameters` for cotangents `ct` [N, K, T] of the output h [N, T].
 * Parameters that do not reach h have no score and are left out.
 */
export function factoredScores(h: Value, parameters: readonly Value[], ct: Value): FactoredScore[] {
  return reverseScores(h, parameters, ct).scores;
}

/** The scores, with what the reverse pass left behind: the nodes of h in order, and the cotangent of every value. */
export interface ReverseScores {
  readonly scores: FactoredScore[];
  readonly nodes: readonly Node[];
  readonly cotangents: Cotangents;
}

/** `factoredScores` for whoever goes on from the cotangents (second derivatives), those of the values `inner` among them. */
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
  const found = new Map<Site, DenseScore>();
  reversePass(new Layout(lead, true), nodes, cts, active, (node, inputIndex, g) => {
    const site = inputIndex === 1 ? dense.get(node) : undefined;
    if (!site) return false;
    found.set(site, { form: 'dense', site, a: node.inputs[0], g });
    return true;
  });
  const scores = sites.map((site): FactoredScore => {
    return found.get(site) ?? { form: 'explicit', site, s: cts.get(site.parameter) as Value };
  });
  return { scores, nodes, cotangents: cts };
}
