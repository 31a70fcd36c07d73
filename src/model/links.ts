/**
 * @module model/links
 *
 * Applies a link function to a network's output, giving the likelihood's natural parameter. A link other than the canonical one becomes the last part of the graph,
 * so that h is the natural parameter of everything downstream; a family whose head declares its own coordinates (`gaussian-mv`)
 * takes its output as it stands, and only type 2, which depends on coordinates, asks for the natural ones (`Likelihood.natural`).
 */
import { withOrigin, type Value } from '../graph/value.js';
import { getFamily, getLikelihood, getLink } from '../likelihood/registry.js';
import type { Link } from '../likelihood/link.js';
import type { Likelihood, LikelihoodOptions } from '../likelihood/types.js';

/** A likelihood with the link through which a network's output reaches it. */
export interface ResolvedLink {
  /** The likelihood. */
  readonly likelihood: Likelihood;
  /** The link. */
  readonly link: Link;
  /** h [N, T] of the likelihood from the network's output z [N, T]. */
  apply(z: Value): Value;
}

/**
 * The likelihood `name` for a network whose output is linked to it by `link`, by default the family's own.
 * Throws `likelihood/unknown`, `likelihood/option`, `likelihood/link`.
 */
export function resolveLink(name: string, options: LikelihoodOptions = {}, linkName?: string): ResolvedLink {
  const link = getLink(getFamily(name), linkName);
  const { apply } = link;
  return {
    likelihood: getLikelihood(name, options, apply ? 'canonical' : link.name),
    link,
    apply: apply ? (z) => withOrigin(`link ${link.name}`, () => apply(z, options)) : (z) => z,
  };
}

/**
 * What the default or chosen link says, for a family that has several; null otherwise.
 * @throws FimError with `likelihood/unknown`
 */
export function describeLink({ likelihood, link }: Pick<ResolvedLink, 'likelihood' | 'link'>): string | null {
  const { links } = getFamily(likelihood.name);
  return links.length > 1 ? `${likelihood.name}, link ${link.name}: ${link.meaning}` : null;
}
