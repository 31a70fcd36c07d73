/**
 * @module likelihood/registry
 *
 * Likelihoods by name. Adding a family: one file that exports a `Family`, and one line here.
 */
import { FimError } from '../core/errors.js';
import { setting } from '../core/settings/reference.js';
import { nearest } from '../core/suggest.js';
import { bernoulli } from './bernoulli.js';
import { categorical } from './categorical.js';
import { binomial } from './binomial.js';
import { exponential, gamma } from './gamma.js';
import { gaussian } from './gaussian.js';
import { gaussianMv } from './gaussian-mv.js';
import type { Link } from './link.js';
import { poisson } from './poisson.js';
import type { Family, Likelihood, LikelihoodOptions } from './types.js';

/** The families by name, in the order that help lists them. */
export const FAMILIES = {
  categorical,
  bernoulli,
  gaussian,
  /** Mean and scale of each output. */
  'gaussian-mv': gaussianMv,
  poisson,
  binomial,
  exponential,
  gamma,
} as const satisfies Record<string, Family>;

/** Name of a family. */
export type FamilyName = keyof typeof FAMILIES;

/** Every family, in the order that help lists them. */
export const families: readonly Family[] = Object.values(FAMILIES);

/** Their names. */
export const FAMILY_NAMES = Object.keys(FAMILIES) as readonly FamilyName[];

/** Names of the links that some family has. */
export const LINK_NAMES: readonly string[] = [
  ...new Set(families.flatMap(({ links }) => links.map(({ name }) => name))),
];

/** Families of which an output can be several things: those with more than one link. */
export const LINKED_FAMILIES: readonly string[] = families
  .filter(({ links }) => links.length > 1)
  .map(({ name }) => name);

/** Families that have the option `name`. */
export const familiesWith = (name: string): readonly string[] =>
  families.filter(({ options }) => options.some((option) => option.name === name)).map((f) => f.name);

/** The family called `name`. Throws `likelihood/unknown`. */
export function getFamily(name: string): Family {
  const family = families.find((f) => f.name === name);
  if (!family) throw unknownFamily(name);
  return family;
}

/** A family's link, its default where none is named. Throws `likelihood/link`. */
export function getLink(family: Family, name: string = family.defaultLink): Link {
  const link = family.links.find((l) => l.name === name);
  if (link) return link;
  const meant = nearest(
    name,
    family.links.map((l) => l.name),
  );
  throw new FimError({
    code: 'likelihood/link',
    kind: 'usage',
    where: `likelihood ${family.name}`,
    rule: `has the links ${family.links.map((l) => `${l.name} (${l.meaning})`).join(', ')}`,
    got: name,
    ...(meant === null ? {} : { next: setting('link', meant) }),
  });
}

/**
 * The likelihood `name` with its options, e.g. `getLikelihood('gaussian', { variance: 4 })`, for an h that is the natural
 * parameter, or lies in the coordinates that a family's head declares (`getLikelihood('gaussian-mv', {}, 'log-sd')`, the
 * default there). A link that belongs into the graph is put there by `resolveLink` of model/links.
 * Throws `likelihood/unknown`, `likelihood/option`, `likelihood/link`.
 *
 * @example
 * ```ts
 * import { getLikelihood } from 'fim';
 * import { outputs } from 'fim/likelihood';
 *
 * // I(h) of a Gaussian with variance 4 is 1/4.
 * const likelihood = getLikelihood('gaussian', { variance: 4 });
 * const information = new Float64Array(1);
 * likelihood.information(outputs(Float64Array.of(0.3), 1, 1), information);
 * console.log(information[0]); // 0.25
 * ```
 */
export function getLikelihood(name: string, options: LikelihoodOptions = {}, link?: string): Likelihood {
  const family = getFamily(name);
  for (const { name: option, meaning } of family.options) {
    if (options[option] === undefined) {
      throw optionError(name, `needs the ${meaning}`, 'none', setting(option, 1));
    }
  }
  for (const option of Object.keys(options)) {
    if (family.options.some((o) => o.name === option)) continue;
    const known = family.options.map((o) => o.name).join(', ') || 'none';
    throw optionError(
      name,
      `has no option '${option}'; its options: ${known}`,
      `${option} = ${[options[option]].flat().join(', ')}`,
    );
  }
  for (const { name: option, meaning, perOutput } of family.options) {
    const value = options[option];
    if (typeof value === 'number' || perOutput) continue;
    throw optionError(
      name,
      `takes one number as the ${meaning}`,
      value.join(', '),
      setting(option, value[0]),
    );
  }
  const coordinates = link === undefined ? ownCoordinates(family) : getLink(family, link);
  if (coordinates.apply) {
    throw new FimError({
      code: 'likelihood/link',
      where: `likelihood ${name}`,
      rule: `the link ${coordinates.name} becomes part of the network: resolveLink puts it there`,
      got: 'a likelihood without its network',
    });
  }
  return family.create(options, coordinates.name);
}

/** The default link where the likelihood itself has it inside, else the canonical one. */
function ownCoordinates(family: Family): Link {
  const link = getLink(family);
  return link.apply ? getLink(family, 'canonical') : link;
}

function unknownFamily(name: string): FimError {
  const word = name.toLowerCase();
  const meant =
    families.find((f) => f.name === word || f.aliases.includes(word))?.name ??
    nearest(
      word,
      families.map((f) => f.name),
    );
  return new FimError({
    code: 'likelihood/unknown',
    kind: 'usage',
    where: `likelihood '${name}'`,
    rule: `is one of ${families.map((f) => f.name).join(', ')}`,
    ...(meant === null ? {} : { next: setting('likelihood', meant) }),
  });
}

function optionError(name: string, rule: string, got: string, next?: string): FimError {
  return new FimError({
    code: 'likelihood/option',
    kind: 'usage',
    where: `likelihood ${name}`,
    rule,
    got,
    ...(next === undefined ? {} : { next }),
  });
}
