/**
 * @module likelihood/link
 *
 * Link from a network's output to the natural parameter of a family. A link other than the canonical one becomes part of the
 * graph, h = h(z), so that h is the natural parameter everywhere downstream, second derivatives included. They are named, as in
 * generalised linear models, by what they say of the mean: `log` is log E y = z, `softplus` is E y = softplus z.
 *
 * A family's default link is one that every real output satisfies: the canonical one where the natural parameter runs over the
 * whole line, else one that cannot leave its domain. It is part of what is printed and stored, never guessed.
 */
import type { Value } from '../graph/index.js';
import { ops as b } from '../graph/index.js';
import type { LikelihoodOptions } from './options.js';

/** A map from a network's output to the natural parameter of a family, by name. */
export interface Link {
  /** Its name, e.g. `log`. */
  readonly name: string;
  /** What the output is under it. */
  readonly meaning: string;
  /** The natural parameter from the output, in the graph; null: the family takes the output as it stands. */
  readonly apply: ((z: Value, options: LikelihoodOptions) => Value) | null;
}

export function canonical(meaning: string): Link {
  return { name: 'canonical', meaning, apply: null };
}

/** Links of a family whose natural parameter is h = −k/mean, k = `shape(options)`. */
export function reciprocalLinks(shape: (options: LikelihoodOptions) => number): Link[] {
  return [
    {
      name: 'log',
      meaning: 'output = log mean',
      apply: (z, options) => b.scale(b.exp(b.neg(z)), -shape(options)),
    },
    { name: 'log-rate', meaning: 'output = log rate', apply: (z) => b.neg(b.exp(z)) },
    {
      name: 'softplus',
      meaning: 'mean = softplus(output)',
      apply: (z, options) => b.scale(b.reciprocal(b.softplus(z)), -shape(options)),
    },
    {
      name: 'identity',
      meaning: 'output = mean, above 0',
      apply: (z, options) => b.scale(b.reciprocal(z), -shape(options)),
    },
    canonical('output = −rate, below 0'),
  ];
}
