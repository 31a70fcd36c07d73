/**
 * @module likelihood/registry
 *
 * Likelihoods by name. Adding a family: one file that exports a `Family`, and one line here.
 */
import { FimError } from '../core/errors.js';
import { nearest } from '../core/suggest.js';
import { bernoulli } from './bernoulli.js';
import { categorical } from './categorical.js';
import { gaussian } from './gaussian.js';
import type { Family, Likelihood } from './types.js';

/** Every family, in the order that help lists them. */
export const families: readonly Family[] = [categorical, bernoulli, gaussian];

/**
 * The likelihood `name` with its options, e.g. `getLikelihood('gaussian', { variance: 4 })`.
 * Throws `likelihood/unknown`, `likelihood/option`.
 */
export function getLikelihood(name: string, options: Readonly<Record<string, number>> = {}): Likelihood {
  const family = families.find((f) => f.name === name);
  if (!family) throw unknownFamily(name);
  for (const { name: option, meaning, flag } of family.options) {
    if (options[option] === undefined) {
      throw optionError(name, `needs the ${meaning}`, 'none', `${flag} 1`);
    }
  }
  for (const option of Object.keys(options)) {
    if (family.options.some((o) => o.name === option)) continue;
    const known = family.options.map((o) => o.name).join(', ') || 'none';
    throw optionError(
      name,
      `has no option '${option}'; its options: ${known}`,
      `${option} = ${options[option]}`,
    );
  }
  return family.create(options);
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
    ...(meant === null ? {} : { next: `--likelihood ${meant}` }),
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
