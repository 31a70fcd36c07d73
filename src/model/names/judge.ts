/**
 * @module model/names/judge
 *
 * Verdicts where a file of names says what θ is: its parameters count, in its order, as far as globs choose them by either name (the
 * framework's, or that of the tensor in the file); every other tensor is held fixed.
 */
import { FimError } from '../../core/errors.js';
import { didYouMean } from '../../core/suggest.js';
import { globMatches, type Judged } from '../parameters.js';
import type { NamedNetwork } from './index.js';

export interface NamedChoice {
  readonly include?: readonly string[];
  readonly freeze?: readonly string[];
}

/** Throws `model/glob` for a glob that matches no named parameter, and `model/no-parameters`. */
export function judgeNamed(named: NamedNetwork, where: string, choice: NamedChoice): Judged[] {
  const { include, freeze } = choice;
  const parameters = [...named.parameters];
  const known = parameters.map(([name, p]) => [name, ...p.sources]);
  for (const glob of [...(include ?? []), ...(freeze ?? [])]) {
    if (!known.some((names) => names.some((n) => globMatches(glob, n)))) throw noMatch(glob, where, known);
  }
  const judged = parameters.map(([name, p], i): Judged => {
    const matches = (globs: readonly string[]) => globs.some((g) => known[i].some((n) => globMatches(g, n)));
    const own = { name, value: p.value, tensor: p.tensor, tensors: p.sources };
    const rest = { source: 'initializer' as const, storedType: p.tensor.dtype, roles: [], doubt: false };
    const verdict = (counted: boolean, reason: string): Judged => ({ ...own, ...rest, counted, reason });
    if (freeze && matches(freeze)) return verdict(false, 'frozen by `freeze`');
    if (include && !matches(include)) return verdict(false, 'not chosen by `parameters`');
    return verdict(true, `named in ${where}, ${p.reason}`);
  });
  if (!judged.some((j) => j.counted)) {
    throw new FimError({
      code: 'model/no-parameters',
      where: 'parameters',
      rule: 'no tensor counts as a parameter',
      got: judged.map((j) => `${j.name}: ${j.reason}`).join('; ') || `none of ${where} has a derivative`,
      next: 'leave `parameters` and `freeze` out',
    });
  }
  const others = named.others.map((c): Judged => ({
    ...c,
    counted: false,
    reason: `not named in ${where}`,
    doubt: false,
  }));
  return [...judged, ...others];
}

function noMatch(glob: string, where: string, known: readonly (readonly string[])[]): FimError {
  const names = known.map(([name]) => name);
  return new FimError({
    code: 'model/glob',
    kind: 'usage',
    where: `"${glob}"`,
    rule: `matches no parameter that ${where} names`,
    got: names.join(', '),
    ...didYouMean(glob, names),
  });
}
